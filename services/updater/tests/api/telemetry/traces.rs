//! The spans of a message, from the publisher's to the call that an API sees.

use std::collections::BTreeMap;

use testing::{MockAnswer, MockServer, ReceivedSpan, Recording, values_of};

use super::{SENT_SPAN_ID, TRACE_ID, TRACEPARENT, answered, api, push, world};
use crate::helpers::envelope;

/// The delivery's own trace, which a push names in its head.
const DELIVERY: &str = "00-dddddddddddddddddddddddddddddddd-eeeeeeeeeeeeeeee-01";

fn attributes<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into()
}

#[tokio::test]
async fn an_api_is_told_of_the_call_s_place_in_the_tag_s_trace() {
    let (recording, api) = (Recording::start().await, api().await);
    let updater = world(&recording, &api).start();
    let event = answered("T1", "200");
    let data = event.to_string();
    let traced = [("traceparent", TRACEPARENT)];
    let client = reqwest::Client::builder().build().expect("a client");
    let request = client
        .post(updater.url("/process-backend-update/api"))
        .header("content-type", "application/json")
        .header("traceparent", DELIVERY)
        .body(envelope("m-1", data.as_bytes(), &traced));
    assert_eq!(request.send().await.expect("an answer").status(), 204);
    let seen = api.requests().remove(0);
    let sent = recording.end().await;
    let process = sent.span("process backend-updates.api");
    let (claim, settle) = (sent.span("claim api"), sent.span("settle api"));
    let call = sent.span("POST api");
    assert_eq!((process.kind, call.kind), ("consumer", "client"));
    assert_eq!(process.parent_span_id, SENT_SPAN_ID);
    assert_eq!(process.links, [("d".repeat(32), "e".repeat(16))]);
    for span in [claim, call, settle] {
        assert_eq!(span.parent_span_id, process.span_id, "{}", span.name);
    }
    assert!(
        sent.spans
            .iter()
            .all(|span| span.trace_id == TRACE_ID && !span.is_error)
    );
    let place = format!("00-{TRACE_ID}-{}-01", call.span_id);
    assert_eq!(seen.header("traceparent"), place);
    let port = api.address().port().to_string();
    let said = attributes([
        ("http.request.method", "POST"),
        ("http.response.status_code", "200"),
        ("server.address", "127.0.0.1"),
        ("server.port", &port),
        ("url.scheme", "http"),
        ("talaria.destination", "api"),
        ("talaria.effect.key", seen.header("idempotency-key")),
        ("talaria.outcome", "done"),
        ("talaria.route", "points"),
    ]);
    assert_eq!(call.attributes, said);
    let said = attributes([
        (
            "messaging.destination.subscription.name",
            "backend-updates.api",
        ),
        ("messaging.message.id", "m-1"),
        ("messaging.operation.type", "process"),
        ("messaging.system", "gcp_pubsub"),
        ("talaria.destination", "api"),
        ("talaria.effects", "1"),
        ("talaria.event.id", "evt-T1"),
        ("talaria.event.type", "purchase"),
        ("talaria.outcome", "done"),
    ]);
    assert_eq!(process.attributes, said);
    let outcomes = [claim, settle].map(|span| span.attribute("talaria.outcome"));
    assert_eq!(outcomes, ["granted", "written"]);
}

#[tokio::test]
async fn nothing_tells_of_an_event_s_values_whatever_its_api_says() {
    let (recording, api) = (Recording::start().await, api().await);
    let updater = world(&recording, &api).start();
    let mut secrets = Vec::new();
    for (number, answer) in ["200", "422", "503", "500", "401"].into_iter().enumerate() {
        let mut event = answered(&format!("ORDER-{number}"), answer);
        event["eventId"] = format!("evt-{number}").into();
        for destination in ["api", "once"] {
            push(&updater, destination, &event).await;
        }
        // Times are whole numbers that a count or a port could be a part of; nobody is known by them.
        let known = ["eventType", "eventId", "eventTimestampMs", "receivedMs"];
        secrets.extend(values_of(&event, &known));
    }
    secrets.extend(["/points", "user=", "jane@"].map(str::to_owned));
    let sent = recording.end().await;
    assert!(secrets.contains(&"customer-4711".to_owned()));
    assert_eq!(sent.spans_named("POST api").len(), 5);
    sent.assert_tells_nothing_of(&secrets);
}

/// The call's span after one push for which the API does so.
async fn failed_call(repeat: &str, api: MockServer, gone: bool) -> ReceivedSpan {
    let recording = Recording::start().await;
    let world = world(&recording, &api);
    let updater = world.start();
    if gone {
        // Connections are refused from here on.
        drop(api);
        testing::eventually("the API to be gone", || async {
            let url = world.environment["API"].clone();
            reqwest::get(url).await.is_err().then_some(())
        })
        .await;
    }
    push(&updater, repeat, &answered("T1", "503")).await;
    let sent = recording.end().await;
    sent.span(&format!("POST {repeat}")).clone()
}

#[tokio::test]
async fn a_call_that_fails_says_in_a_word_why() {
    let answering = api().await;
    let span = failed_call("api", answering, false).await;
    let said = |span: &ReceivedSpan| {
        let said = |key| span.attribute(key).to_owned();
        assert!(span.is_error);
        [
            said("error.type"),
            said("talaria.outcome"),
            said("http.response.status_code"),
        ]
    };
    assert_eq!(said(&span), ["503", "retry", "503"]);
    let silent = MockServer::start().await;
    silent.answer(MockAnswer::never());
    let span = failed_call("once", silent, false).await;
    assert_eq!(said(&span), ["timeout", "unknown", ""]);
    let span = failed_call("once", MockServer::start().await, true).await;
    assert_eq!(said(&span), ["no_connection", "retry", ""]);
}
