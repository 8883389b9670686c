//! Requests that are refused before any event of theirs is known, by each reason.

use std::sync::Arc;
use std::time::Duration;
use testing::Recording;

use async_trait::async_trait;
use publisher::{Callers, IdTokenSettings, PublisherSettings, Secret};
use telemetry::Telemetry;
use web::{PushCredentials, PushRefusal, TokenVerifier};

use super::counts;
use crate::connection::Connection;
use crate::helpers::TestPublisher;

const KEY: &str = "0123456789abcdef";
const EVENT: &str = r#"{"eventType":"user_login","eventId":"1"}"#;
const JSON: &str = "application/json";

/// Can't tell now.
struct Away;

#[async_trait]
impl TokenVerifier for Away {
    async fn account(&self, _: PushCredentials<'_>) -> Result<&str, PushRefusal> {
        Err(PushRefusal::Unavailable)
    }
}

async fn start(
    telemetry: &Telemetry,
    change: impl FnOnce(&mut PublisherSettings),
) -> TestPublisher {
    TestPublisher::start_with(|settings, dependencies| {
        settings.callers = Callers::SharedSecret;
        settings.shared_secret = Some(Secret::new(KEY));
        change(settings);
        dependencies.telemetry = telemetry.clone();
        dependencies.token_verifier = Some(Arc::new(Away));
    })
    .await
}

async fn post(
    publisher: &TestPublisher,
    path: &str,
    (key, content_type): (&str, &str),
    body: impl Into<reqwest::Body>,
) -> u16 {
    let request = publisher
        .client
        .post(publisher.url(path))
        .header("content-type", content_type)
        .header("x-talaria-key", key)
        .body(body);
    request.send().await.expect("an answer").status().as_u16()
}

#[tokio::test]
async fn every_refused_request_is_counted_by_its_reason_and_no_event_is() {
    let recording = Recording::start().await;
    let telemetry = &recording.telemetry;
    let open = start(telemetry, |settings| settings.max_batch_events = 1).await;
    let unchecked = start(telemetry, |settings| {
        settings.callers = Callers::GoogleIdToken;
        settings.id_token = IdTokenSettings {
            audience: vec!["https://publisher.example".into()],
            service_account: vec!["tag@shop.iam.gserviceaccount.com".into()],
        };
    })
    .await;
    let limited = start(telemetry, |settings| {
        settings.rate_limit.rate = Some("1/m".parse().expect("a rate"));
    })
    .await;
    let full = start(telemetry, |settings| settings.admission.max_requests = 0).await;
    let impatient = start(telemetry, |settings| {
        settings.event.body_timeout = Duration::from_millis(20);
    })
    .await;
    let right = (KEY, JSON);
    let two = format!("[{EVENT},{EVENT}]");
    let single = "/publish-event";
    assert_eq!(post(&open, single, ("another", JSON), EVENT).await, 401);
    let mut asking = Connection::to(&open).await;
    let head = "POST /publish-event HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n";
    asking.send(head).await;
    let answer = asking.answer().await;
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    assert_eq!(post(&unchecked, single, right, EVENT).await, 503);
    assert_eq!(post(&limited, single, right, EVENT).await, 202);
    assert_eq!(post(&limited, single, right, EVENT).await, 429);
    assert_eq!(post(&full, single, right, EVENT).await, 503);
    assert_eq!(post(&open, single, right, vec![b' '; 2 << 20]).await, 413);
    assert_eq!(post(&open, "/publish-events", right, two).await, 413);
    assert_eq!(post(&open, single, (KEY, "text/plain"), EVENT).await, 415);
    assert_eq!(post(&open, single, right, "{").await, 400);
    let never = futures_util::stream::pending::<Result<String, std::io::Error>>();
    let never = reqwest::Body::wrap_stream(never);
    assert_eq!(post(&impatient, single, right, never).await, 408);
    let sent = recording.end().await;
    let expected = counts([
        ("unauthenticated", 2),
        ("unchecked_caller", 1),
        ("rate_limited", 1),
        ("overloaded", 1),
        ("too_large", 2),
        ("unsupported_type", 1),
        ("unreadable", 1),
        ("too_slow", 1),
    ]);
    assert_eq!(sent.counts("talaria.publisher.refusals"), expected);
    let expected = counts([("user_login accepted", 1)]);
    assert_eq!(sent.counts("talaria.publisher.events"), expected);
}

#[tokio::test]
async fn a_line_of_a_batch_that_is_no_event_is_counted_as_one_without_a_type() {
    let recording = Recording::start().await;
    let publisher = start(&recording.telemetry, |settings| {
        settings.event.max_body_bytes = 100;
    })
    .await;
    let lines = format!("{EVENT}\n{{\n{}\n", "x".repeat(101));
    let ndjson = (KEY, "application/x-ndjson");
    let answer = post(&publisher, "/publish-events", ndjson, lines).await;
    assert_eq!(answer, 200);
    let sent = recording.end().await;
    let expected = counts([
        ("user_login accepted", 1),
        ("none invalid", 1),
        ("none too_large", 1),
    ]);
    assert_eq!(sent.counts("talaria.publisher.events"), expected);
    assert!(sent.counts("talaria.publisher.refusals").is_empty());
}
