//! What comes back.

use serde_json::{Value, json};

use crate::helpers::{World, event};

fn purchase() -> Value {
    event(
        "purchase",
        "p1",
        json!({"transactionId": "T1", "value": 25, "currency": "EUR", "items": [
            {"item_id": "A", "price": 10, "quantity": 2, "profit": 4}, {"item_id": "B", "price": 5},
        ]}),
    )
}

#[tokio::test]
async fn a_refund_takes_off_its_items_or_the_whole_order_whatever_comes_first() {
    let of_items = event(
        "refund",
        "r1",
        json!({"transactionId": "T1", "currency": "EUR", "items": [
            {"item_id": "A", "price": 10, "quantity": 1, "profit": 4},
        ]}),
    );
    let of_order = event(
        "refund",
        "r2",
        json!({"transactionId": "T1", "value": 25, "currency": "EUR"}),
    );
    // Events in order; then A's revenue, profit and units back, and the order's revenue.
    let cases = [
        (
            vec![purchase(), of_items.clone()],
            ["10.00", "4.00", "1", "15.00"],
        ),
        (
            vec![of_items.clone(), purchase()],
            ["10.00", "4.00", "1", "15.00"],
        ),
        (
            vec![purchase(), of_items.clone(), of_order.clone()],
            ["0.00", "0.00", "2", "0.00"],
        ),
        (
            vec![of_order.clone(), purchase(), of_items],
            ["0.00", "0.00", "2", "0.00"],
        ),
        (
            vec![purchase(), of_order.clone()],
            ["0.00", "0.00", "2", "0.00"],
        ),
        (
            vec![of_order.clone(), purchase()],
            ["0.00", "0.00", "2", "0.00"],
        ),
        (
            vec![of_order.clone(), purchase(), of_order],
            ["0.00", "0.00", "2", "0.00"],
        ),
    ];
    for (events, expected) in cases {
        let world = World::new();
        let counter = world.start();
        for event in &events {
            counter.push(event).await;
        }
        let item = counter.get_json("/api/items/A").await;
        let now = &item["windows"]["all"]["now"];
        let profit = now["profit"]["EUR"].as_str().unwrap_or("0.00");
        let summary = counter.get_json("/api/summary?window=all").await;
        let found = [
            now["revenue"]["EUR"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            profit.to_owned(),
            now["unitsRefunded"].to_string(),
            summary["now"]["orderRevenue"]["EUR"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        ];
        assert_eq!(found, expected, "{events:?}");
        assert_eq!(summary["now"]["unallocatedRefunds"]["count"], 0);
    }
}

#[tokio::test]
async fn a_refund_of_an_unknown_order_is_shown_and_takes_nothing_off() {
    let world = World::new();
    let counter = world.start();
    counter.push(&purchase()).await;
    let unknown = event(
        "refund",
        "r1",
        json!({"transactionId": "T9", "value": 99, "currency": "EUR"}),
    );
    counter.push(&unknown).await;
    let summary = counter.get_json("/api/summary?window=all").await;
    assert_eq!(
        summary["now"]["unallocatedRefunds"],
        json!({"count": 1, "value": {"EUR": "99.00"}})
    );
    assert_eq!(summary["now"]["orderRevenue"], json!({"EUR": "25.00"}));
}
