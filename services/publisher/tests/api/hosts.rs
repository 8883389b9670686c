//! The names under which the publisher answers.

use publisher::Callers;
use serde_json::json;

use crate::helpers::{Answer, TestPublisher};

const SECRET: &str = "0123456789abcdef";

async fn publish_as(publisher: &TestPublisher, host: &str) -> Answer {
    let event =
        json!({"eventType": "user_login", "eventId": host, "data": {"loginMethod": "password"}});
    let request = publisher
        .client
        .post(publisher.url("/publish-event"))
        .header("host", host)
        .header("content-type", "application/json")
        .header("x-talaria-key", SECRET)
        .body(event.to_string());
    Answer::read(request.send().await.expect("an answer")).await
}

#[tokio::test]
async fn a_publisher_that_asks_nobody_answers_under_the_names_of_loopback_alone() {
    let publisher = TestPublisher::start(|_| {}).await;
    for host in ["localhost", "127.0.0.1:1", "[::1]:8080"] {
        assert_eq!(publish_as(&publisher, host).await.status, 202, "{host}");
    }
    let answer = publish_as(&publisher, "rebound.example:8080").await;
    assert_eq!(answer.status, 421);
    assert_eq!(answer.content_type, "application/problem+json");
    let use_instead = format!("http://{}", publisher.application.address());
    assert!(answer.text.contains(&use_instead), "{}", answer.text);
    assert_eq!(publisher.published().len(), 3);
}

#[tokio::test]
async fn a_publisher_that_asks_for_a_secret_answers_under_any_name() {
    let publisher = TestPublisher::start(|settings| {
        settings.callers = Callers::SharedSecret;
        settings.shared_secret = Some(publisher::Secret::new(SECRET));
    })
    .await;
    let answer = publish_as(&publisher, "events.shop.example").await;
    assert_eq!(answer.status, 202, "{}", answer.text);
}
