//! A publisher that lets in whatever comes through the network in front of it.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use publisher::{Application, Callers, PublisherSettings};
use serde_json::json;
use telemetry::LogSettings;

use crate::helpers::{Answer, TestPublisher};

#[tokio::test]
async fn it_starts_where_others_reach_it_only_if_the_network_is_named_trusted_and_says_so() {
    let lines = Arc::new(Mutex::new(String::new()));
    let written = Arc::clone(&lines);
    let dispatch = telemetry::dispatch(&LogSettings::default(), move |line| {
        written.lock().expect("no panic holds it").push_str(line);
    })
    .expect("a filter");
    let (_, dependencies) = TestPublisher::dependencies();
    let start = |callers| {
        let mut settings = PublisherSettings::default();
        (settings.http.workers, settings.callers) = (1, callers);
        let everywhere = TcpListener::bind(("0.0.0.0", 0)).expect("a free port");
        tracing::dispatcher::with_default(&dispatch, || {
            Application::build(everywhere, dependencies.clone(), settings)
        })
    };
    let refusal = start(Callers::None).err().expect("a refusal").to_string();
    for way in ["127.0.0.1", "shared-secret", "trusted-network"] {
        assert!(refusal.contains(way), "{way:?} is not in {refusal}");
    }
    assert_eq!(*lines.lock().expect("no panic holds it"), "");
    let application = start(Callers::TrustedNetwork).expect("it is named");
    let said = lines.lock().expect("no panic holds it").clone();
    assert!(
        said.contains("WARN") && said.contains("publisher.callers is trusted-network"),
        "{said}"
    );
    application.stop().await.expect("a clean stop");
}

#[tokio::test]
async fn it_asks_for_nothing_and_answers_under_any_name() {
    let publisher = TestPublisher::start(|settings| {
        settings.callers = Callers::TrustedNetwork;
    })
    .await;
    let event =
        json!({"eventType": "user_login", "eventId": "1", "data": {"loginMethod": "password"}});
    let request = publisher
        .client
        .post(publisher.url("/publish-event"))
        .header("host", "publisher:8080")
        .header("content-type", "application/json")
        .body(event.to_string());
    let answer = Answer::read(request.send().await.expect("an answer")).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
}
