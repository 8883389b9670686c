//! The operator's addresses: destinations, dead letters, replays.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use counter::{ReplayError, ReplayOutcome, ReplayRequest, ReplaySelection, Replayed, Replayer};
use events::Timestamp;
use serde_json::{Value, json};
use store::{CallFailure, DestinationReport, DestinationReports, HeldMessages, Latency, Outcome};

use crate::helpers::{NOW_MS, World, held_message};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(NOW_MS + seconds * 1000)
}

fn report(destination: &str, instance: &str, done: i64, failed: Option<i64>) -> DestinationReport {
    DestinationReport {
        destination: destination.into(),
        instance: instance.into(),
        since: at(-100),
        at: at(0),
        calls: BTreeMap::from([(Outcome::Done, 5), (Outcome::Retry, 1)]),
        latency_ms: Some(Latency {
            p50: 10,
            p95: 20,
            p99: done.unsigned_abs(),
        }),
        in_flight: 2,
        last_done: Some(at(done)),
        last_failure: failed.map(|failed| CallFailure {
            at: at(failed),
            status: Some(500),
            note: "answered 500".into(),
        }),
    }
}

#[tokio::test]
async fn destinations_are_shown_over_all_instances() {
    let world = World::new();
    let counter = world.start();
    let reports = vec![
        report("crm", "one", -50, Some(-60)),
        report("crm", "two", -30, None),
        report("erp", "one", -30, Some(-10)),
    ];
    world.store.report(reports).await.expect("a store");
    let shown = counter.get_json("/api/destinations").await;
    let crm = &shown["destinations"][0];
    assert_eq!(
        (&crm["destination"], &crm["state"]),
        (&json!("crm"), &json!("ok"))
    );
    assert_eq!(
        crm["calls"],
        json!({"done": 10, "retry": 2, "setup": 0, "reject": 0, "unknown": 0})
    );
    assert_eq!(crm["latencyMs"], json!({"p50": 10, "p95": 20, "p99": 50}));
    assert_eq!(
        (&crm["inFlight"], &crm["deadLetters"]),
        (&json!(4), &json!(0))
    );
    assert_eq!(crm["lastDoneAt"], at(-30).to_rfc3339());
    let erp = &shown["destinations"][1];
    assert_eq!(erp["state"], "failing");
    assert_eq!(
        erp["lastFailure"],
        json!({"at": at(-10).to_rfc3339(), "note": "answered 500", "status": 500})
    );
    world.clock.advance(std::time::Duration::from_secs(600));
    let shown = counter.get_json("/api/destinations").await;
    assert_eq!(
        shown["destinations"][0]["state"], "unknown",
        "nobody reports any more"
    );
    assert_eq!(shown["destinations"][0]["inFlight"], 0);
}

#[tokio::test]
async fn destinations_are_shown_with_what_is_held_for_them_and_since_when() {
    let world = World::new();
    let counter = world.start();
    let reports = vec![report("crm", "one", -50, None)];
    world.store.report(reports).await.expect("a store");
    for (destination, order, minutes) in [("erp", 1, 5), ("erp", 2, 90), ("mail", 1, 1)] {
        let held = held_message(destination, &format!("purchase:{order}"), minutes);
        world.store.hold(held).await.expect("a store");
    }
    let shown = counter.get_json("/api/destinations").await;
    let held: Vec<_> = shown["destinations"]
        .as_array()
        .expect("a list")
        .iter()
        .collect();
    let held: Vec<_> = held
        .iter()
        .map(|one| (&one["destination"], &one["held"]))
        .collect();
    let expected = [
        (json!("crm"), json!({"count": 0, "oldestAt": null})),
        (
            json!("erp"),
            json!({"count": 2, "oldestAt": at(-90 * 60).to_rfc3339()}),
        ),
        (
            json!("mail"),
            json!({"count": 1, "oldestAt": at(-60).to_rfc3339()}),
        ),
    ];
    let expected: Vec<_> = expected.iter().map(|(one, held)| (one, held)).collect();
    assert_eq!(held, expected);
}

#[tokio::test]
async fn dead_letters_are_listed_without_payload_and_shown_whole() {
    let world = World::new();
    let counter = world.start();
    let bad = br#"{"eventType":"purchase","eventId":"evt-1","data":{"value":"secret"}}"#;
    assert_eq!(counter.push_data("/tally", "m1", bad).await, 204);
    let (_, listing) = counter.get("/api/dead-letters?reason=invalid").await;
    assert!(!listing.contains("secret"), "{listing}");
    let listing: Value = serde_json::from_str(&listing).expect("JSON");
    let letter = &listing["deadLetters"][0];
    assert_eq!(
        (&letter["reason"], &letter["messageId"]),
        (&json!("invalid"), &json!("m1"))
    );
    let id = letter["id"].as_str().expect("an id");
    let whole = counter.get_json(&format!("/api/dead-letters/{id}")).await;
    assert!(
        whole["payload"]["text"]
            .as_str()
            .expect("text")
            .contains("secret")
    );
    assert_eq!(counter.get("/api/dead-letters/none").await.0, 404);
    for (query, count) in [
        ("reason=unreadable", 0),
        ("destination=crm", 0),
        ("since=2030-01-01T00:00:00Z", 0),
        ("", 1),
    ] {
        let listing = counter
            .get_json(&format!("/api/dead-letters?{query}"))
            .await;
        assert_eq!(
            listing["deadLetters"].as_array().map(Vec::len),
            Some(count),
            "{query}"
        );
    }
    let (status, body) = counter.get("/api/dead-letters?reason=bad").await;
    assert!(
        status == 400 && body.contains("identity-conflict"),
        "{body}"
    );
    assert_eq!(counter.get("/api/events/evt-unknown").await.0, 404);
}

#[derive(Default)]
struct Recorder(Mutex<Vec<ReplayRequest>>);

#[async_trait]
impl Replayer for Recorder {
    async fn replay(&self, request: ReplayRequest) -> Result<Vec<Replayed>, ReplayError> {
        self.0.lock().expect("no panic").push(request);
        Ok(vec![Replayed {
            id: "L1".into(),
            outcome: ReplayOutcome::WouldReplay,
            detail: "it can be".into(),
        }])
    }
}

#[tokio::test]
async fn replays_are_handed_on_and_refused_where_nobody_can_do_them() {
    let mut world = World::new();
    let recorder = Arc::new(Recorder::default());
    world.replayer = Some(recorder.clone());
    let counter = world.start();
    let body = json!({"ids": ["L1"], "dryRun": true}).to_string();
    let (status, answer) = counter
        .post("/api/dead-letters/replay", body.clone().into())
        .await;
    assert_eq!(status, 200);
    let expected =
        json!({"replayed": [{"id": "L1", "outcome": "would-replay", "detail": "it can be"}]});
    assert_eq!(
        serde_json::from_str::<Value>(&answer).expect("JSON"),
        expected
    );
    let asked = recorder.0.lock().expect("no panic").clone();
    let selection = ReplaySelection::Ids(vec!["L1".into()]);
    assert_eq!(
        asked,
        [ReplayRequest {
            selection,
            dry_run: true
        }]
    );
    for wrong in [
        "{}",
        "{\"ids\":[],\"filter\":{}}",
        "{\"ids\":[]}",
        "{\"ids\":[1]}",
        "{\"ids\":[],\"dry\":true}",
    ] {
        let (status, _) = counter.post("/api/dead-letters/replay", wrong.into()).await;
        assert_eq!(status, 422, "{wrong}");
    }
    assert_eq!(
        recorder.0.lock().expect("no panic").len(),
        1,
        "nothing refused is handed on"
    );
    let plain = counter
        .client
        .post(counter.url("/api/dead-letters/replay"))
        .body(body.clone());
    let plain = plain
        .header("content-type", "text/plain")
        .send()
        .await
        .expect("an answer");
    assert_eq!(plain.status(), 415, "another site's form can send this");
    world.replayer = None;
    let counter = world.start();
    let (status, answer) = counter.post("/api/dead-letters/replay", body.into()).await;
    assert!(
        status == 501 && answer.contains("talaria dead-letters replay"),
        "{answer}"
    );
}
