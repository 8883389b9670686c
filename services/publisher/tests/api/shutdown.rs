//! Stopping.

use serde_json::json;

use crate::helpers::{BusMood, TestPublisher};

#[tokio::test]
async fn a_request_that_was_accepted_is_finished_before_the_publisher_stops() {
    let publisher =
        TestPublisher::start(|settings| settings.publish_timeout = testing::PATIENCE).await;
    publisher.bus.mood.send_replace(BusMood::Hangs);
    let url = publisher.url("/publish-event");
    let body = json!({"eventType": "user_login", "eventId": "a"}).to_string();
    let request = publisher
        .client
        .post(&url)
        .header("content-type", "application/json")
        .body(body);
    let answer = tokio::spawn(request.send());
    publisher
        .bus
        .waiting
        .subscribe()
        .wait_for(|waiting| *waiting == 1)
        .await
        .expect("the sender lives");
    let stopping = tokio::spawn(publisher.application.stop());
    publisher.bus.mood.send_replace(BusMood::Takes);
    assert_eq!(
        answer.await.expect("no panic").expect("an answer").status(),
        202
    );
    stopping.await.expect("no panic").expect("a clean stop");
    assert!(
        publisher.client.get(&url).send().await.is_err(),
        "nobody listens any more"
    );
}
