//! When an event happened and when it was received: whose word counts.

use std::time::Duration;

use events::{TimestampSource, from_publisher};
use serde_json::json;

use crate::support::{NOW, read_as, read_with_attributes};

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
    let happened = received.millis() - 5;
    let body =
        json!({"eventType": "sign_up", "eventId": "e", "eventTimestampMs": happened, "data": {}});
    let published = from_publisher(&body, received).expect("accepted");
    let replayed = read_as(&published.to_json(), None).update;
    assert!(
        replayed == published,
        "a replay a month later changes nothing"
    );
    let stamped =
        read_with_attributes(&published.to_json(), [("receivedMs", "1764060000000")]).update;
    assert_eq!(
        stamped.event_timestamp_ms, happened,
        "a time that counted once counts for good"
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
fn nothing_is_received_after_it_was_published() {
    let body = json!({"eventType": "sign_up", "eventId": "e", "data": {}});
    for (later, counted) in [(0, 0), (59_000, 59_000), (86_400_000, 60_000)] {
        let attribute = (NOW.millis() + later).to_string();
        let update = read_with_attributes(&body, [("receivedMs", &attribute)]).update;
        assert_eq!(update.received_ms, NOW.millis() + counted, "{later}");
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
