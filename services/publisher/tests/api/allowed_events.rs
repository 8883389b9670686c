//! A publisher that takes some types of events alone.

use serde_json::json;

use crate::helpers::TestPublisher;

async fn start(allowed: &[&str]) -> TestPublisher {
    let allowed: Vec<String> = allowed.iter().map(|&text| text.to_owned()).collect();
    TestPublisher::start(|settings| settings.allowed_events = allowed).await
}

#[tokio::test]
async fn an_event_of_another_type_is_refused_and_the_types_are_not_listed() {
    let publisher = start(&["purchase", "user_login"]).await;
    for (event_type, status) in [
        ("user_login", 202),
        ("generate_lead", 422),
        ("User_Login", 422),
        ("", 422),
    ] {
        let event = json!({"eventType": event_type, "eventId": "1", "data": {}});
        let answer = publisher.publish(&event).await;
        assert_eq!(answer.status, status, "{event_type:?}: {}", answer.text);
        if status == 422 {
            assert_eq!(answer.json()["errors"][0]["pointer"], "/eventType");
            assert!(!answer.text.contains("purchase"), "{}", answer.text);
            assert!(event_type.is_empty() || !answer.text.contains(event_type));
        }
    }
    let untyped = publisher.publish(&json!({"eventId": "1"})).await;
    assert_eq!(untyped.json()["errors"][0]["pointer"], "/eventType");
    assert_eq!(publisher.published().len(), 1);
}

#[tokio::test]
async fn each_event_of_a_batch_is_judged_by_itself() {
    let publisher = start(&["user_login"]).await;
    let of = |event_type: &str| json!({"eventType": event_type, "eventId": "1", "data": {}});
    let batch = json!([of("user_login"), of("purchase"), 7, of("user_login")]);
    let answer = publisher
        .post("/publish-events", "application/json", batch.to_string())
        .await;
    let results = answer.json()["results"].clone();
    let statuses: Vec<_> = (0..4)
        .map(|index| results[index]["status"].clone())
        .collect();
    assert_eq!(statuses, [202, 422, 422, 202]);
    assert_eq!(results[1]["problem"]["errors"][0]["pointer"], "/eventType");
}

#[tokio::test]
async fn where_none_is_named_all_are_taken() {
    let publisher = start(&[]).await;
    let event = json!({"eventType": "whatever", "eventId": "1"});
    assert_eq!(publisher.publish(&event).await.status, 202);
}
