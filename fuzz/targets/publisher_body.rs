//! The body of `POST /publish-event`, all the way: whatever the publisher accepts fits the bus, and everybody behind it
//! reads the same event with the same identity.

#![no_main]

use std::num::{NonZeroU64, NonZeroU128};

use events::{
    BackendUpdate, Identity, Limits, PurchaseIdentity, RedactionSettings, from_publisher_within,
    redact,
};
use fuzz::{MESSAGE_ID, NOW, pushed};
use libfuzzer_sys::fuzz_target;
use web::{JsonLimits, PushReading, TraceContext, parse_json, read_event};

/// The most that Pub/Sub takes in one message.
const BUS_BYTES: usize = 10_000_000;

fuzz_target!(|body: &[u8]| {
    let limits = JsonLimits::default();
    if body.len() > limits.max_body_bytes {
        return;
    }
    let Ok(event) = parse_json(body, limits.max_depth) else {
        return;
    };
    let Ok(mut update) = from_publisher_within(event, NOW, Limits::default()) else {
        return;
    };
    accepted_again(&update);
    redact_ours(&mut update);
    accepted_again(&update);
    let trace = TraceContext {
        trace_id: NonZeroU128::MIN,
        span_id: NonZeroU64::MIN,
        sampled: true,
    };
    let message = publisher::fuzzing::message(&update, trace);
    // A number of four bytes can be written with seventeen, an item's id of five with three hundred.
    let grown = message.size().saturating_sub(500 * 310) / body.len().max(1);
    assert!(
        grown <= BUS_BYTES / limits.max_body_bytes,
        "a body of {} bytes made a message of {}",
        body.len(),
        message.size()
    );
    let push = pushed(&message.data, &message.attributes);
    for (event_type_hint, items_hint, purchase_identity) in [
        (None, None, PurchaseIdentity::Transaction),
        (Some("LowStock"), None, PurchaseIdentity::Event),
        (None, Some("purchase"), PurchaseIdentity::Transaction),
    ] {
        let reading = PushReading {
            event_type_hint,
            items_hint,
            purchase_identity,
        };
        let received = read_event(&push, reading, NOW).expect("what is published can be read");
        assert_eq!(received.update.to_json(), update.to_json());
        assert_eq!(
            received.identity,
            Identity::of(&update, MESSAGE_ID, purchase_identity)
        );
        assert_eq!(received.content_hash(), update.content_hash());
        assert_eq!(received.value, update.value_at_stake());
        let other = Identity::of(&update, "another message", purchase_identity);
        assert_eq!(
            received.identity, other,
            "the event is recognised by its message"
        );
        assert!(
            !received.identity.is_message_only(),
            "{}",
            received.identity
        );
    }
});

/// What was normalised once is right as it is.
fn accepted_again(update: &BackendUpdate) {
    let json = update.to_json();
    let again = from_publisher_within(json.clone(), NOW, Limits::default());
    let again = again.expect("what was accepted is accepted again");
    assert_eq!(again.to_json(), json);
    assert_eq!(again.content_hash(), update.content_hash());
    let bytes = serde_json::from_slice::<serde_json::Value>(&update.to_bytes());
    assert_eq!(bytes.expect("JSON"), json);
}

/// Redacts as the default settings have it: once is enough, and no id changes.
fn redact_ours(update: &mut BackendUpdate) {
    let settings = RedactionSettings::default();
    let before = update.clone();
    let redacted = redact(update, &settings).expect("by default nothing is refused");
    assert_eq!(redacted.is_empty(), update.to_json() == before.to_json());
    for purchase_identity in [PurchaseIdentity::Transaction, PurchaseIdentity::Event] {
        assert_eq!(
            Identity::of(update, MESSAGE_ID, purchase_identity),
            Identity::of(&before, MESSAGE_ID, purchase_identity)
        );
    }
    assert_eq!(
        (&update.client_id, &update.user_id),
        (&before.client_id, &before.user_id)
    );
    let once = update.to_json();
    let again = redact(update, &settings).expect("by default nothing is refused");
    assert!(again.is_empty() && update.to_json() == once);
}
