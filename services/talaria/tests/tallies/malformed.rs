//! What is no event, or can't be counted: acknowledged, kept with the reason, and in nobody's way.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::counter::{Counter, world};
use crate::events_of_a_shop::{an_hour_ago, event};
use crate::oracle::Oracle;
use crate::shown::assert_figures;
use crate::support::{envelope, envelope_of_base64};

/// As much of one currency as a sum can hold.
const FULL: &str = "9999999999.999999";

/// A push, and words of its letter's reason.
struct Malformed {
    envelope: Value,
    reason: &'static str,
    says: &'static str,
}

fn purchase_with(pointer: &str, value: Value) -> Value {
    let mut event = json!({"eventType": "purchase", "eventId": "evt", "data": {
        "transactionId": "BAD", "value": 5, "currency": "EUR", "items": [{"item_id": "BAD", "price": 5, "quantity": 1}],
    }});
    *event.pointer_mut(pointer).expect("it is there") = value;
    event
}

fn unreadable() -> Vec<(Value, &'static str)> {
    let deep = format!("{}1{}", "[".repeat(70), "]".repeat(70));
    let deep: Value = serde_json::from_str(&deep).expect("JSON");
    let mut without_data = envelope("m", &Value::Null);
    without_data["message"]
        .as_object_mut()
        .expect("an object")
        .remove("data");
    without_data["message"]["attributes"] = json!({"eventType": "purchase"});
    vec![
        (envelope_of_base64("m", "no base64!"), "base64"),
        (envelope_of_base64("m", "eyJldmVudFR5cGUi"), "not JSON"),
        (envelope_of_base64("m", "/////w=="), "not JSON"),
        (without_data, "no data"),
        (envelope("m", &json!(7)), "neither an object nor an array"),
        (envelope("m", &deep), "nested deeper"),
    ]
}

fn invalid() -> Vec<(Value, &'static str)> {
    let with = |pointer, value| envelope("m", &purchase_with(pointer, value));
    let items: Vec<Value> = (0..501).map(|index| json!({"item_id": index})).collect();
    vec![
        (
            with("/data/items/0/price", json!(-5)),
            "/data/items/0/price",
        ),
        (
            with("/data/items/0/price", json!("much")),
            "/data/items/0/price",
        ),
        (
            with("/data/items/0/quantity", json!(1.5)),
            "/data/items/0/quantity",
        ),
        (
            with(
                "/data/items/0/quantity",
                json!(9_000_000_000_000_000_000_u64),
            ),
            "/data/items/0/quantity",
        ),
        (
            with("/data/items/0/item_id", "x".repeat(1501).into()),
            "1500 bytes",
        ),
        (
            with("/data/items/0/item_id", json!(["BAD"])),
            "/data/items/0/item_id",
        ),
        (with("/data/items/0", json!("BAD")), "/data/items/0"),
        (with("/data/items", json!("BAD")), "/data/items"),
        (with("/data/items", items.into()), "500 items"),
        (with("/data/currency", json!("EURO")), "/data/currency"),
        (with("/data/value", json!(1e20)), "/data/value"),
        (with("/eventType", json!("1 purchase")), "/eventType"),
    ]
}

fn malformed() -> Vec<Malformed> {
    let of = |reason, cases: Vec<(Value, &'static str)>| {
        cases.into_iter().map(move |(envelope, says)| Malformed {
            envelope,
            reason,
            says,
        })
    };
    let mut all: Vec<Malformed> = of("unreadable", unreadable())
        .chain(of("invalid", invalid()))
        .collect();
    for (index, one) in all.iter_mut().enumerate() {
        let message_id: Value = format!("bad-{index}").into();
        one.envelope["message"]["messageId"] = message_id.clone();
        one.envelope["message"]["message_id"] = message_id;
    }
    all
}

fn good(number: usize, begin: i64) -> String {
    let item = json!({"item_id": "GOOD", "price": "1.10", "quantity": 1});
    event(
        "purchase",
        number,
        begin,
        &json!({"currency": "EUR", "items": [item]}),
    )
}

/// The letter of a message: reason and detail.
async fn letter(counter: &Counter, message_id: &str) -> (String, String) {
    let list = counter.page.get("/api/dead-letters?limit=1000").await;
    let letters = list["deadLetters"].as_array().expect("letters").iter();
    let mut its = letters.filter(|letter| letter["messageId"] == message_id);
    let letter = its
        .next()
        .unwrap_or_else(|| panic!("no letter of {message_id}"));
    assert!(its.next().is_none(), "{message_id} has two letters");
    let text = |name: &str| letter[name].as_str().expect("a text").to_owned();
    (text("reason"), text("detail"))
}

#[tokio::test]
async fn what_is_malformed_is_a_dead_letter_with_its_reason_and_everything_else_goes_on() {
    let world = world();
    let (counter, begin) = (Counter::start(&world).await, an_hour_ago());
    let (malformed, mut sent) = (malformed(), Vec::new());
    for number in 0..2 * malformed.len() {
        let text = good(number, begin);
        counter.publish(&text).await;
        sent.push(text);
        counter
            .push("", &malformed[number % malformed.len()].envelope)
            .await;
    }
    world.all_acknowledged().await;
    assert_figures(&counter.page, &Oracle::published(&sent)).await;
    for Malformed {
        envelope,
        reason,
        says,
    } in &malformed
    {
        let message_id = envelope["message"]["messageId"].as_str().expect("a text");
        let (found, detail) = letter(&counter, message_id).await;
        assert_eq!(found, *reason, "{message_id}: {detail}");
        assert!(
            detail.contains(says),
            "{message_id}: {says:?} is not in {detail:?}"
        );
    }
    assert_eq!(world.letters().await.len(), malformed.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_overflows_a_sum_is_refused_alone() {
    let world = world();
    let (counter, begin) = (Arc::new(Counter::start(&world).await), an_hour_ago());
    let huge = |transaction: &str| {
        // As much as one event may hold: ten of them would be more than a sum can.
        let item = json!({"item_id": "GOLD", "price": FULL, "quantity": 1});
        json!({"eventType": "purchase", "eventId": transaction, "data": {
            "transactionId": transaction, "currency": "VND", "value": 1, "items": vec![item; 500],
        }})
    };
    counter.push("", &envelope("first", &huge("FIRST"))).await;
    let mut sent = vec![huge("FIRST").to_string()];
    let mut pushes = JoinSet::new();
    for number in 0..60 {
        let text = good(number, begin);
        let event = serde_json::from_str(&text).expect("JSON");
        sent.push(text);
        for (message_id, event) in [
            (format!("good-{number}"), event),
            ("second".into(), huge("SECOND")),
        ] {
            let counter = Arc::clone(&counter);
            pushes.spawn(async move { counter.push("", &envelope(&message_id, &event)).await });
        }
    }
    while let Some(ended) = pushes.join_next().await {
        ended.expect("acknowledged");
    }
    assert_figures(&counter.page, &Oracle::published(&sent)).await;
    let (reason, detail) = letter(&counter, "second").await;
    assert_eq!(reason, "invalid");
    assert!(detail.contains("too large"), "{detail}");
    assert_eq!(world.letters().await.len(), 1);
}
