//! Whatever comes: kept, acknowledged, and not looping; or refused, and kept by the bus.

use serde_json::{Value, json};
use testing::MockServer;

use crate::helpers::{World, envelope, one_route, purchase};

#[tokio::test]
async fn a_message_that_can_not_be_read_is_kept_once_and_acknowledged() {
    let deep = format!("{}1{}", "[".repeat(80), "]".repeat(80));
    let cases: [(&str, &[u8], &str); 6] = [
        ("no data", b"", "unreadable"),
        ("no JSON", b"{\"eventType\":", "unreadable"),
        ("no UTF-8", b"\xff\xfe", "unreadable"),
        ("a number", b"7", "unreadable"),
        ("80 levels", deep.as_bytes(), "unreadable"),
        (
            "an amount that is none",
            br#"{"eventType":"purchase","eventId":"1","data":{"value":"much"}}"#,
            "invalid",
        ),
    ];
    let api = MockServer::start().await;
    let world = World::new(&one_route("safe", ""), &api);
    let updater = world.start();
    let mut expected: Vec<&str> = Vec::new();
    for (index, (what, data, reason)) in cases.into_iter().enumerate() {
        for _ in 0..2 {
            let status = updater
                .push_to("/api", &index.to_string(), data, &[("probe", "1")])
                .await;
            assert_eq!(status, 204, "{what}");
        }
        expected.push(reason);
        let mut reasons = world.reasons().await;
        reasons.sort_unstable();
        expected.sort_unstable();
        assert_eq!(reasons, expected, "{what}");
    }
    let broken = br#"{"message":{"data":"%%%","messageId":"99"},"subscription":"s"}"#.to_vec();
    assert_eq!(
        updater.post("/process-backend-update/api", broken).await,
        204
    );
    let kept = world.dead_letters().await;
    assert!(
        kept.iter()
            .any(|letter| letter.summary.detail.contains("base64"))
    );
    assert!(api.requests().is_empty());
}

#[tokio::test]
async fn a_request_that_is_no_push_is_refused_so_that_the_bus_keeps_it() {
    let api = MockServer::start().await;
    let mut world = World::new(&one_route("safe", ""), &api);
    world.settings.push.max_body_bytes = 10_000;
    let updater = world.start();
    for body in ["", "[]", "{}", "not JSON", "{\"eventType\":\"purchase\"}"] {
        assert_eq!(
            updater
                .post("/process-backend-update/api", body.into())
                .await,
            400,
            "{body}"
        );
    }
    let large = envelope("1", &[b' '; 10_000], &[]);
    assert_eq!(
        updater.post("/process-backend-update/api", large).await,
        413
    );
    assert!(world.dead_letters().await.is_empty());
}

#[tokio::test]
async fn a_push_that_any_sites_page_could_have_a_browser_post_is_refused() {
    let api = MockServer::start().await;
    let world = World::new(&one_route("safe", ""), &api);
    let updater = world.start();
    let push = envelope("1", purchase("T1").to_string().as_bytes(), &[]);
    let client = reqwest::Client::builder().build().expect("a client");
    for content_type in [
        None,
        Some("text/plain"),
        Some("text/plain;application/json"),
    ] {
        let request = client
            .post(updater.url("/process-backend-update/api"))
            .body(push.clone());
        let request = match content_type {
            Some(content_type) => request.header("content-type", content_type),
            None => request,
        };
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), 415, "{content_type:?}");
    }
    assert_eq!(updater.push(&purchase("T1")).await, 204);
    assert_eq!(api.requests().len(), 1);
}

#[tokio::test]
async fn an_unknown_destination_is_kept_and_acknowledged() {
    let api = MockServer::start().await;
    let world = World::new(&one_route("safe", ""), &api);
    let updater = world.start();
    let data = purchase("T1").to_string();
    assert_eq!(
        updater.push_to("/nowhere", "1", data.as_bytes(), &[]).await,
        204
    );
    let letters = world.dead_letters().await;
    assert_eq!(letters[0].summary.reason.name(), "unknown-destination");
    assert!(letters[0].summary.detail.contains("nowhere"));
}

#[tokio::test]
async fn an_expression_that_fails_is_kept_without_the_events_values() {
    let api = MockServer::start().await;
    let world = World::new(&one_route("safe", ""), &api);
    let updater = world.start();
    let mut event = purchase("T1");
    event["data"]
        .as_object_mut()
        .expect("an object")
        .remove("value");
    assert_eq!(updater.push(&event).await, 204);
    let letters = world.dead_letters().await;
    assert_eq!(letters[0].summary.reason.name(), "expression-failed");
    assert!(
        letters[0].summary.detail.contains("event.data.value"),
        "{}",
        letters[0].summary.detail
    );
    assert!(api.requests().is_empty());
}

#[tokio::test]
async fn an_event_that_no_route_wants_is_acknowledged_and_one_without_type_is_kept() {
    let api = MockServer::start().await;
    let world = World::new(&one_route("safe", ""), &api);
    let updater = world.start();
    let unwanted = json!({"eventType": "scroll", "eventId": "1", "data": {}}).to_string();
    assert_eq!(
        updater.push_to("/api", "1", unwanted.as_bytes(), &[]).await,
        204
    );
    assert!(world.dead_letters().await.is_empty());
    let untyped: Value = json!({"transaction_id": "T9", "value": 1});
    assert_eq!(
        updater
            .push_to("/api", "2", untyped.to_string().as_bytes(), &[])
            .await,
        204
    );
    assert_eq!(world.reasons().await, ["no-event-type"]);
    assert_eq!(
        updater
            .push_to("/api?as=purchase", "2", untyped.to_string().as_bytes(), &[])
            .await,
        204
    );
    assert_eq!(
        api.requests().len(),
        1,
        "the push address can name the type"
    );
}

#[tokio::test]
async fn what_the_bus_gave_up_on_is_kept_where_nobody_knows_which_event_it_is() {
    let api = MockServer::start().await;
    let world = World::new(&one_route("safe", ""), &api);
    let updater = world.start();
    let mut event = purchase("T1");
    for (part, name) in [("", "eventId"), ("/data", "transactionId")] {
        let part = event.pointer_mut(part).and_then(Value::as_object_mut);
        part.expect("an object").remove(name);
    }
    for (number, subscription) in ["backend-updates.api", "backend-updates.api~b6f238d6"]
        .into_iter()
        .enumerate()
    {
        let attributes = [
            ("eventType", "purchase"),
            ("CloudPubSubDeadLetterSourceSubscription", subscription),
            ("CloudPubSubDeadLetterSourceDeliveryCount", "100"),
        ];
        let body = envelope("77", event.to_string().as_bytes(), &attributes);
        for _ in 0..2 {
            assert_eq!(updater.post("/dead-letter", body.clone()).await, 204);
        }
        let letters = world.dead_letters().await;
        let summary = &letters[0].summary;
        assert_eq!(
            (letters.len(), summary.reason.name(), summary.attempts),
            (number + 1, "undelivered", 100)
        );
        assert_eq!(
            summary.destination.as_deref(),
            Some("api"),
            "{subscription}"
        );
        assert_eq!(summary.identity.as_deref(), Some("pubsub:77"));
    }
}
