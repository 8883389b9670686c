//! How much one caller may send.

use std::sync::Arc;
use std::time::Duration;

use events::{FixedClock, Timestamp};
use publisher::{Callers, Secret, SigningKey};
use serde_json::{Value, json};

use crate::connection::Connection;
use crate::helpers::{Answer, NOW_MS, TestPublisher};

const ONE: &str = "0123456789abcdef";
const OTHER: &str = "fedcba9876543210";

/// A publisher whose callers may send two events a second.
async fn start() -> (TestPublisher, Arc<FixedClock>) {
    let clock = Arc::new(FixedClock::new(Timestamp::from_millis(NOW_MS)));
    let handed = Arc::clone(&clock);
    let publisher = TestPublisher::start_with(|settings, dependencies| {
        settings.callers = Callers::SharedSecret;
        settings.shared_secret = Some(Secret::new(ONE));
        settings.shared_secret_previous = Some(Secret::new(OTHER));
        settings.rate_limit.rate = Some("2/s".parse().expect("a rate"));
        dependencies.clock = handed;
    })
    .await;
    (publisher, clock)
}

fn event(id: &str) -> Value {
    json!({"eventType": "user_login", "eventId": id})
}

async fn publish(publisher: &TestPublisher, key: &str, body: &Value) -> Answer {
    let path = match body {
        Value::Array(_) => "/publish-events",
        _ => "/publish-event",
    };
    let request = publisher
        .client
        .post(publisher.url(path))
        .header("content-type", "application/json")
        .header("x-talaria-key", key)
        .body(body.to_string());
    Answer::read(request.send().await.expect("an answer")).await
}

#[tokio::test]
async fn what_is_too_much_is_answered_429_with_the_time_to_wait() {
    let (publisher, clock) = start().await;
    for _ in 0..2 {
        assert_eq!(publish(&publisher, ONE, &event("1")).await.status, 202);
    }
    let answer = publish(&publisher, ONE, &event("1")).await;
    assert_eq!(
        (answer.status, answer.retry_after.as_deref()),
        (429, Some("1"))
    );
    assert_eq!(answer.content_type, "application/problem+json");
    assert_eq!(publish(&publisher, OTHER, &event("1")).await.status, 202);
    clock.advance(Duration::from_secs(1));
    assert_eq!(publish(&publisher, ONE, &event("1")).await.status, 202);
    assert_eq!(publisher.published().len(), 4);
}

#[tokio::test]
async fn a_stranger_is_told_nothing_of_it_and_uses_up_nobodys() {
    let (publisher, _) = start().await;
    for _ in 0..10 {
        assert_eq!(
            publish(&publisher, "0123456789abcdeX", &event("1"))
                .await
                .status,
            401
        );
    }
    for _ in 0..2 {
        assert_eq!(publish(&publisher, ONE, &event("1")).await.status, 202);
    }
    assert_eq!(publish(&publisher, ONE, &event("1")).await.status, 429);
    assert_eq!(
        publish(&publisher, "0123456789abcdeX", &event("1"))
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn a_batch_counts_as_its_events() {
    let (publisher, clock) = start().await;
    let batch = json!([event("1"), event("2"), event("3"), event("4")]);
    assert_eq!(publish(&publisher, ONE, &batch).await.status, 200);
    let answer = publish(&publisher, ONE, &event("5")).await;
    // Two of four are over, and one more must fit.
    assert_eq!(
        (answer.status, answer.retry_after.as_deref()),
        (429, Some("2"))
    );
    clock.advance(Duration::from_secs(2));
    assert_eq!(publish(&publisher, ONE, &event("5")).await.status, 202);
    assert_eq!(
        publish(&publisher, ONE, &batch).await.status,
        429,
        "refused whole"
    );
    assert_eq!(publisher.published().len(), 5);
}

#[tokio::test]
async fn signed_requests_count_for_the_key_that_signed_them_once_they_are_proven() {
    const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    let publisher = TestPublisher::start(|settings| {
        settings.callers = Callers::Hmac;
        settings.hmac_key = Some(Secret::new(KEY));
        settings.rate_limit.rate = Some("1/m".parse().expect("a rate"));
    })
    .await;
    let body = event("1").to_string();
    let key = SigningKey::read(&Secret::new(KEY)).expect("a key");
    let timestamp = (NOW_MS / 1000).to_string();
    let good = key.sign("msg_1", &timestamp, body.as_bytes());
    let bad = key.sign("msg_2", &timestamp, body.as_bytes());
    let mut statuses = Vec::new();
    for signature in [&bad, &good, &bad, &good] {
        let request = publisher
            .client
            .post(publisher.url("/publish-event"))
            .header("content-type", "application/json")
            .header("webhook-id", "msg_1")
            .header("webhook-timestamp", &timestamp)
            .header("webhook-signature", signature)
            .body(body.clone());
        statuses.push(request.send().await.expect("an answer").status().as_u16());
    }
    assert_eq!(statuses, [401, 202, 401, 429]);
}

#[tokio::test]
async fn a_body_that_comes_slowly_does_not_turn_the_clock_back() {
    let (publisher, clock) = start().await;
    let body = event("1").to_string();
    let mut slow = Vec::new();
    for _ in 0..2 {
        let mut connection = Connection::to(&publisher).await;
        let head = format!(
            "POST /publish-event HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-Talaria-Key: {ONE}\r\n\
             Content-Length: {}\r\nExpect: 100-continue\r\n\r\n",
            body.len()
        );
        connection.send(&head).await;
        let answer = connection.answer().await;
        assert!(answer.starts_with("HTTP/1.1 100 Continue"), "{answer}");
        slow.push(connection);
    }
    clock.advance(Duration::from_secs(8));
    let mut taken = 0;
    for mut connection in slow {
        while publish(&publisher, ONE, &event("2")).await.status == 202 {
            taken += 1;
        }
        connection.send(&body).await;
        let answer = connection.answer().await;
        assert!(answer.starts_with("HTTP/1.1 429"), "{answer}");
    }
    while publish(&publisher, ONE, &event("3")).await.status == 202 {
        taken += 1;
    }
    assert_eq!(taken, 2, "as many as the burst, at one moment");
}

#[tokio::test]
async fn callers_that_prove_nothing_are_all_one() {
    let publisher = TestPublisher::start(|settings| {
        settings.rate_limit.rate = Some("1/m".parse().expect("a rate"));
        settings.rate_limit.burst = std::num::NonZeroU32::new(3);
    })
    .await;
    for status in [202, 202, 202, 429] {
        assert_eq!(publisher.publish(&event("1")).await.status, status);
    }
}
