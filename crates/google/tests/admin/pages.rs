//! A topic with more subscriptions than Google names in one answer.

use google::pubsub::admin::{AdminSettings, PubSubAdmin, WantedTopology};
use serde_json::{Value, json};
use testing::{MockAnswer, MockServer};

fn answer(target: &str) -> Value {
    let subscription = |name: &str| format!("projects/shop/subscriptions/{name}");
    let push = json!({"pushEndpoint": "https://updater.example/old"});
    match target {
        target if !target.contains("/subscriptions") => {
            json!({"name": "projects/shop/topics/updates"})
        }
        target if target.contains("/subscriptions/") => json!({"pushConfig": push}),
        target if target.contains("pageToken=second") => {
            json!({"subscriptions": [subscription("updates.older")]})
        }
        _ => json!({"subscriptions": [subscription("updates.old")], "nextPageToken": "second"}),
    }
}

#[tokio::test]
async fn every_page_of_a_topic_s_subscriptions_is_read() {
    let server = MockServer::start().await;
    server.answer_with(|request| {
        MockAnswer::status(200)
            .header("Content-Type", "application/json")
            .body(&answer(&request.target).to_string())
    });
    let settings = AdminSettings {
        emulator_host: Some(server.address().to_string()),
        ..AdminSettings::new("shop")
    };
    let wanted = WantedTopology {
        topics: vec!["updates".into()],
        subscriptions: Vec::new(),
    };
    let admin = PubSubAdmin::connect(&settings).await.expect("a client");
    let comparison = admin.compare(&wanted).await.expect("compared");
    assert_eq!(comparison.unwanted, ["updates.old", "updates.older"]);
}
