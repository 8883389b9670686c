//! What the counter tells of itself: the spans of an event, and the metrics of every way that events end.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use testing::{OtlpReceiver, PATIENCE, ReceivedPoint, ReceivedSpan, Recording};

use crate::helpers::{Counter, World, envelope, event};
use crate::stream::Reader;

/// The publisher's place in its trace.
const TRACE_ID: &str = "0af7651916cd43dd8448eb211c80319c";
const SEND_SPAN_ID: &str = "b7ad6b7169203331";
/// A part of every value that nobody may be told.
const SECRET: &str = "zq7";

/// A world whose counters tell a receiver.
async fn observed() -> (World, OtlpReceiver) {
    let recording = Recording::start().await;
    let mut world = World::new();
    world.telemetry = recording.telemetry;
    (world, recording.receiver)
}

/// Pushes an event whose message carries the trace, recorded if it is `sampled`; the status.
async fn push(counter: &Counter, event: &Value, sampled: bool) -> u16 {
    let text = event.to_string();
    let body = envelope("message-1", text.as_bytes());
    let mut body: Value = serde_json::from_slice(&body).expect("an envelope");
    let flags = if sampled { "01" } else { "00" };
    let traceparent = format!("00-{TRACE_ID}-{SEND_SPAN_ID}-{flags}");
    body["message"]["attributes"] = json!({"traceparent": traceparent});
    let path = format!("/tally?who={SECRET}");
    counter.post(&path, body.to_string().into_bytes()).await.0
}

fn purchase(id: &str) -> Value {
    let mut purchase = event(
        "purchase",
        id,
        json!({
            "transactionId": format!("{SECRET}-{id}"), "value": 184.5, "currency": "EUR", "coupon": "zq7-coupon",
            "items": [{"item_id": "zq7-lamp", "item_name": "zq7 lamp", "item_brand": "zq7", "price": 129.5, "quantity": 1}],
        }),
    );
    purchase["userId"] = "zq7-customer".into();
    purchase["clientId"] = "zq7-client".into();
    purchase
}

fn span<'a>(spans: &'a [ReceivedSpan], name: &str) -> &'a ReceivedSpan {
    let named: Vec<&ReceivedSpan> = spans.iter().filter(|span| span.name == name).collect();
    assert_eq!(named.len(), 1, "{name}");
    named[0]
}

/// The values of a metric by its attribute's value; of histograms how many.
fn counts(points: &[ReceivedPoint], name: &str) -> BTreeMap<String, f64> {
    let points = points.iter().filter(|point| point.name == name);
    let word = |point: &ReceivedPoint| point.attributes.values().cloned().collect();
    points.map(|point| (word(point), point.value)).collect()
}

async fn wait_for(receiver: &OtlpReceiver, name: &str, value: f64) {
    let is_it = |point: &ReceivedPoint| point.name == name && (point.value - value).abs() < 1e-6;
    let what = format!("{name} to be {value}");
    let enough = |points: &[ReceivedPoint]| points.iter().any(is_it);
    receiver.wait_for_metrics(&what, enough).await;
}

#[tokio::test]
async fn an_event_is_followed_from_its_message_to_the_commit_that_counted_it() {
    let (world, receiver) = observed().await;
    let counter = world.start();
    assert_eq!(push(&counter, &purchase("evt-1"), true).await, 204);
    world.telemetry.stop(PATIENCE).await;
    let spans = receiver.spans();
    let process = span(&spans, "process backend-updates.counter");
    let commit = span(&spans, "commit tallies");
    assert_eq!(spans.len(), 2, "{spans:?}");
    assert_eq!((process.kind, commit.kind), ("consumer", "internal"));
    assert_eq!(process.parent_span_id, SEND_SPAN_ID);
    assert_eq!(commit.parent_span_id, process.span_id);
    assert!(
        spans
            .iter()
            .all(|span| span.trace_id == TRACE_ID && !span.is_error)
    );
    assert!(process.began_ns <= commit.began_ns && commit.ended_ns <= process.ended_ns);
    let said = ["talaria.event.id", "talaria.event.type", "talaria.outcome"];
    let said = said.map(|key| process.attribute(key));
    assert_eq!(said, ["evt-1", "purchase", "counted"]);
    let said = ["talaria.events", "talaria.outcome"].map(|key| commit.attribute(key));
    assert_eq!(said, ["1", "committed"]);
    assert!(
        !receiver.was_told(SECRET),
        "{spans:?} {:?}",
        receiver.metrics()
    );
}

#[tokio::test]
async fn an_event_that_its_sender_does_not_record_is_counted_without_a_span() {
    let (world, receiver) = observed().await;
    let counter = world.start();
    assert_eq!(push(&counter, &purchase("evt-1"), false).await, 204);
    world.telemetry.stop(PATIENCE).await;
    assert!(receiver.spans().is_empty(), "{:?}", receiver.spans());
    let counted = counts(&receiver.metrics(), "talaria.counter.events");
    assert_eq!(counted, [("counted".to_owned(), 1.0)].into());
}

#[tokio::test]
async fn every_way_that_an_event_ends_is_counted_and_said_of_its_span() {
    let (world, receiver) = observed().await;
    let counter = world.start();
    for event in [
        purchase("evt-1"),
        purchase("evt-1"),
        event("zq7-newsletter", "evt-2", json!({})),
        json!("zq7"),
    ] {
        assert_eq!(push(&counter, &event, true).await, 204, "{event}");
    }
    world.tallies.set_down(true);
    assert_eq!(push(&counter, &purchase("evt-3"), true).await, 503);
    world.telemetry.stop(PATIENCE).await;
    let (spans, points) = (receiver.spans(), receiver.metrics());
    let outcomes = ["counted", "duplicate", "not_counted", "dead", "unavailable"];
    let each_once = outcomes.map(|outcome| (outcome.to_owned(), 1.0));
    assert_eq!(counts(&points, "talaria.counter.events"), each_once.into());
    let of_kind = |kind: &'static str| spans.iter().filter(move |span| span.kind == kind);
    let said: Vec<&str> = of_kind("consumer")
        .map(|span| span.attribute("talaria.outcome"))
        .collect();
    assert_eq!(said, outcomes);
    let errors: Vec<bool> = of_kind("consumer").map(|span| span.is_error).collect();
    assert_eq!(errors, [false, false, false, false, true]);
    let said: Vec<[&str; 2]> = of_kind("internal")
        .map(|span| ["talaria.outcome", "error.type"].map(|key| span.attribute(key)))
        .collect();
    let expected = [
        ["committed", ""],
        ["committed", ""],
        ["unavailable", "store_unavailable"],
    ];
    assert_eq!(said, expected);
    // What fails is offered once more.
    let offered = [
        ("committed".to_owned(), 2.0),
        ("unavailable".to_owned(), 2.0),
    ];
    let duration = "talaria.counter.commit.duration";
    assert_eq!(counts(&points, duration), offered.into());
    assert!(!receiver.was_told(SECRET), "{spans:?} {points:?}");
}

#[tokio::test]
async fn browsers_are_counted_as_long_as_they_follow_the_page() {
    let (world, receiver) = observed().await;
    let counter = world.start();
    let readers = [
        Reader::open(&counter, "window=all").await,
        Reader::open(&counter, "window=60m").await,
    ];
    wait_for(&receiver, "talaria.counter.streams", 2.0).await;
    drop(readers);
    wait_for(&receiver, "talaria.counter.streams", 0.0).await;
    world.telemetry.stop(PATIENCE).await;
    let streams = receiver.spans();
    assert!(streams.is_empty(), "a stream is no span: {streams:?}");
}

#[tokio::test]
async fn what_the_page_shows_gets_old_while_the_store_is_away() {
    let (world, receiver) = observed().await;
    let counter = world.start();
    let age = "talaria.counter.view.age";
    // Each request comes 3.001 seconds after the last.
    assert_eq!(counter.get("/api/summary?window=all").await.0, 200);
    wait_for(&receiver, age, 0.0).await;
    world.tallies.set_down(true);
    for (path, seconds) in [
        ("/api/summary?window=all", 3.001),
        ("/api/items/lamp", 6.002),
    ] {
        assert_eq!(counter.get(path).await.0, 503, "{path}");
        wait_for(&receiver, age, seconds).await;
    }
    world.tallies.set_down(false);
    assert_eq!(counter.get("/api/summary?window=all").await.0, 200);
    wait_for(&receiver, age, 0.0).await;
}
