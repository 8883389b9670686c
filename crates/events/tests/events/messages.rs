//! How a push is read: which of several names, times and identities counts, and why a message can't be read.

use std::time::Duration;

use events::{
    BackendUpdate, MAX_DEPTH, MessageContext, PurchaseIdentity, Received, Timestamp,
    TimestampSource, Unreadable, from_publisher, read_message,
};
use serde_json::{Value, json};

use crate::support::{NOW, attributes, read_as, read_with, written};

fn read_with_attributes<const N: usize>(value: &Value, pairs: [(&str, &str); N]) -> Received {
    let (data, attributes) = (value.to_string(), attributes(pairs));
    read_message(&MessageContext::new(
        data.as_bytes(),
        &attributes,
        "9001",
        NOW,
    ))
    .expect("readable")
}

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
fn an_events_own_time_counts_only_near_its_receipt() {
    let hour = Duration::from_secs(3600);
    let cases = [
        (
            json!(NOW.millis() - 5),
            NOW.millis() - 5,
            TimestampSource::Event,
        ),
        (
            json!((NOW.millis() - 5).to_string()),
            NOW.millis() - 5,
            TimestampSource::Event,
        ),
        (
            json!(NOW.minus(hour).to_rfc3339()),
            NOW.minus(hour).millis(),
            TimestampSource::Event,
        ),
        (
            json!(NOW.minus(hour * 72).millis()),
            NOW.minus(hour * 72).millis(),
            TimestampSource::Event,
        ),
        (
            json!(NOW.minus(hour * 72).millis() - 1),
            NOW.millis(),
            TimestampSource::Received,
        ),
        (
            json!(NOW.millis() + 60_000),
            NOW.millis() + 60_000,
            TimestampSource::Event,
        ),
        (
            json!(NOW.millis() + 60_001),
            NOW.millis(),
            TimestampSource::Received,
        ),
        (
            json!(NOW.millis() / 1000),
            NOW.millis(),
            TimestampSource::Received,
        ),
        (json!("yesterday"), NOW.millis(), TimestampSource::Received),
        (
            json!({"seconds": 1}),
            NOW.millis(),
            TimestampSource::Received,
        ),
        (json!(null), NOW.millis(), TimestampSource::Received),
    ];
    for (time, millis, source) in cases {
        let body = json!({"eventType": "sign_up", "eventId": "e", "eventTimestampMs": time});
        let update = from_publisher(&body, NOW).expect("accepted");
        assert_eq!(
            (update.event_timestamp_ms, update.timestamp_source),
            (millis, source),
            "{time}"
        );
        let pushed = read_as(&body, None).update;
        assert_eq!(
            (pushed.event_timestamp_ms, pushed.timestamp_source),
            (millis, source),
            "{time}"
        );
    }
}

#[test]
fn the_publishers_receipt_goes_before_pub_subs_and_lasts_through_a_later_delivery() {
    let received = NOW.minus(Duration::from_secs(30 * 24 * 3600));
    let body = json!({"eventType": "sign_up", "eventId": "e", "data": {}});
    let published = from_publisher(&body, received).expect("accepted");
    let replayed = read_as(&published.to_json(), None).update;
    assert!(
        replayed == published,
        "a replay a month later changes nothing"
    );
    let update = read_with_attributes(&body, [("receivedMs", "1764060000000")]).update;
    assert_eq!(update.received_ms, 1_764_060_000_000);
    for nonsense in ["soon", "-1", "99999999999999999"] {
        assert_eq!(
            read_with_attributes(&body, [("receivedMs", nonsense)])
                .update
                .received_ms,
            NOW.millis(),
            "{nonsense}"
        );
    }
}

#[test]
fn a_sender_cannot_say_when_the_publisher_received_something() {
    let body = json!({"eventType": "a", "eventId": "e", "receivedMs": 5, "timestampSource": "event", "eventTimestampMs": 5});
    let update = from_publisher(&body, NOW).expect("accepted");
    assert_eq!(
        (update.event_timestamp_ms, update.received_ms),
        (NOW.millis(), NOW.millis())
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
    let hash = |body: Value| read_as(&body, None).content_hash;
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
fn unreadable_messages_say_why() {
    let read = |data: &[u8]| read_with(data, |_| ()).expect_err("unreadable");
    for empty in ["", " \r\n"] {
        assert_eq!(read(empty.as_bytes()), Unreadable::Empty);
    }
    assert_eq!(
        read(b"{\n\"a\": x}"),
        Unreadable::NotJson { line: 2, column: 6 }
    );
    for (data, description) in [
        (&b"{} {}"[..], "two values"),
        (b"{\"a\":1e999}", "too large"),
        (b"\xff\xfe", "no UTF-8"),
        (b"\"\xff\"", "no UTF-8"),
    ] {
        assert!(
            matches!(read(data), Unreadable::NotJson { .. }),
            "{description}"
        );
    }
    for scalar in ["null", "7", "\"text\"", "true"] {
        assert_eq!(read(scalar.as_bytes()), Unreadable::WrongShape, "{scalar}");
    }
    let message = read(b"[{}, 5]]").to_string();
    assert!(message.contains("line 1, column 8"), "{message}");
}

#[test]
fn nesting_is_limited_so_that_what_was_read_can_be_read_again() {
    let nested = |open: &str, levels: usize, close: &str| {
        format!("{}{}", open.repeat(levels), close.repeat(levels))
    };
    for (text, readable) in [
        (
            format!("{{\"a\":{}}}", nested("[", MAX_DEPTH - 2, "]")),
            true,
        ),
        (
            format!("{{\"a\":{}}}", nested("[", MAX_DEPTH - 1, "]")),
            false,
        ),
        (nested("[", MAX_DEPTH - 2, "]"), true),
        (nested("[", MAX_DEPTH - 1, "]"), false),
        (
            format!(
                "{{\"eventId\":1,\"data\":{{\"a\":{}}}}}",
                nested("[", MAX_DEPTH - 2, "]")
            ),
            true,
        ),
        (
            format!(
                "{{\"eventId\":1,\"data\":{{\"a\":{}}}}}",
                nested("[", MAX_DEPTH - 1, "]")
            ),
            false,
        ),
        (
            format!(
                "{{\"eventType\":\"purchase\",\"items\":\"{}\"}}",
                nested("[", MAX_DEPTH - 1, "]")
            ),
            false,
        ),
        (nested("[", 200_000, ""), false),
    ] {
        let result = read_with(text.as_bytes(), |_| ());
        assert_eq!(result.is_ok(), readable, "{} characters", text.len());
        if let Ok(received) = result {
            let again = read_with(&received.update.to_bytes(), |_| ()).expect("readable again");
            assert!(again.update == received.update);
        }
    }
    assert_eq!(
        read_with(nested("[", 65, "]").as_bytes(), |_| ()),
        Err(Unreadable::TooDeep)
    );
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
    assert_eq!(Timestamp::from_millis(5).millis(), 5);
}
