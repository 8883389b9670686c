//! `POST /publish-events`.

use serde_json::{Value, json};

use crate::helpers::TestPublisher;

fn event(id: &str) -> Value {
    json!({"eventType": "user_login", "eventId": id, "data": {"loginMethod": "password"}})
}

#[tokio::test]
async fn each_event_of_an_array_has_its_own_answer() {
    let publisher = TestPublisher::start(|_| {}).await;
    let body = json!([event("a"), {"eventType": "user_login"}, event("b")]);
    let answer = publisher
        .post("/publish-events", "application/json", body.to_string())
        .await;
    assert_eq!(answer.status, 200);
    let results = answer.json()["results"].clone();
    let statuses: Vec<u64> = results
        .as_array()
        .expect("results")
        .iter()
        .map(|r| r["status"].as_u64().unwrap())
        .collect();
    assert_eq!(statuses, [202, 422, 202]);
    assert_eq!(results[2]["eventId"], "b");
    assert_eq!(results[2]["index"], 2);
    assert_eq!(results[1]["problem"]["errors"][0]["pointer"], "/eventId");
    assert_eq!(publisher.published().len(), 2);
}

#[tokio::test]
async fn ndjson_is_taken_line_by_line_and_a_broken_line_costs_only_itself() {
    let publisher = TestPublisher::start(|settings| settings.event.max_body_bytes = 200).await;
    let long = format!("{{\"eventType\":\"{}\"}}", "x".repeat(300));
    let body = format!("{}\n\n{{broken\r\n{long}\n{}\n", event("a"), event("b"));
    let answer = publisher
        .post("/publish-events", "application/x-ndjson", body)
        .await;
    let results = answer.json()["results"].clone();
    let statuses: Vec<u64> = results
        .as_array()
        .expect("results")
        .iter()
        .map(|r| r["status"].as_u64().unwrap())
        .collect();
    assert_eq!(statuses, [202, 400, 413, 202]);
}

#[tokio::test]
async fn too_many_events_or_another_shape_are_refused_whole() {
    let publisher = TestPublisher::start(|settings| settings.max_batch_events = 2).await;
    let three = json!([event("a"), event("b"), event("c")]).to_string();
    let cases = [
        (three, 413),
        (event("a").to_string(), 400),
        ("[".into(), 400),
    ];
    for (body, status) in cases {
        let answer = publisher
            .post("/publish-events", "application/json", body)
            .await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
    assert!(publisher.published().is_empty());
}

#[tokio::test]
async fn what_any_sites_page_can_have_a_browser_post_is_not_taken_for_ndjson() {
    let publisher = TestPublisher::start(|_| {}).await;
    let line = event("a").to_string();
    for content_type in ["text/plain;x=ndjson", "text/plain;application/x-ndjson", ""] {
        let answer = publisher
            .post("/publish-events", content_type, line.clone())
            .await;
        assert_eq!(answer.status, 415, "{content_type}: {}", answer.text);
    }
    assert!(publisher.published().is_empty());
    let content_type = "Application/X-NDJSON; charset=utf-8";
    let answer = publisher.post("/publish-events", content_type, line).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}
