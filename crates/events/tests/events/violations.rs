//! What is refused, where the complaint points, and that it never repeats what was sent.

use events::{BackendUpdate, Limits, Violation, from_publisher, from_publisher_within};
use serde_json::{Value, json};

use crate::support::{NOW, read_with};

fn purchase(data: Value) -> Value {
    json!({"eventType": "purchase", "eventId": "evt-1", "data": data})
}

fn pointers(result: Result<BackendUpdate, Vec<Violation>>) -> Vec<String> {
    result
        .err()
        .unwrap_or_default()
        .into_iter()
        .map(|violation| violation.pointer)
        .collect()
}

fn refused(body: &Value) -> Vec<String> {
    pointers(from_publisher(body, NOW))
}

#[test]
fn the_body_must_be_one_event() {
    for body in [
        json!([]),
        json!([{"eventType": "purchase"}]),
        json!("purchase"),
        json!(null),
        json!(7),
    ] {
        assert_eq!(refused(&body), [""], "{body}");
    }
    let message = &from_publisher(&json!([]), NOW).expect_err("refused")[0].message;
    assert!(
        message.contains("one event per request") && message.contains("/publish-events"),
        "{message}"
    );
}

#[test]
fn type_and_id_are_required_and_have_a_form() {
    assert_eq!(refused(&json!({})), ["/eventType", "/eventId"]);
    let long = "x".repeat(257);
    let cases: &[(&str, Value)] = &[
        ("eventType", json!("1st")),
        ("eventType", json!("two words")),
        ("eventType", json!("a".repeat(65))),
        ("eventType", json!("käuf")),
        ("eventType", json!(5)),
        ("eventType", json!("pubsub")),
        ("eventType", json!(" ")),
        ("eventId", json!("")),
        ("eventId", json!(null)),
        ("eventId", json!(long)),
        ("eventId", json!("a\nb")),
        ("eventId", json!({"id": 1})),
        ("clientId", json!(["a"])),
        ("userId", json!(true)),
        ("userId", json!(long)),
        ("data", json!([])),
        ("data", json!("text")),
    ];
    for (key, value) in cases {
        let mut body = purchase(json!({}));
        body[*key] = value.clone();
        assert_eq!(refused(&body), [format!("/{key}")], "{key}: {value}");
    }
}

#[test]
fn real_traffic_is_not_refused() {
    let accepted = [
        json!({"eventType": "purchase", "eventId": 12345}),
        json!({"eventType": "A.b-c_9", "eventId": "x".repeat(256), "clientId": null, "userId": "", "data": null}),
        json!({"eventType": "purchase", "eventId": "é", "clientId": 77.5, "userId": 9, "eventTimestampMs": "soon"}),
        purchase(json!({"value": 0, "items": []})),
        purchase(json!({"value": null, "currency": null, "items": null, "transactionId": null})),
        purchase(json!({"items": [{"price": 0, "quantity": 0}, {"item_id": null}, {}]})),
        purchase(json!({"items": [{"quantity": 2.0, "price": "1.123456789"}]})),
        purchase(json!({"transaction_id": "A", "transactionId": "A"})),
        purchase(json!({"transaction_id": 7, "transactionId": "7"})),
        purchase(json!({"currency": "eur", "items": "[{\"item_id\":1}]"})),
        json!({"eventType": "refund", "eventId": "r", "data": {"value": -5}}),
        json!({"eventType": "view_item", "eventId": "v", "data": {"items": [{"price": -1, "quantity": -1}]}}),
        json!({"eventType": "LowStock", "eventId": "l", "data": {"stock": -3.5}}),
        json!({"eventType": "user_login", "eventId": "u", "data": {"isFirstLogin": "perhaps", "items": 5}}),
        json!({"eventType": "sign_up", "eventId": "s", "data": {"value": "NaN", "items": 5, "currency": "?"}}),
    ];
    for body in accepted {
        assert_eq!(refused(&body), Vec::<String>::new(), "{body}");
    }
}

#[test]
fn money_and_quantities_that_are_none_are_refused_where_they_stand() {
    let item = |item: Value| json!({"items": [{"item_id": "A"}, item]});
    let cases = [
        (json!({"value": "NaN"}), "/data/value"),
        (json!({"value": "Infinity"}), "/data/value"),
        (json!({"value": "12,50"}), "/data/value"),
        (json!({"value": ""}), "/data/value"),
        (json!({"value": {}}), "/data/value"),
        (json!({"value": true}), "/data/value"),
        (json!({"value": -0.01}), "/data/value"),
        (json!({"value": "-1"}), "/data/value"),
        (json!({"value": 1e13}), "/data/value"),
        (
            json!({"transaction_value": "lots"}),
            "/data/transaction_value",
        ),
        (json!({"currency": "EURO"}), "/data/currency"),
        (json!({"currency": "ZZZ"}), "/data/currency"),
        (json!({"currency": 978}), "/data/currency"),
        (json!({"transactionId": {}}), "/data/transactionId"),
        (
            json!({"transactionId": "x".repeat(1501)}),
            "/data/transactionId",
        ),
        (
            json!({"transactionId": "A", "transaction_id": "B"}),
            "/data/transaction_id",
        ),
        (json!({"items": {"item_id": "A"}}), "/data/items"),
        (json!({"items": "LAMP-07"}), "/data/items"),
        (json!({"items": "[1,"}), "/data/items"),
        (json!({"items": [{}, 5]}), "/data/items/1"),
        (json!({"items": "[{},null]"}), "/data/items/1"),
        (item(json!({"quantity": -1})), "/data/items/1/quantity"),
        (item(json!({"quantity": 1.5})), "/data/items/1/quantity"),
        (item(json!({"quantity": "2.5"})), "/data/items/1/quantity"),
        (item(json!({"quantity": "two"})), "/data/items/1/quantity"),
        (item(json!({"quantity": 1e30})), "/data/items/1/quantity"),
        (item(json!({"price": -1})), "/data/items/1/price"),
        (item(json!({"price": "NaN"})), "/data/items/1/price"),
        (item(json!({"profit": "some"})), "/data/items/1/profit"),
        (item(json!({"currency": "XYZ"})), "/data/items/1/currency"),
        (item(json!({"item_id": [1]})), "/data/items/1/item_id"),
        (
            item(json!({"price": 9_000_000_000_000_i64, "quantity": 2})),
            "/data/items/1/quantity",
        ),
        (
            json!({"items": [{"price": 9e12}, {"price": 9e12}]}),
            "/data/items",
        ),
    ];
    for (data, pointer) in cases {
        assert_eq!(refused(&purchase(data.clone())), [pointer], "{data}");
        let pushed = read_with(purchase(data.clone()).to_string().as_bytes(), |_| ());
        let Err(events::Unreadable::Invalid(violations)) = pushed else {
            panic!("the push of {data} should be invalid");
        };
        assert_eq!(violations[0].pointer, pointer, "{data}");
    }
}

#[test]
fn all_violations_are_told_at_once() {
    let body = json!({"eventType": "?", "clientId": [], "data": {"value": "x"}});
    assert_eq!(
        refused(&body),
        ["/eventType", "/eventId", "/clientId"],
        "without a type nothing is known of the data"
    );
    let body = purchase(
        json!({"value": "x", "currency": "y", "items": [{"price": "z", "quantity": 0.5}, 7]}),
    );
    let expected = [
        "/data/value",
        "/data/currency",
        "/data/items/0/price",
        "/data/items/0/quantity",
        "/data/items/1",
    ];
    assert_eq!(refused(&body), expected);
}

#[test]
fn more_items_than_the_limit_are_refused() {
    let body = purchase(json!({"items": vec![json!({"item_id": "A"}); 501]}));
    assert_eq!(refused(&body), ["/data/items"]);
    let limits = Limits {
        max_items: 501,
        ..Limits::default()
    };
    assert_eq!(
        pointers(from_publisher_within(body.clone(), NOW, limits)),
        Vec::<String>::new()
    );
}

#[test]
fn no_complaint_repeats_the_value() {
    let secret = "someone@shop.example";
    let body = json!({"eventType": secret, "eventId": "e", "data": {}});
    let typed = purchase(
        json!({"value": secret, "currency": secret, "items": [{"price": secret, "quantity": secret}]}),
    );
    for body in [body, typed] {
        let violations = from_publisher(&body, NOW).expect_err("refused");
        assert!(!format!("{violations:?}").contains(secret));
        let unreadable = read_with(body.to_string().as_bytes(), |_| ()).expect_err("unreadable");
        assert!(!format!("{unreadable} {unreadable:?}").contains(secret));
    }
    let update = from_publisher(&purchase(json!({"email": secret})), NOW).expect("accepted");
    assert!(!format!("{update:?}").contains(secret));
}
