//! A push, as an envelope or as attributes and data: what is read once is read the same again, as it was and as it is
//! normalised, delivered or replayed; and counts the same.
//!
//! Of the head, `as` is the push address's hint, and all other lines are the message's attributes.

#![no_main]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bus::{Push, PushEnvelope, PushPayload, attribute};
use events::{Received, Timestamp};
use fuzz::{NOW, Parts, pushed};
use libfuzzer_sys::fuzz_target;
use store::dead_letters::Payload;
use store::tallies::{Additions, OrderRecord, Tally};
use web::{PushReading, read_event};

/// What the counter takes at most, in micros of a currency.
const MOST_MICROS: u64 = 10_000_000_000 * 1_000_000;
const MOST_UNITS: i64 = 1_000_000;

fuzz_target!(|input: &[u8]| {
    let parts = Parts::of(input);
    let hint = parts.text("as");
    let push = match Push::from_body(input) {
        Ok(push) => {
            written_again(&push);
            push
        }
        Err(_) => {
            let mut attributes = parts.texts();
            attributes.remove("as");
            pushed(parts.body, &attributes)
        }
    };
    kept_as_it_came(&push);
    for items_hint in [None, Some("purchase")] {
        let reading = PushReading {
            event_type_hint: hint,
            items_hint,
            ..PushReading::default()
        };
        let Ok(received) = read_event(&push, reading, NOW) else {
            assert!(read_event(&push, reading, NOW).is_err());
            continue;
        };
        same(&received, &push, reading);
        let mut normalised = push.clone();
        normalised.payload = PushPayload::Decoded(received.update.to_bytes().into());
        same(&received, &normalised, reading);
        let mut replayed = push.clone();
        replayed.message_id.0.push_str("-again");
        let identity = received.identity.as_str().to_owned();
        if !identity.trim().is_empty() {
            replayed
                .attributes
                .insert(attribute::IDENTITY.to_owned(), identity);
            same(&received, &replayed, reading);
        }
        check_tally(&received);
    }
});

/// An envelope made of a push is that push.
fn written_again(push: &Push) {
    let PushPayload::Decoded(data) = &push.payload else {
        return;
    };
    let mut envelope = PushEnvelope::new(
        push.subscription.clone(),
        &push.message_id,
        push.publish_time.clone(),
        data,
    );
    envelope.message.attributes = push.attributes.clone();
    envelope.delivery_attempt = push.delivery_attempt;
    let body = serde_json::to_vec(&envelope).expect("an envelope is JSON");
    assert_eq!(Push::from_body(&body).as_ref(), Ok(push));
}

/// A dead letter gives back the bytes that came.
fn kept_as_it_came(push: &Push) {
    let PushPayload::Decoded(data) = &push.payload else {
        return;
    };
    let kept = match Payload::from_bytes(data) {
        Payload::Text(text) => text.into_bytes(),
        Payload::Base64(text) => STANDARD.decode(text).expect("base64"),
    };
    assert_eq!(&kept, data);
}

fn same(received: &Received, push: &Push, reading: PushReading<'_>) {
    let again = read_event(push, reading, NOW).expect("what was read can be read again");
    assert_eq!(again.update.to_json(), received.update.to_json());
    assert_eq!(again.identity, received.identity);
    assert_eq!(again.content_hash(), received.content_hash());
    assert_eq!(again.value, received.value);
    assert_eq!(tally(&again), tally(received));
}

fn tally(received: &Received) -> Result<Option<Tally>, String> {
    counter::fuzzing::tally(received, Timestamp::from_millis(i64::MAX))
}

fn check_tally(received: &Received) {
    let Ok(Some(tally)) = tally(received) else {
        return;
    };
    for item in &tally.items {
        assert!((0..=MOST_UNITS).contains(&item.quantity));
        for money in [item.revenue, item.profit].into_iter().flatten() {
            assert!(money.micros().unsigned_abs() <= MOST_MICROS);
        }
    }
    let gathered = || {
        let (mut additions, mut order) = (Additions::default(), OrderRecord::default());
        let gathered = additions.gather(&tally, &mut order);
        (gathered, additions, order)
    };
    let (result, additions, order) = gathered();
    assert!(result.is_ok(), "one event alone overflows a sum");
    assert_eq!(gathered(), (result, additions, order));
}
