//! How a push is read: which of several names and identities counts, and what it is worth.

use events::{BackendUpdate, PurchaseIdentity};
use serde_json::{Value, json};

use crate::support::{NOW, read_as, read_with, read_with_attributes, written};

#[test]
fn the_event_type_comes_from_the_attribute_then_the_data_then_the_hint() {
    let hinted = |value: Value| read_as(&value, Some("hinted")).update.event_type;
    assert_eq!(hinted(json!({"a": 1})).as_deref(), Some("hinted"));
    assert_eq!(
        hinted(json!({"event_name": "named"})).as_deref(),
        Some("named")
    );
    assert_eq!(
        hinted(json!({"event_name": "named", "eventType": "typed"})).as_deref(),
        Some("typed")
    );
    assert_eq!(
        hinted(json!({"eventId": "e", "event_name": "named", "data": {}})).as_deref(),
        Some("named")
    );

    let both = json!({"event_name": "named", "a": 1});
    let update = read_with_attributes(&both, [("eventType", "attributed")]).update;
    assert_eq!(update.event_type.as_deref(), Some("attributed"));
    assert_eq!(
        update.data["event_name"], "named",
        "what did not become the type is kept"
    );
    let update = read_with_attributes(&both, [("eventType", "named")]).update;
    assert_eq!(update.data.keys().collect::<Vec<_>>(), ["a"]);
}

#[test]
fn a_hint_that_is_no_event_type_is_said_and_a_blank_one_is_none() {
    let read = |data: &[u8], hint: &'static str| {
        read_with(data, |context| {
            context.event_type_hint = Some(hint);
            context.items_hint = Some("purchase");
        })
    };
    for hint in ["1st", "two words", "pubsub"] {
        let error = read(b"{\"a\":1}", hint).expect_err("no event type");
        assert!(error.to_string().contains("?as="), "{hint}: {error}");
        let named = read(b"{\"eventType\":\"named\"}", hint).expect("readable");
        assert_eq!(named.update.event_type.as_deref(), Some("named"), "{hint}");
    }
    for (data, event_type) in [(&b"{\"items\":[{}]}"[..], Some("purchase")), (b"{}", None)] {
        let received = read(data, " ").expect("readable");
        assert_eq!(received.update.event_type.as_deref(), event_type);
    }
}

#[test]
fn ids_of_a_flat_message_move_around_the_data() {
    let flat = json!({"event_name": "sign_up", "event_id": 7, "client_id": "c", "user_id": 9.5, "consent": {"ads": true}, "plan": "x"});
    let received = read_as(&flat, None);
    let update = &received.update;
    assert_eq!(update.event_id.as_deref(), Some("7"));
    assert_eq!(
        (update.client_id.as_deref(), update.user_id.as_deref()),
        (Some("c"), Some("9.5"))
    );
    assert_eq!(update.consent, Some(json!({"ads": true})));
    assert_eq!(Value::Object(update.data.clone()), json!({"plan": "x"}));
    assert_eq!(received.identity.as_str(), "sign_up:7");
    assert_eq!(
        read_with_attributes(&json!({"eventType": "a"}), [("eventId", "e")])
            .identity
            .as_str(),
        "a:e"
    );
}

#[test]
fn purchases_are_recognised_by_transaction_unless_told_otherwise() {
    let by = |body: &Value, purchase_identity: PurchaseIdentity| {
        let read = read_with(body.to_string().as_bytes(), |context| {
            context.purchase_identity = purchase_identity
        });
        read.expect("readable").identity.as_str().to_owned()
    };
    let body = json!({"eventType": "purchase", "eventId": "e", "data": {"transaction_id": 70311}});
    assert_eq!(by(&body, PurchaseIdentity::Transaction), "purchase:70311");
    assert_eq!(by(&body, PurchaseIdentity::Event), "purchase:e");
    let refund = json!({"eventType": "refund", "eventId": "e", "data": {"transactionId": "ORD"}});
    assert_eq!(by(&refund, PurchaseIdentity::Transaction), "refund:e");
    let unnamed = json!({"eventType": "purchase", "eventId": "e", "data": {"transactionId": " "}});
    assert_eq!(by(&unnamed, PurchaseIdentity::Transaction), "purchase:e");
    let kept = read_with_attributes(&body, [("talariaIdentity", "pubsub:1")]);
    assert!(
        kept.identity.is_message_only(),
        "a replayed message keeps its identity"
    );
}

#[test]
fn the_content_hash_ignores_what_a_second_sending_changes() {
    let hash = |body: Value| read_as(&body, None).content_hash();
    let first = json!({"eventType": "purchase", "eventId": "a", "eventTimestampMs": NOW.millis(), "data": {"transactionId": "O", "value": 1}});
    let again = json!({"eventType": "purchase", "eventId": "b", "traceparent": "00-1", "data": {"value": "1.00", "transaction_id": "O"}});
    assert_eq!(hash(first.clone()), hash(again));
    assert_eq!(hash(first.clone()).len(), 64);
    let changes = [
        ("eventType", json!("refund")),
        ("clientId", json!("c")),
        ("userId", json!("u")),
        ("consent", json!({})),
        ("data", json!({})),
    ];
    for (key, value) in changes {
        let mut other = first.clone();
        other[key] = value;
        assert_ne!(hash(other), hash(first.clone()), "{key}");
    }
}

/// A ledger's record that was written by an earlier version must still be told from another content.
#[test]
fn the_content_hash_never_changes() {
    let event = json!({
        "eventType": "purchase", "eventId": "a", "clientId": "GA1.2", "userId": "u-1",
        "consent": {"ad_storage": "granted"},
        "data": {"value": "25.00", "items": [{"price": 12.5, "quantity": 2, "item_id": "a\"b"}]},
    });
    // Of {"clientId":"GA1.2","consent":{"ad_storage":"granted"},"data":{"items":[{"item_id":"a\"b","price":125e-1,
    // "quantity":2}],"value":25},"eventType":"purchase","userId":"u-1"}, in one line without a blank.
    assert_eq!(
        read_as(&event, None).content_hash(),
        "233e2a74c49c02988dd855287516f4f94ff78ce1995f9ebf0c6f3c218d9d8252"
    );
}

#[test]
fn the_value_at_stake_is_the_events_else_its_items_in_one_currency() {
    let cases = [
        (
            json!({"value": 5, "items": [{"price": 1, "currency": "SEK"}]}),
            Some("5.00 SEK"),
        ),
        (
            json!({"value": 5, "currency": "EUR", "items": [{"price": 1, "currency": "SEK"}]}),
            Some("5.00 EUR"),
        ),
        (
            json!({"value": 5, "items": [{"currency": "SEK"}, {"currency": "DKK"}]}),
            Some("5.00 XXX"),
        ),
        (json!({"value": 5}), Some("5.00 XXX")),
        (
            json!({"items": [{"price": 2, "quantity": 3}, {"price": 0.5}, {}]}),
            Some("6.50 XXX"),
        ),
        (
            json!({"items": [{"price": 2, "currency": "SEK"}, {"price": 2, "currency": "DKK"}]}),
            None,
        ),
        (
            json!({"currency": "DKK", "items": [{"price": 2, "currency": "DKK"}, {"price": 2}]}),
            Some("4.00 DKK"),
        ),
        (json!({"items": []}), None),
        (json!({"items": [{"item_id": "A"}]}), None),
    ];
    for (data, value) in cases {
        let body = json!({"eventType": "purchase", "eventId": "e", "data": data});
        assert_eq!(
            written(read_as(&body, None).value).as_deref(),
            value,
            "{body}"
        );
    }
}

#[test]
fn the_schema_names_the_published_keys() {
    let schema = BackendUpdate::schema();
    for key in [
        "eventType",
        "eventTimestampMs",
        "receivedMs",
        "timestampSource",
        "data",
    ] {
        assert!(schema["properties"].get(key).is_some(), "{key}");
    }
    assert!(schema["properties"].get("extra").is_none());
}
