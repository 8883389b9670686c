//! A Pub/Sub that is not there, or doesn't answer.

use std::time::{Duration, Instant};

use google::pubsub::admin::{AdminError, AdminSettings, PubSubAdmin, WantedTopology};
use testing::{MockAnswer, MockServer};

async fn error_of(host: String) -> AdminError {
    let settings = AdminSettings {
        emulator_host: Some(host),
        request_timeout: Duration::from_millis(500),
        ..AdminSettings::new("shop")
    };
    let wanted = WantedTopology {
        topics: vec!["updates".into()],
        subscriptions: Vec::new(),
    };
    let admin = PubSubAdmin::connect(&settings).await.expect("a client");
    let began = Instant::now();
    let error = admin.compare(&wanted).await.expect_err("nobody answers");
    assert!(began.elapsed() < Duration::from_secs(5), "{error}");
    error
}

#[tokio::test]
async fn where_nobody_listens_it_is_unreachable() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = closed.local_addr().expect("an address");
    drop(closed);
    let error = error_of(address.to_string()).await;
    assert!(error.is_unreachable(), "{error}");
    assert!(error.to_string().contains("is it up"), "{error}");
}

#[tokio::test]
async fn who_never_answers_is_given_up_in_time() {
    let server = MockServer::start().await;
    server.answer(MockAnswer::never());
    let error = error_of(server.address().to_string()).await;
    assert!(error.is_unreachable(), "{error}");
    assert!(error.to_string().contains("0.5 s"), "{error}");
}

#[tokio::test]
async fn who_refuses_for_lack_of_rights_says_which_role_is_needed() {
    let server = MockServer::start().await;
    let body = r#"{"error":{"code":403,"message":"no","status":"PERMISSION_DENIED"}}"#;
    server.answer(
        MockAnswer::status(403)
            .header("Content-Type", "application/json")
            .body(body),
    );
    let error = error_of(server.address().to_string()).await;
    assert!(!error.is_unreachable(), "{error}");
    assert!(error.to_string().contains("roles/pubsub.viewer"), "{error}");
}
