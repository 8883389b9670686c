//! `talaria journey` on what a bus and a store keep.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::Duration;

use bus::{Bus, Message, attribute};
use embedded::{BusSettings, EmbeddedBus, EmbeddedStore, StoreSettings};
use events::{FixedClock, Timestamp};
use store::tallies::{Counted, Tallies, Tally};
use store::{
    Advance, Attempt, Change, Claim, ClaimRequest, EffectState, EventReference, HeldMessage,
    HeldMessages, HeldSummary, HoldReason, Ledger, Outcome, Payload, RequestedEffect,
};

const NOW: Timestamp = Timestamp::from_millis(1_764_060_000_000);

#[expect(clippy::disallowed_methods, reason = "a test makes its own client")]
async fn receive(data: &Path, event_id: &str) {
    let clock = Arc::new(FixedClock::new(NOW));
    let client = reqwest::Client::new();
    let file = data.join("bus.sqlite");
    let bus = EmbeddedBus::open(&file, clock, client, BusSettings::default()).expect("a bus");
    bus.create_topic("backend-updates").await.expect("a topic");
    let event = r#"{"eventType":"purchase","eventId":"ID","data":{"transactionId":"ORD-1"}}"#;
    let message = Message {
        data: event.replace("ID", event_id).into(),
        attributes: [(attribute::EVENT_ID.to_owned(), event_id.to_owned())].into(),
    };
    bus.publish("backend-updates", message)
        .await
        .expect("durable");
}

async fn call_twice(data: &Path) {
    let file = data.join("store.sqlite");
    let store = EmbeddedStore::open(&file, StoreSettings::default()).expect("a store");
    let key = "purchase:ORD-1/purchase-points".to_owned();
    let request = ClaimRequest {
        event: EventReference {
            identity: "purchase:ORD-1".into(),
            content_hash: "hash".into(),
            event_id: Some("evt-1".into()),
            event_type: Some("purchase".into()),
            received: NOW,
        },
        destination: "loyalty".into(),
        effects: vec![RequestedEffect {
            key: key.clone(),
            route: "purchase-points".into(),
            element: None,
        }],
        owner: "test".into(),
        now: NOW,
        lease: Duration::from_secs(1),
        grace: Duration::ZERO,
        expires: NOW.plus(Duration::from_secs(86_400)),
    };
    let Claim::Granted { lease, .. } = store.claim(request).await.expect("a store") else {
        panic!("nothing to do")
    };
    for (number, status, outcome) in [(1, 503, Outcome::Retry), (2, 200, Outcome::Done)] {
        let state = match outcome {
            Outcome::Done => EffectState::Done { at: NOW },
            _ => EffectState::Retry { not_before: NOW },
        };
        let attempt = Attempt {
            generation: 1,
            may_be_done: true,
            number,
            at: NOW,
            took_ms: 12,
            outcome,
            status: Some(status),
            note: format!("answered {status}"),
        };
        let changes = vec![Change {
            key: key.clone(),
            state,
            attempt: Some(attempt),
        }];
        let advance = Advance {
            lease: lease.clone(),
            changes,
            until: Some(lease.until),
        };
        store.advance(advance).await.expect("a lease");
    }
}

async fn count(data: &Path, counted: Counted, identity: &str) {
    let file = data.join("store.sqlite");
    let store = EmbeddedStore::open(&file, StoreSettings::default()).expect("a store");
    let tally = Tally {
        identity: identity.into(),
        counted,
        at: NOW,
        expires: NOW.plus(Duration::from_secs(86_400)),
        items: Vec::new(),
        order: None,
    };
    store.tally(&[tally]).await.expect("tallied");
}

fn journey(data: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_talaria"));
    command
        .env_clear()
        .arg("journey")
        .args(arguments)
        .arg("--data")
        .arg(data);
    command.output().expect("the program runs")
}

#[tokio::test]
async fn a_journey_shows_what_came_and_what_was_called_under_either_event_id() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path();
    // The thank-you page was loaded twice: another event id, the same purchase.
    receive(data, "evt-1").await;
    receive(data, "evt-2").await;
    call_twice(data).await;
    for id in ["evt-1", "evt-2", "purchase:ORD-1"] {
        let output = journey(data, &[id]);
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{id}: {text}");
        for expected in [
            "identity  purchase:ORD-1\ntallied   no\n",
            "loyalty\n  purchase-points: done at 2025-11-25T08:40:00.000Z",
            "status 503 after 12 ms: answered 503",
            "status 200 after 12 ms: answered 200",
        ] {
            assert!(text.contains(expected), "{expected:?} is not in\n{text}");
        }
    }
    let output = journey(data, &["evt-2", "--json"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let not_yet = serde_json::json!([{"identity": "purchase:ORD-1", "tallied": false}]);
    assert_eq!(json["identities"], not_yet);
    assert_eq!(json["messages"].as_array().map(Vec::len), Some(1));
    assert_eq!(json["records"][0]["destination"], "loyalty");
}

async fn hold(data: &Path) {
    let file = data.join("store.sqlite");
    let store = EmbeddedStore::open(&file, StoreSettings::default()).expect("a store");
    let identity = "generate_lead:evt-7";
    let message = HeldMessage {
        summary: HeldSummary {
            id: HeldSummary::id_of(identity, "crm", "content"),
            destination: "crm".into(),
            identity: identity.into(),
            event_id: Some("evt-7".into()),
            event_type: Some("generate_lead".into()),
            value: None,
            bytes: 20,
            reason: HoldReason::SetUp,
            first_held: NOW,
            due: NOW.plus(Duration::from_secs(60)),
            waits_for: None,
            tries: 0,
            version: 1,
            expires: NOW.plus(Duration::from_secs(86_400)),
        },
        payload: Payload::Text("{\"userId\":\"cust-1\"}".into()),
        attributes: [].into(),
        message_id: "1".into(),
        publish_time: String::new(),
        event_type_hint: None,
    };
    store.hold(message).await.expect("a store");
}

#[tokio::test]
async fn a_journey_shows_what_is_held_and_when_it_is_due() {
    let directory = tempfile::tempdir().expect("a directory");
    receive(directory.path(), "evt-1").await;
    hold(directory.path()).await;
    for id in ["evt-7", "generate_lead:evt-7"] {
        let output = journey(directory.path(), &[id]);
        let text = String::from_utf8_lossy(&output.stdout);
        let expected = "held for crm since 2025-11-25T08:40:00.000Z (set-up): 0 tries, due at 2025-11-25T08:41:00.000Z";
        assert!(text.contains(expected), "{text}");
        let output = journey(directory.path(), &[id, "--json"]);
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(!text.contains("cust-1"), "{text}");
        let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(json["held"][0]["reason"], "set-up");
    }
}

#[tokio::test]
async fn a_journey_says_whether_the_event_was_tallied() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path();
    receive(data, "evt-1").await;
    count(data, Counted::Purchase, "purchase:ORD-1").await;
    count(data, Counted::ViewItem, "view_item:evt-5").await;
    // The second is neither on the bus nor in the ledger.
    for (id, identity) in [
        ("evt-1", "purchase:ORD-1"),
        ("purchase:ORD-1", "purchase:ORD-1"),
        ("evt-5", "view_item:evt-5"),
    ] {
        let output = journey(data, &[id]);
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{id}: {text}");
        let expected = format!("identity  {identity}\ntallied   yes\n");
        assert!(text.contains(&expected), "{expected:?} is not in\n{text}");
        let output = journey(data, &[id, "--json"]);
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let expected = serde_json::json!([{"identity": identity, "tallied": true}]);
        assert_eq!(json["identities"], expected);
    }
}

#[tokio::test]
async fn an_event_that_never_came_is_said_to_be_unknown() {
    let directory = tempfile::tempdir().expect("a directory");
    receive(directory.path(), "evt-1").await;
    call_twice(directory.path()).await;
    let output = journey(directory.path(), &["evt-9"]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("nothing is known of evt-9"), "{text}");
}
