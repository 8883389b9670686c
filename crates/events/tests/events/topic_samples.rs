//! Every sample of a topic of its own: promotions and low stock, whose push address names the event type.

use serde_json::json;

use crate::support::{check, read_as, sample};

#[test]
fn promotions_keep_their_keys_and_their_value() {
    let lamp = json!([{"item_id": "LAMP-07", "item_name": "Brass Desk Lamp", "price": 129.5, "quantity": 1,
        "promotion_id": "P-LOYAL-GOLD", "promotion_name": "Gold tier 10%"}]);
    let mugs = json!([{"item_id": "MUG-01", "item_name": "Mug", "price": 18.5, "quantity": 3, "coupon": "2-FOR-3",
        "discount": 18.5}]);
    check(
        "promotions.jsonl",
        Some("promotion"),
        &[
            (
                json!({"transactionId": "ORD-70313", "item_promotion": "AUTUMN15", "value": 39.95, "currency": "GBP",
                    "item_id": "BOWL-10"}),
                "pubsub:9001",
                Some("39.95 GBP"),
            ),
            (
                json!({"transactionId": "ORD-70318", "item_promotion": "BF-2025-HOME", "value": 212.0, "currency": "EUR"}),
                "pubsub:9001",
                Some("212.00 EUR"),
            ),
            (
                json!({"transactionId": "ORD-70319", "item_promotion": "FREESHIP50", "value": 58.2, "currency": "GBP"}),
                "pubsub:9001",
                Some("58.20 GBP"),
            ),
            (
                json!({"transactionId": "ORD-70320", "promotion_id": "P-LOYAL-GOLD", "promotion_name": "Gold tier 10%",
                    "coupon": "GOLD10", "discount": 14.9, "items": lamp}),
                "pubsub:9001",
                Some("129.50 XXX"),
            ),
            (
                json!({"transactionId": "ORD-70321", "item_promotion": "2-FOR-3", "items": mugs}),
                "pubsub:9001",
                Some("55.50 XXX"),
            ),
            (
                json!({"transactionId": "ORD-70322", "item_promotion": "WELCOME-NEWS", "value": 24.0, "currency": "DKK"}),
                "pubsub:9001",
                Some("24.00 DKK"),
            ),
        ],
    );
    let lines = sample("promotions.jsonl");
    assert_eq!(
        read_as(&lines[1], None).update.client_id.as_deref(),
        Some("1203948571.1763981200")
    );
    assert_eq!(
        read_as(&lines[5], None).update.user_id.as_deref(),
        Some("cust-60210")
    );
}

#[test]
fn low_stock_becomes_numbers_and_may_be_negative() {
    check(
        "low_stock.jsonl",
        Some("LowStock"),
        &[
            (json!({"sku": "BOWL-10"}), "pubsub:9001", None),
            (
                json!({"sku": "BOWL-10", "stock": 4, "threshold": 5}),
                "pubsub:9001",
                None,
            ),
            (
                json!({"sku": "LAMP-07", "stock": 2, "threshold": 3, "transactionId": "ORD-70311"}),
                "pubsub:9001",
                None,
            ),
            (
                json!({"sku": "TEA-煎茶", "stock": 0, "threshold": 10, "location_id": "WH-OSAKA"}),
                "pubsub:9001",
                None,
            ),
            (
                json!({"sku": "SETS/DINNER-4", "stock": 1}),
                "pubsub:9001",
                None,
            ),
            (
                json!({"sku": "MUG-01", "stock": -1, "threshold": 5}),
                "pubsub:9001",
                None,
            ),
        ],
    );
    for line in sample("low_stock.jsonl") {
        assert_eq!(
            read_as(&line, Some("LowStock"))
                .update
                .event_type
                .as_deref(),
            Some("LowStock")
        );
    }
}
