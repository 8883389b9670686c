//! Redaction and idempotency: the same event sent twice stays one, and what names an event never changes.

use events::{Identity, PurchaseIdentity, RedactionSettings, from_publisher, redact};
use serde_json::{Value, json};

use crate::support::NOW;

/// Identity and content hash, before and after.
fn named(body: &Value) -> [(Identity, String); 2] {
    let mut update = from_publisher(body, NOW).expect("accepted");
    let name = |update: &events::BackendUpdate| {
        (
            Identity::of(update, "m", PurchaseIdentity::Transaction),
            update.content_hash(),
        )
    };
    let before = name(&update);
    redact(&mut update, &RedactionSettings::default()).expect("nothing is refused");
    [before, name(&update)]
}

fn purchase(data: &str) -> Value {
    let data: Value = serde_json::from_str(data).expect("JSON");
    json!({"eventType": "purchase", "eventId": "jane@example.com", "userId": "4111111111111111", "data": data})
}

#[test]
fn an_event_that_is_sent_twice_is_the_same_event_in_any_order_of_its_members() {
    let one = purchase(
        r#"{"transaction_id":"4111111111111111","by":{"a@b.cc":1,"c@b.cc":2},"note":"x@y.zz"}"#,
    );
    let other = purchase(
        r#"{"note":"x@y.zz","by":{"c@b.cc":2,"a@b.cc":1},"transaction_id":4111111111111111}"#,
    );
    let ([before, after], [_, again]) = (named(&one), named(&other));
    assert_eq!(after, again);
    assert_eq!(before.0, after.0, "redaction leaves the identity alone");
    assert_eq!(after.0.as_str(), "purchase:4111111111111111");
    assert_ne!(before.1, after.1, "the hash is of what is published");
}

#[test]
fn keys_that_become_alike_stay_apart_even_when_one_has_a_number_already() {
    let by = json!({"a@b.cc": 1, "c@b.cc": 2, "d@b.cc 2": 3, "[e-mail] 3": 4});
    let body = json!({"eventType": "a", "eventId": "e", "data": {"by": by}});
    let mut update = from_publisher(&body, NOW).expect("accepted");
    let told = redact(&mut update, &RedactionSettings::default()).expect("nothing is refused");
    let mut values: Vec<&Value> = update.data["by"]
        .as_object()
        .expect("an object")
        .values()
        .collect();
    values.sort_by_key(|value| value.as_i64());
    assert_eq!(values, [&json!(1), &json!(2), &json!(3), &json!(4)]);
    assert_eq!(told.pointers.len(), 3, "{told:?}");
}

#[test]
fn an_event_of_a_server_container_loses_what_is_personal_and_nothing_else() {
    let page = "https://shop.example/thanks?order=1000123456789012&em=jane%40example.com&_gl=1*1x2y3z*_ga*MTIwMzk0ODU3MQ..";
    let before = json!({
        "event_name": "purchase", "transaction_id": "4111111111111111", "value": 184.5, "coupon": "SAVE@10.NOW", "page_location": page,
        "page_referrer": "android-app://com.example.shop/", "gclid": "Cj0KCQiA4111111111111111wE", "ga_session_id": "1690000000",
        "x-ga-mp2-richsstsse": "", "client_hints": {"model": "SM-G991B", "platform_version": "13.0.0"},
        "cookies": ["GS1.1.1690000000.1.1.1690000001.0.0.0", "GA1.1.1203948571.1763981200", "fb.1.1596403881668.1116446470"],
        "items": [{"item_id": "4006381333931", "item_name": "Shirt @home", "image": "https://cdn.example/i/logo@2x.png", "price": 1}],
        "timestamp_micros": "1764060134221000", "tracking": "1Z999AA10123456784", "iban": "DE89 3704 0044 0532 0130 00",
        "user_data": {
            "sha256_email_address": ["8c87b489ce35cf2e2f39f80e282cb2e804932a56a213983eeeb428407d43b52d"], "email_address": "Jane@Example.com",
            "address": [{"first_name": "Jane", "street": "Main St 4111", "postal_code": "10115", "country": "DE"}],
        },
    });
    let body = json!({"eventType": "begin", "eventId": "e", "clientId": "1203948571.1763981200", "data": before});
    let mut update = from_publisher(&body, NOW).expect("accepted");
    let told = redact(&mut update, &RedactionSettings::default()).expect("nothing is refused");
    assert_eq!(
        told.pointers,
        ["/data/page_location", "/data/user_data/email_address"]
    );
    let mut expected = before;
    expected["page_location"] = page.replace("jane%40example.com", "[e-mail]").into();
    expected["user_data"]["email_address"] = "[e-mail]".into();
    assert_eq!(Value::Object(update.data), expected);
}
