//! `POST /publish-event`.

use std::collections::BTreeSet;

use bus::attribute;
use serde_json::{Value, json};

use crate::helpers::{BusMood, NOW_MS, TestPublisher};

fn purchase() -> Value {
    json!({
        "eventType": "purchase", "eventId": "evt-1", "clientId": "1.2", "userId": "cust-1", "eventTimestampMs": NOW_MS - 5000,
        "data": {"transactionId": "ORD-1", "value": "74.00", "currency": "DKK", "items": [{"item_id": 90210, "price": "37.00"}]},
    })
}

#[tokio::test]
async fn an_event_is_answered_202_once_it_is_on_the_bus_normalised() {
    let publisher = TestPublisher::start(|_| {}).await;
    let request = publisher
        .client
        .post(publisher.url("/publish-event"))
        .header("content-type", "application/json; charset=utf-8")
        .header(
            "traceparent",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        );
    let response = request
        .body(purchase().to_string())
        .send()
        .await
        .expect("an answer");
    assert_eq!(response.status(), 202);
    let answer: Value =
        serde_json::from_str(&response.text().await.expect("a body")).expect("JSON");
    assert_eq!(answer, json!({"eventId": "evt-1", "messageId": "1"}));
    let published = &publisher.published()[0];
    assert_eq!(
        published["data"]["items"][0],
        json!({"item_id": "90210", "price": 37, "quantity": 1})
    );
    let messages = publisher.bus.messages.lock().expect("no panic holds it");
    let (topic, message) = &messages[0];
    assert_eq!(topic, "backend-updates");
    let attributes = [
        (attribute::EVENT_TYPE, "purchase"),
        (attribute::EVENT_ID, "evt-1"),
        (attribute::RECEIVED_MS, "1764060300000"),
        (attribute::SCHEMA_VERSION, "1"),
        (
            attribute::TRACEPARENT,
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ),
    ];
    for (name, value) in attributes {
        assert_eq!(message.attributes[name], value, "{name}");
    }
}

#[tokio::test]
async fn an_event_whose_request_names_no_trace_gets_one_of_its_own() {
    let publisher = TestPublisher::start(|_| {}).await;
    for _ in 0..2 {
        assert_eq!(publisher.publish(&purchase()).await.status, 202);
    }
    let broken = publisher
        .client
        .post(publisher.url("/publish-event"))
        .header("content-type", "application/json")
        .header("traceparent", "00-1-1-01")
        .body(purchase().to_string());
    assert_eq!(broken.send().await.expect("an answer").status(), 202);
    let messages = publisher.bus.messages.lock().expect("no panic holds it");
    let traces: BTreeSet<String> = messages
        .iter()
        .map(|(_, message)| &message.attributes[attribute::TRACEPARENT])
        .map(|text| web::TraceContext::from_traceparent(text).expect("a traceparent"))
        .map(|trace| trace.trace_id.to_string())
        .collect();
    assert_eq!(traces.len(), 3);
}

#[tokio::test]
async fn every_violation_is_reported_at_once_with_its_pointer() {
    let publisher = TestPublisher::start(|_| {}).await;
    let event = json!({"eventType": "purchase", "data": {"value": "NaN", "currency": "EURO", "items": [{"quantity": -1}]}});
    let answer = publisher.publish(&event).await;
    assert_eq!(
        (answer.status, answer.content_type.as_str()),
        (422, "application/problem+json")
    );
    let pointers: Vec<String> = answer.json()["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|error| error["pointer"].as_str().expect("a pointer").to_owned())
        .collect();
    for pointer in [
        "/eventId",
        "/data/value",
        "/data/currency",
        "/data/items/0/quantity",
    ] {
        assert!(
            pointers.iter().any(|found| found == pointer),
            "{pointer} is missing in {pointers:?}"
        );
    }
    assert!(publisher.published().is_empty());
}

#[tokio::test]
async fn what_is_no_event_is_refused_with_what_to_do() {
    let publisher = TestPublisher::start(|_| {}).await;
    let deep = format!("{}1{}", "[".repeat(40), "]".repeat(40));
    let cases: [(&str, &str, String, u16, &str); 8] = [
        (
            "not JSON",
            "application/json",
            "{\"eventType\":".into(),
            400,
            "line 1",
        ),
        ("empty", "application/json", String::new(), 400, "not JSON"),
        ("40 levels", "application/json", deep, 400, "32 levels"),
        (
            "an array",
            "application/json",
            "[{}]".into(),
            422,
            "/publish-events",
        ),
        ("a number", "application/json", "7".into(), 422, "object"),
        (
            "data is an array",
            "application/json",
            r#"{"eventType":"x","eventId":"1","data":[]}"#.into(),
            422,
            "/data",
        ),
        (
            "another type",
            "text/plain",
            purchase().to_string(),
            415,
            "application/json",
        ),
        (
            "two megabytes",
            "application/json",
            format!("\"{}\"", "x".repeat(2 << 20)),
            413,
            "1048576",
        ),
    ];
    for (what, content_type, body, status, words) in cases {
        let answer = publisher.post("/publish-event", content_type, body).await;
        assert_eq!(
            (answer.status, answer.content_type.as_str()),
            (status, "application/problem+json"),
            "{what}"
        );
        assert!(
            answer.text.contains(words),
            "{what}: {words} is missing in {}",
            answer.text
        );
    }
    assert!(publisher.published().is_empty());
}

#[tokio::test]
async fn a_body_without_announced_length_is_cut_off_at_the_limit() {
    let publisher = TestPublisher::start(|settings| settings.event.max_body_bytes = 1000).await;
    let chunks = (0..100).map(|_| Ok::<_, std::io::Error>(vec![b' '; 100]));
    let body = reqwest::Body::wrap_stream(futures_util::stream::iter(chunks));
    let answer = publisher
        .post("/publish-event", "application/json", body)
        .await;
    assert_eq!(answer.status, 413);
}

#[tokio::test]
async fn strangers_are_refused_before_their_body_is_read() {
    let publisher = TestPublisher::start(|settings| {
        settings.callers = publisher::Callers::SharedSecret;
        settings.shared_secret = Some(publisher::Secret::new("0123456789abcdef"));
    })
    .await;
    assert_eq!(publisher.publish(&purchase()).await.status, 401);
    let request = publisher
        .client
        .post(publisher.url("/publish-event"))
        .header("content-type", "application/json");
    let response = request
        .header("X-Talaria-Key", "0123456789abcdef")
        .body(purchase().to_string())
        .send()
        .await;
    assert_eq!(response.expect("an answer").status(), 202);
}

#[tokio::test]
async fn a_bus_that_refuses_or_hangs_is_503_in_time_and_says_nothing_internal() {
    let publisher = TestPublisher::start(|settings| {
        settings.publish_timeout = std::time::Duration::from_millis(50);
    })
    .await;
    for (mood, retry_after) in [(BusMood::Refuses, "3"), (BusMood::Hangs, "1")] {
        publisher.bus.mood.send_replace(mood);
        let answer = publisher.publish(&purchase()).await;
        assert_eq!(
            (answer.status, answer.retry_after.as_deref()),
            (503, Some(retry_after)),
            "{mood:?}"
        );
        assert!(!answer.text.contains("secret detail"), "{}", answer.text);
        let ready = publisher
            .client
            .get(publisher.url("/health/ready"))
            .send()
            .await
            .expect("an answer");
        assert_eq!(ready.status(), 503);
    }
    publisher.bus.mood.send_replace(BusMood::Takes);
    assert_eq!(
        publisher.publish(&purchase()).await.status,
        202,
        "it recovers by itself"
    );
    for path in ["/health/live", "/health/ready"] {
        // A bad answer about readiness holds for a second.
        testing::eventually(path, || async {
            let answer = publisher.client.get(publisher.url(path)).send().await;
            (answer.expect("an answer").status() == 200).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn a_flood_is_refused_while_the_house_is_full() {
    let publisher = TestPublisher::start(|settings| {
        settings.admission.max_requests = 2;
        settings.publish_timeout = testing::PATIENCE;
    })
    .await;
    publisher.bus.mood.send_replace(BusMood::Hangs);
    let event = purchase();
    let filling = async { tokio::join!(publisher.publish(&event), publisher.publish(&event)) };
    let flooding = async {
        publisher
            .bus
            .waiting
            .subscribe()
            .wait_for(|waiting| *waiting == 2)
            .await
            .expect("the sender lives");
        let refused = publisher.publish(&event).await;
        publisher.bus.mood.send_replace(BusMood::Takes);
        refused
    };
    let ((first, second), refused) = tokio::join!(filling, flooding);
    assert_eq!((first.status, second.status), (202, 202));
    assert_eq!(
        (refused.status, refused.retry_after.as_deref()),
        (503, Some("1"))
    );
}
