//! What is recorded of requests and pushes.

mod world;

use super::*;
use world::{DELIVERY, TRACE, World, serve};

fn traceparent() -> String {
    format!("00-{TRACE}-b7ad6b7169203331-01")
}

#[tokio::test]
async fn a_request_is_a_server_span_by_its_pattern_in_its_caller_s_trace() {
    let world = World::start().await;
    let told = world
        .get(
            "/api/items/LAMP-07?email=a@b.example",
            &[("traceparent", &traceparent())],
        )
        .await;
    assert!(!world.get("/broken", &[]).await.is_empty());
    world.get("/nowhere/LAMP-07", &[]).await;
    let (spans, _) = world.spans().await;
    let named: Vec<_> = spans
        .iter()
        .map(|span| (span.name.as_str(), span.kind))
        .collect();
    assert_eq!(
        named,
        [
            ("GET /api/items/{id}", "server"),
            ("GET /broken", "server"),
            ("GET", "server")
        ]
    );
    let span = &spans[0];
    assert_eq!(
        (span.trace_id.as_str(), span.parent_span_id.as_str()),
        (TRACE, "b7ad6b7169203331")
    );
    assert_eq!(
        told,
        format!("00-{TRACE}-{}-01", span.span_id),
        "the handler works in its span"
    );
    let expected = [
        ("http.request.method", "GET"),
        ("http.response.status_code", "200"),
        ("http.route", "/api/items/{id}"),
        ("url.scheme", "http"),
    ];
    let said: Vec<_> = span
        .attributes
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect();
    assert_eq!(said, expected, "and nothing of who asks or what for");
    assert!(
        spans[1].is_error && spans[1].attribute("error.type") == "503",
        "{:?}",
        spans[1]
    );
    assert!(!spans[2].is_error && spans[2].attribute("http.route").is_empty());
}

#[tokio::test]
async fn health_and_silent_addresses_are_no_spans() {
    let world = World::start().await;
    for path in ["/health/live", "/health/ready", "/stream"] {
        world.get(path, &[]).await;
    }
    let told = world
        .get("/stream", &[("traceparent", &traceparent())])
        .await;
    assert_eq!(told, traceparent(), "the caller's, unchanged");
    let (spans, _) = world.spans().await;
    assert!(spans.is_empty(), "{spans:?}");
}

#[tokio::test]
async fn a_push_is_a_span_of_its_message_s_trace_linked_to_its_delivery() {
    let world = World::start().await;
    assert_eq!(
        world
            .push("/push/crm", "m1", Some(&traceparent()), Some(DELIVERY))
            .await,
        204
    );
    assert_eq!(
        world.push("/push/crm", "m2", None, Some(DELIVERY)).await,
        204
    );
    assert_eq!(world.push("/push/crm", "m3", None, None).await, 204);
    let (spans, receiver) = world.spans().await;
    assert_eq!(spans.len(), 3, "{spans:?}");
    for (span, id) in spans.iter().zip(["m1", "m2", "m3"]) {
        assert_eq!(
            (span.name.as_str(), span.kind),
            ("process events.crm", "consumer")
        );
        let said = [
            "system",
            "operation.type",
            "destination.subscription.name",
            "message.id",
        ];
        let said = said.map(|key| span.attribute(&format!("messaging.{key}")));
        assert_eq!(said, ["gcp_pubsub", "process", "events.crm", id]);
    }
    let [both, delivery_alone, neither] = &spans[..] else {
        unreachable!("there are three")
    };
    assert_eq!(
        (both.trace_id.as_str(), both.parent_span_id.as_str()),
        (TRACE, "b7ad6b7169203331")
    );
    assert_eq!(both.links, [("1".repeat(32), "2".repeat(16))]);
    assert_eq!(
        (delivery_alone.trace_id.clone(), delivery_alone.links.len()),
        ("1".repeat(32), 0)
    );
    assert_eq!(
        (neither.parent_span_id.as_str(), neither.links.len()),
        ("", 0)
    );
    let pushes = receiver.metrics();
    assert_eq!((pushes.len(), pushes[0].value), (1, 3.0), "{pushes:?}");
}

#[tokio::test]
async fn pushes_are_counted_by_how_they_are_answered_also_those_that_are_none() {
    let world = World::start().await;
    assert_eq!(world.push("/push/crm", "refused", None, None).await, 503);
    let url = format!("http://{}/push/crm", world.server.address());
    let nonsense = world
        .client
        .post(&url)
        .header("content-type", "application/json")
        .body("{}");
    assert_eq!(
        nonsense.send().await.expect("an answer").status().as_u16(),
        400
    );
    let (spans, receiver) = world.spans().await;
    let named: Vec<_> = spans.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(named, ["process events.crm", "POST /push/{destination}"]);
    let mut counted: Vec<_> = receiver
        .metrics()
        .iter()
        .map(|point| {
            (
                point.attribute("subscription").to_owned(),
                point.attribute("answer").to_owned(),
            )
        })
        .collect();
    counted.sort();
    let pair = |subscription: &str, answer: &str| (subscription.to_owned(), answer.to_owned());
    assert_eq!(
        counted,
        [pair("events.crm", "refused"), pair("unknown", "invalid")]
    );
}

#[tokio::test]
async fn off_a_handler_is_told_of_its_caller_s_trace() {
    let server = serve(Observation::default());
    let client = reqwest::Client::builder().build().expect("a client");
    let url = format!("http://{}/api/items/1", server.address());
    let answer = client
        .get(url)
        .header("traceparent", traceparent())
        .send()
        .await;
    assert_eq!(
        answer.expect("an answer").text().await.expect("a body"),
        traceparent()
    );
    server.stop().await.expect("it stops");
}
