//! Every sample body of `POST /publish-event`: accepted, and what it becomes.

use events::{TimestampSource, from_publisher, items};
use serde_json::{Value, json};

use crate::support::{NOW, sample, written};

/// The sample, normalised, must be the sample with these changes (an object merged at the pointer), plus its times.
fn becomes(body: &Value, changes: &[(&str, Value)]) {
    let update =
        from_publisher(body, NOW).unwrap_or_else(|violations| panic!("{body}: {violations:?}"));
    let mut expected = body.clone();
    let stamped = body.get("eventTimestampMs").is_some();
    expected["receivedMs"] = json!(NOW.millis());
    expected["timestampSource"] = json!(if stamped { "event" } else { "received" });
    if !stamped {
        expected["eventTimestampMs"] = json!(NOW.millis());
    }
    for (pointer, value) in changes {
        *expected
            .pointer_mut(pointer)
            .unwrap_or_else(|| panic!("{pointer} in {body}")) = value.clone();
    }
    assert_eq!(update.to_json(), expected);
    assert_eq!(update.timestamp_source == TimestampSource::Event, stamped);
    assert_eq!(
        serde_json::to_value(&update).expect("serialises"),
        expected,
        "serde writes the published form too"
    );
    assert_eq!(
        serde_json::from_slice::<Value>(&update.to_bytes()).expect("JSON"),
        expected
    );
    assert!(
        serde_json::from_value::<events::BackendUpdate>(expected).expect("deserialises") == update
    );
}

#[test]
fn every_purchase_is_accepted_and_only_put_right_where_needed() {
    let bodies = sample("publisher_purchase.jsonl");
    let cases: [(&[(&str, Value)], &str); 7] = [
        (&[], "184.50 EUR"),
        (&[], "12900 JPY"),
        (&[], "39.95 GBP"),
        (
            &[
                ("/data/value", json!(74)),
                ("/data/items/0/price", json!(37)),
                ("/data/items/0/quantity", json!(2)),
            ],
            "74.00 DKK",
        ),
        (&[], "184.50 EUR"),
        (&[], "0.00 USD"),
        (&[], "1249.00 USD"),
    ];
    assert_eq!(bodies.len(), cases.len());
    for (body, (changes, value)) in bodies.iter().zip(cases) {
        becomes(body, changes);
        let update = from_publisher(body, NOW).expect("accepted");
        assert_eq!(
            written(update.value_at_stake()).as_deref(),
            Some(value),
            "{body}"
        );
    }
}

#[test]
fn every_lead_is_accepted_as_it_is() {
    let bodies = sample("publisher_generate_lead.jsonl");
    assert_eq!(bodies.len(), 6);
    for body in &bodies {
        becomes(body, &[]);
    }
}

#[test]
fn every_login_is_accepted_and_times_and_flags_are_put_right() {
    let bodies = sample("publisher_user_login.jsonl");
    let cases: [&[(&str, Value)]; 6] = [
        &[],
        &[],
        &[("/data/lastLoginTimestamp", json!(1_763_626_495_000_i64))],
        &[("/data/isFirstLogin", json!(false))],
        &[],
        &[],
    ];
    assert_eq!(bodies.len(), cases.len());
    for (body, changes) in bodies.iter().zip(cases) {
        becomes(body, changes);
    }
}

#[test]
fn a_repeated_sample_is_the_same_event_with_the_same_content_and_others_are_not() {
    for (name, repeat) in [
        ("publisher_purchase.jsonl", 4),
        ("publisher_user_login.jsonl", 5),
    ] {
        let hashes: Vec<String> = sample(name)
            .iter()
            .map(|body| from_publisher(body, NOW).expect("accepted").content_hash())
            .collect();
        for (index, hash) in hashes.iter().enumerate() {
            assert_eq!(
                hash == &hashes[0],
                index == 0 || index == repeat,
                "{name} line {}",
                index + 1
            );
        }
    }
}

#[test]
fn items_of_a_purchase_have_the_events_currency() {
    let update = from_publisher(&sample("publisher_purchase.jsonl")[0], NOW).expect("accepted");
    let items = items(&update);
    assert_eq!(items.len(), 2);
    assert_eq!(items[0].item_id.as_deref(), Some("LAMP-07"));
    assert_eq!(items[0].item_brand.as_deref(), Some("Norrlys"));
    assert_eq!(
        written(items[1].total().transpose().expect("fits")).as_deref(),
        Some("55.00 EUR")
    );
    assert_eq!((items[1].quantity, items[1].profit), (10, None));
}
