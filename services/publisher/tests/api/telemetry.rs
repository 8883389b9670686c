//! What the publisher tells of itself: the spans of an event, and the metrics of every way that events and requests end.

mod refusals;

use std::collections::BTreeMap;
use testing::{Recording, values_of};

use events::Treatment;
use serde_json::{Value, json};
use telemetry::Telemetry;
use web::TraceContext;

use crate::helpers::{BusMood, TestPublisher};

/// The tag's place in its trace.
const TRACE_ID: &str = "0af7651916cd43dd8448eb211c80319c";
const TAG_SPAN_ID: &str = "b7ad6b7169203331";

fn counts<const N: usize>(counts: [(&str, u64); N]) -> BTreeMap<String, u64> {
    counts
        .map(|(values, count)| (values.to_owned(), count))
        .into()
}

fn purchase(id: &str) -> Value {
    json!({
        "eventType": "purchase", "eventId": id, "clientId": "111222333.444555", "userId": "customer-4711",
        "data": {
            "transactionId": "ORDER-12345", "value": 184.55, "currency": "EUR", "email": "Jane.Doe@example.com",
            "note": "by joe@example.org and ann@example.org, 4111 1111 1111 1111", "phone": "+49 171 1234567",
            "items": [{"item_id": "LAMP-07", "item_name": "Brass lamp", "price": 129.55, "quantity": 1}],
        },
    })
}

async fn start(telemetry: &Telemetry) -> TestPublisher {
    TestPublisher::start_with(|settings, dependencies| {
        settings.allowed_events = vec!["purchase".into(), "shop.opened".into()];
        settings.redaction.phone_numbers = Treatment::Redact;
        dependencies.telemetry = telemetry.clone();
    })
    .await
}

/// Posts as the tag does that records its part of the trace, if it is `sampled`.
async fn post(publisher: &TestPublisher, path: &str, body: &Value, sampled: bool) -> u16 {
    let flags = if sampled { "01" } else { "00" };
    let request = publisher
        .client
        .post(publisher.url(path) + "?who=visitor@example.net")
        .header("content-type", "application/json")
        .header("user-agent", "Mozilla-of-a-visitor")
        .header(
            "traceparent",
            format!("00-{TRACE_ID}-{TAG_SPAN_ID}-{flags}"),
        )
        .body(body.to_string());
    request.send().await.expect("an answer").status().as_u16()
}

/// The traces that the messages carry on.
fn carried(publisher: &TestPublisher) -> Vec<TraceContext> {
    let messages = publisher.bus.messages.lock().expect("no panic holds it");
    let traceparent = |message: &bus::Message| message.attributes["traceparent"].clone();
    let traces = messages.iter().map(|(_, message)| traceparent(message));
    traces
        .map(|text| TraceContext::from_traceparent(&text).expect("a traceparent"))
        .collect()
}

#[tokio::test]
async fn a_message_carries_on_the_trace_that_its_tag_began() {
    let recording = Recording::start().await;
    let publisher = start(&recording.telemetry).await;
    let event = purchase("evt-1");
    assert_eq!(post(&publisher, "/publish-event", &event, true).await, 202);
    let carried = carried(&publisher)[0];
    let sent = recording.end().await;
    let server = sent.span("POST /publish-event");
    let send = sent.span("send backend-updates");
    assert_eq!((server.kind, send.kind), ("server", "producer"));
    assert_eq!(server.parent_span_id, TAG_SPAN_ID);
    assert_eq!(send.parent_span_id, server.span_id);
    let expected = format!("00-{TRACE_ID}-{}-01", send.span_id);
    assert_eq!(carried.to_string(), expected);
    assert!(
        [server, send]
            .iter()
            .all(|span| span.trace_id == TRACE_ID && !span.is_error)
    );
    let said = [
        ("messaging.destination.name", "backend-updates"),
        ("messaging.message.id", "1"),
        ("messaging.operation.type", "send"),
        ("messaging.system", "gcp_pubsub"),
        ("talaria.event.id", "evt-1"),
        ("talaria.event.type", "purchase"),
        ("talaria.outcome", "accepted"),
    ];
    let said = said.map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(send.attributes, said.into());
    assert_eq!(server.attribute("http.response.status_code"), "202");
}

#[tokio::test]
async fn each_event_of_a_batch_has_a_span_and_a_place_of_its_own() {
    let recording = Recording::start().await;
    let publisher = start(&recording.telemetry).await;
    let batch = json!([purchase("evt-1"), {"eventType": "purchase"}, purchase("evt-2")]);
    assert_eq!(post(&publisher, "/publish-events", &batch, true).await, 200);
    let mut carried: Vec<String> = carried(&publisher)
        .iter()
        .map(|trace| format!("{:016x}", trace.span_id))
        .collect();
    let sent = recording.end().await;
    let server = sent.span("POST /publish-events");
    let sends = sent.spans_named("send backend-updates");
    assert!(
        sends
            .iter()
            .all(|send| send.parent_span_id == server.span_id)
    );
    let mut places: Vec<String> = sends.iter().map(|send| send.span_id.clone()).collect();
    places.sort();
    carried.sort();
    assert_eq!((places.len(), &places), (2, &carried));
    assert_ne!(places[0], places[1]);
    let expected = counts([("purchase accepted", 2), ("purchase invalid", 1)]);
    assert_eq!(sent.counts("talaria.publisher.events"), expected);
}

#[tokio::test]
async fn a_trace_that_is_not_sampled_is_carried_on_as_such_and_not_sent() {
    let recording = Recording::start().await;
    let publisher = start(&recording.telemetry).await;
    let event = purchase("evt-1");
    assert_eq!(post(&publisher, "/publish-event", &event, false).await, 202);
    let trace = carried(&publisher)[0];
    assert_eq!(format!("{:032x}", trace.trace_id), TRACE_ID);
    assert!(!trace.sampled);
    let sent = recording.end().await;
    assert!(sent.spans.is_empty(), "{:?}", sent.spans);
    let expected = counts([("purchase accepted", 1)]);
    assert_eq!(sent.counts("talaria.publisher.events"), expected);
}

#[tokio::test]
async fn every_event_is_counted_by_what_became_of_it() {
    let recording = Recording::start().await;
    let publisher = start(&recording.telemetry).await;
    let refusing = TestPublisher::start_with(|settings, dependencies| {
        settings.redaction.emails = Treatment::Refuse;
        dependencies.telemetry = recording.telemetry.clone();
    })
    .await;
    let opened = json!({"eventType": "shop.opened", "eventId": "1"});
    let nameless = json!({"eventId": "1"});
    let refund = json!({"eventType": "refund", "eventId": "1"});
    for (publisher, event, mood, status) in [
        (&publisher, purchase("1"), BusMood::Takes, 202),
        (&publisher, opened, BusMood::Takes, 202),
        (&publisher, nameless, BusMood::Takes, 422),
        (&publisher, refund, BusMood::Takes, 422),
        (&refusing, purchase("1"), BusMood::Takes, 422),
        (&publisher, purchase("1"), BusMood::FindsTooLarge, 413),
        (&publisher, purchase("1"), BusMood::Refuses, 503),
        (&publisher, purchase("1"), BusMood::Refuses, 503),
    ] {
        publisher.bus.mood.send_replace(mood);
        let answer = post(publisher, "/publish-event", &event, true).await;
        assert_eq!(answer, status, "{mood:?} {event}");
    }
    let sent = recording.end().await;
    let expected = counts([
        ("purchase accepted", 1),
        ("other accepted", 1),
        ("none invalid", 1),
        ("refund not_allowed", 1),
        ("purchase personal_data", 1),
        ("purchase too_large", 1),
        ("purchase unavailable", 2),
    ]);
    assert_eq!(sent.counts("talaria.publisher.events"), expected);
    let expected = counts([("accepted", 2), ("too_large", 1), ("unavailable", 2)]);
    assert_eq!(sent.counts("talaria.publisher.publish.duration"), expected);
    let failed: Vec<&str> = sent
        .spans_named("send backend-updates")
        .iter()
        .filter(|span| span.is_error)
        .map(|span| span.attribute("error.type"))
        .collect();
    assert_eq!(failed, ["too_large", "unavailable", "unavailable"]);
    assert!(sent.counts("talaria.publisher.refusals").is_empty());
}

#[tokio::test]
async fn redacted_values_are_counted_by_kind_and_nothing_tells_of_the_event_s_values() {
    let recording = Recording::start().await;
    let publisher = start(&recording.telemetry).await;
    let event = purchase("evt-1");
    assert_eq!(post(&publisher, "/publish-event", &event, true).await, 202);
    let sent = recording.end().await;
    let expected = counts([("email", 3), ("card", 1), ("phone", 1)]);
    assert_eq!(sent.counts("talaria.publisher.redactions"), expected);
    let mut secrets = values_of(&event, &["eventType", "eventId"]);
    assert_eq!(secrets.len(), 10, "{secrets:?}");
    secrets.extend(["who=", "visitor", "127.0.0.1"].map(str::to_owned));
    sent.assert_tells_nothing_of(&secrets);
}
