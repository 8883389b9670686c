//! What the updater tells of itself: the spans of a message, and the metrics of every way that effects and calls end.

mod held;
mod traces;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use testing::{MockAnswer, MockServer, Recording};

use crate::helpers::{Updater, World, envelope, purchase};

/// The publisher's place in the tag's trace, which messages name.
const TRACE_ID: &str = "0af7651916cd43dd8448eb211c80319c";
const SENT_SPAN_ID: &str = "b7ad6b7169203331";
const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// A destination that may be called again and one that may not. The API answers with the status that the event names.
const ROUTES: &str = r#"
destinations:
  api:
    url: ${API}
    repeat: safe
    timeout: 1s
  once:
    url: ${API}
    repeat: unsafe
    timeout: 1s
routes:
  - name: points
    when: event.eventType == "purchase"
    to: api
    path: '"/points/" + event.data.answer'
    query: { user: event.userId }
    body: '{ "note": event.data.note }'
    max_age: 1h
  - { name: mail, when: 'event.eventType == "purchase"', to: once, path: '"/mail/" + event.data.answer' }
  - { name: quiet, when: 'event.eventType == "sign_up"', to: api, mode: shadow }
  - { name: failing, when: 'event.eventType == "refund"', to: api, body: '{ "user": event.data.nobody }' }
"#;

fn counts<const N: usize>(counts: [(&str, u64); N]) -> BTreeMap<String, u64> {
    counts
        .map(|(values, count)| (values.to_owned(), count))
        .into()
}

/// A purchase whose call is answered so.
fn answered(transaction: &str, answer: &str) -> Value {
    let mut event = purchase(transaction);
    event["clientId"] = "111222333.444555".into();
    event["userId"] = "customer-4711".into();
    event["data"]["answer"] = answer.into();
    event["data"]["note"] = "by Jane.Doe@example.com".into();
    event
}

/// An API that answers with the status at the end of the path; 0 is none.
async fn api() -> MockServer {
    let api = MockServer::start().await;
    api.answer_with(|request| {
        let path = request.target.split('?').next().unwrap_or_default();
        let status = path.rsplit('/').next().and_then(|part| part.parse().ok());
        MockAnswer::status(status.unwrap_or(204)).body("jane@example.com is unknown")
    });
    api
}

fn world(recording: &Recording, api: &MockServer) -> World {
    let mut world = World::new(ROUTES, api);
    world.telemetry = recording.telemetry.clone();
    world
}

/// Pushes an event of the trace to a destination's address.
async fn push(updater: &Updater, destination: &str, event: &Value) -> u16 {
    let attributes = [("traceparent", TRACEPARENT)];
    let body = envelope("m-1", event.to_string().as_bytes(), &attributes);
    let path = format!("/process-backend-update/{destination}");
    updater.post(&path, body).await
}

#[tokio::test]
async fn every_effect_and_call_is_counted_by_what_became_of_it() {
    let (recording, api) = (Recording::start().await, api().await);
    let world = world(&recording, &api);
    let updater = world.start();
    let sign_up = json!({"eventType": "sign_up", "eventId": "s-1"});
    let refund = json!({"eventType": "refund", "eventId": "r-1"});
    for (destination, event, status) in [
        ("api", answered("T1", "200"), 204),
        ("api", answered("T2", "503"), 503),
        ("api", answered("T3", "422"), 204),
        ("api", answered("T4", "401"), 204),
        ("once", answered("T5", "500"), 204),
        ("once", answered("T6", "200"), 204),
        ("api", sign_up, 204),
        ("api", refund, 204),
    ] {
        assert_eq!(push(&updater, destination, &event).await, status, "{event}");
    }
    world.clock.advance(Duration::from_secs(3601));
    assert_eq!(push(&updater, "api", &answered("T7", "200")).await, 204);
    let sent = recording.end().await;
    let expected = counts([
        ("api done", 1),
        ("api retry", 1),
        ("api dead", 2),
        ("api held", 1),
        ("api shadow", 1),
        ("api expired", 1),
        ("once review", 1),
        ("once done", 1),
    ]);
    assert_eq!(sent.counts("talaria.updater.effects"), expected);
    let expected = counts([
        ("done api", 1),
        ("retry api", 1),
        ("reject api", 1),
        ("setup api", 1),
        ("unknown once", 1),
        ("done once", 1),
    ]);
    assert_eq!(sent.counts("talaria.updater.call.duration"), expected);
    let expected = counts([
        ("api rejected", 1),
        ("api expression-failed", 1),
        ("once outcome-unknown", 1),
    ]);
    assert_eq!(sent.counts("talaria.updater.dead_letters"), expected);
    let expected = counts([
        ("acknowledged backend-updates.api", 8),
        ("refused backend-updates.api", 1),
    ]);
    assert_eq!(sent.counts("talaria.pushes"), expected);
}

#[tokio::test]
async fn latency_is_measured_from_the_event_s_own_time_and_only_of_what_is_done() {
    let (recording, api) = (Recording::start().await, api().await);
    let world = world(&recording, &api);
    let updater = world.start();
    world.clock.advance(Duration::from_secs(90));
    assert_eq!(push(&updater, "api", &answered("T1", "422")).await, 204);
    assert_eq!(push(&updater, "api", &answered("T2", "200")).await, 204);
    let sent = recording.end().await;
    let is_latency = |name: &str| name == "talaria.updater.delivery.latency";
    let latencies: Vec<_> = sent
        .points
        .iter()
        .filter(|it| is_latency(&it.name))
        .collect();
    assert_eq!(latencies.len(), 1);
    assert_eq!((latencies[0].value, latencies[0].sum), (1.0, 90.0));
    assert_eq!(latencies[0].attribute("destination"), "api");
}

#[tokio::test]
async fn a_message_that_comes_again_is_a_hit_and_one_that_is_new_or_unwanted_is_none() {
    let (recording, api) = (Recording::start().await, api().await);
    let world = world(&recording, &api);
    let updater = world.start();
    let unwanted = json!({"eventType": "search", "eventId": "q-1"});
    for event in [answered("T1", "200"), unwanted] {
        for _ in 0..3 {
            assert_eq!(push(&updater, "api", &event).await, 204);
        }
    }
    assert_eq!(api.requests().len(), 1);
    let sent = recording.end().await;
    assert_eq!(
        sent.counts("talaria.updater.ledger.hits"),
        counts([("api", 2)])
    );
}

#[tokio::test]
async fn letters_of_what_never_got_to_a_destination_are_counted_without_one() {
    let (recording, api) = (Recording::start().await, api().await);
    let world = world(&recording, &api);
    let updater = world.start();
    let address = "somebody@example.com";
    assert_eq!(push(&updater, address, &answered("T1", "200")).await, 204);
    let unreadable = envelope("m-2", b"{", &[]);
    let path = "/process-backend-update/api";
    assert_eq!(updater.post(path, unreadable).await, 204);
    let conflicting = [answered("T2", "200"), answered("T2", "204")];
    for event in conflicting {
        assert_eq!(push(&updater, "api", &event).await, 204);
    }
    let sent = recording.end().await;
    let expected = counts([
        ("none unknown-destination", 1),
        ("none unreadable", 1),
        ("none identity-conflict", 1),
    ]);
    assert_eq!(sent.counts("talaria.updater.dead_letters"), expected);
    sent.assert_tells_nothing_of(&[address.to_owned()]);
}
