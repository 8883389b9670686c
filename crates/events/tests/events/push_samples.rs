//! Every sample of what others put on a topic: Hermes' objects, bare items, whole envelopes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use events::{MessageContext, Timestamp, Unreadable, items, read_message};
use serde_json::json;

use crate::support::{attributes, check, read_as, read_with, sample, written};

#[test]
fn hermes_messages_become_events() {
    let mug = json!([{"item_id": "MUG-01", "item_name": "Mug", "price": 18.5, "quantity": 4}]);
    check(
        "hermes_data.jsonl",
        None,
        &[
            (
                json!({"transactionId": "9f0c2c1e-51a7-4a7a-8d3e-2f1b6ad0e711", "value": 150, "items":
                    [{"item_id": "blazer", "item_name": "Blazer", "price": 150, "quantity": 1, "currency": "GBP"}]}),
                "pubsub:9001",
                Some("150.00 GBP"),
            ),
            (
                json!({"transactionId": "ORD-70311", "value": 184.5, "item_count": 11, "currency": "EUR", "items": [
                    {"item_id": "LAMP-07", "item_name": "Brass Desk Lamp", "price": 129.5, "quantity": 1},
                    {"item_id": "BULB-E14", "item_name": "LED Bulb E14", "price": 5.5, "quantity": 10}]}),
                "pubsub:9001",
                Some("184.50 EUR"),
            ),
            (
                json!({"items": [{"item_id": "456", "item_name": "T-Shirt", "price": 30, "quantity": 2, "currency": "DKK"}]}),
                "pubsub:9001",
                Some("60.00 DKK"),
            ),
            (
                json!({"transactionId": "ORD-70399", "quantity": null}),
                "pubsub:9001",
                None,
            ),
            (
                json!({"ga_session_id": "1764055890", "method": "google"}),
                "pubsub:9001",
                None,
            ),
            (
                json!({"lead_score": 0.82, "page_location": "https://shop.example/demo?utm_source=google"}),
                "pubsub:9001",
                None,
            ),
            (
                json!({"transactionId": "ORD-70400", "items": mug}),
                "pubsub:9001",
                Some("74.00 XXX"),
            ),
        ],
    );
    let lines = sample("hermes_data.jsonl");
    let sign_up = read_as(&lines[4], None).update;
    assert_eq!(sign_up.event_type.as_deref(), Some("sign_up"));
    assert_eq!(sign_up.client_id.as_deref(), Some("77120034.1764055890"));
    assert_eq!(
        read_as(&lines[5], None).update.user_id.as_deref(),
        Some("cust-77120")
    );
}

#[test]
fn hermes_orders_are_recognised_by_their_transaction_when_a_hint_says_purchase() {
    let lines = sample("hermes_data.jsonl");
    for (index, identity) in [
        (0, "purchase:9f0c2c1e-51a7-4a7a-8d3e-2f1b6ad0e711"),
        (1, "purchase:ORD-70311"),
        (2, "pubsub:9001"),
        (3, "purchase:ORD-70399"),
        (6, "purchase:ORD-70400"),
    ] {
        assert_eq!(
            read_as(&lines[index], Some("purchase")).identity.as_str(),
            identity
        );
    }
    let published = &sample("publisher_purchase.jsonl")[0];
    assert_eq!(
        read_as(published, None).identity.as_str(),
        "purchase:ORD-70311"
    );
}

#[test]
fn hermes_publish_bodies_hold_the_same_seven() {
    let bodies = sample("hermes_publish_bodies.jsonl");
    let data = sample("hermes_data.jsonl");
    assert_eq!(bodies.len(), data.len());
    for (body, expected) in bodies.iter().zip(&data) {
        let encoded = body["messages"][0]["data"].as_str().expect("text");
        let bytes = STANDARD.decode(encoded).expect("base64");
        let received = read_with(&bytes, |_| ()).expect("readable");
        assert!(received == read_as(expected, None));
    }
}

#[test]
fn items_of_the_reference_article_are_purchases_to_the_counter() {
    let lines = sample("items_realtime.jsonl");
    let figures: [(usize, &[i64], Option<&str>); 8] = [
        (2, &[1, 2], Some("210.00 DKK")),
        (1, &[1], Some("129.50 EUR")),
        (1, &[1], Some("39.95 GBP")),
        (2, &[4, 1], Some("92.50 GBP")),
        (1, &[1], Some("12.00 USD")),
        (2, &[1, 1], Some("90.50 SEK")),
        (1, &[3], Some("12900 JPY")),
        (0, &[], None),
    ];
    assert_eq!(lines.len(), figures.len());
    for (line, (count, quantities, value)) in lines.iter().zip(figures) {
        let received = read_with(line.to_string().as_bytes(), |context| {
            context.items_hint = Some("purchase")
        })
        .unwrap_or_else(|unreadable| panic!("{line}: {unreadable}"));
        assert_eq!(
            received.update.event_type.as_deref(),
            (count > 0).then_some("purchase"),
            "{line}"
        );
        let items = items(&received.update);
        assert_eq!(
            items.iter().map(|item| item.quantity).collect::<Vec<_>>(),
            quantities,
            "{line}"
        );
        assert_eq!(written(received.value).as_deref(), value, "{line}");
        assert_eq!(received.identity.as_str(), "pubsub:9001", "{line}");
    }
}

#[test]
fn awkward_items_keep_their_ids_names_and_profit() {
    let lines = sample("items_realtime.jsonl");
    let first = |index: usize| items(&read_as(&lines[index], None).update).remove(0);
    assert_eq!(written(first(1).profit).as_deref(), Some("41.20 EUR"));
    assert_eq!(first(1).item_category.as_deref(), Some("Lighting"));
    assert_eq!(first(4).item_id.as_deref(), Some("90210"));
    assert_eq!(first(5).item_id.as_deref(), Some("SETS/DINNER-4"));
    assert_eq!(first(6).item_id.as_deref(), Some("TEA-煎茶"));
    let gift_wrap = items(&read_as(&lines[5], None).update).remove(1);
    assert_eq!(
        (gift_wrap.item_id, gift_wrap.item_name.as_deref()),
        (None, Some("Gift wrap"))
    );
    assert_eq!(
        read_as(&lines[3], None).update.data["items"][0]["price"],
        json!(18.5)
    );
}

#[test]
fn whole_envelopes_are_read_and_one_without_data_says_so() {
    let readings: Vec<_> = sample("push_envelopes.jsonl")
        .iter()
        .map(|envelope| {
            let message = &envelope["message"];
            let data = STANDARD
                .decode(message["data"].as_str().unwrap_or_default())
                .expect("base64");
            let mut attributes = attributes([]);
            for (name, value) in message["attributes"].as_object().into_iter().flatten() {
                attributes.insert(name.clone(), value.as_str().expect("text").to_owned());
            }
            let published =
                Timestamp::parse_rfc3339(message["publishTime"].as_str().expect("text"))
                    .expect("a time");
            let message_id = message["messageId"].as_str().expect("text");
            read_message(&MessageContext::new(
                &data,
                &attributes,
                message_id,
                published,
            ))
        })
        .collect();
    let identities: Vec<_> = readings
        .iter()
        .map(|reading| reading.as_ref().map(|received| received.identity.as_str()))
        .collect();
    assert_eq!(
        identities,
        [
            Ok("generate_lead:evt_lead_5be1a3"),
            Ok("user_login:evt_login_a11"),
            Ok("pubsub:9921"),
            Err(&Unreadable::Empty),
        ]
    );
    let lead = &readings[0].as_ref().expect("readable").update;
    assert_eq!(
        (lead.event_timestamp_ms, lead.received_ms),
        (1_764_060_481_127, 1_764_060_481_502)
    );
}
