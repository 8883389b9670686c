//! A server that takes pushes, and what strangers and Pub/Sub get from it.

use std::net::TcpListener;
use std::sync::Arc;

use actix_web::web::{Data, ServiceConfig, post};
use bus::{MessageId, PushEnvelope};
use serde_json::json;
use testing::MockAnswer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use web::{
    Admission, AdmissionSettings, Hosts, HttpSettings, JsonLimits, PushAcceptance, PushRequest,
    RunningServer, acknowledged, serve,
};

use crate::scene::{FIRST, SECOND, Scene, claims, claims_with};

fn start(scene: &Scene) -> RunningServer {
    let acceptance = Data::new(PushAcceptance {
        admission: Admission::new(&AdmissionSettings::default()),
        limits: Arc::new(JsonLimits::default()),
        callers: scene.tokens.clone(),
    });
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let settings = HttpSettings {
        workers: 2,
        ..HttpSettings::default()
    };
    let configure = move |configuration: &mut ServiceConfig| {
        let take = async |_: PushRequest| acknowledged();
        configuration
            .app_data(acceptance.clone())
            .route("/push", post().to(take));
    };
    serve(listener, &settings, Hosts::Any, configure).expect("a server")
}

async fn push(server: &RunningServer, token: &str) -> reqwest::Response {
    let subscription = "projects/shop/subscriptions/backend-updates.crm".to_owned();
    let time = "2025-11-25T08:45:00Z".to_owned();
    let envelope = PushEnvelope::new(subscription, &MessageId("1".into()), time, b"{}");
    let client = reqwest::Client::builder().build().expect("a client");
    client
        .post(format!("http://{}/push", server.address()))
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {token}"))
        .body(serde_json::to_vec(&envelope).expect("JSON"))
        .send()
        .await
        .expect("an answer")
}

#[tokio::test]
async fn a_good_push_is_taken_and_strangers_learn_nothing_of_what_was_wrong() {
    let scene = Scene::new().await;
    let server = start(&scene);
    let wrong = [
        FIRST.sign(&claims_with("aud", json!("https://other.example"))),
        FIRST.sign(&claims_with("email_verified", json!(null))),
        SECOND.sign(&claims()),
        "nonsense".into(),
    ];
    let mut answers = Vec::new();
    for token in wrong {
        let answer = push(&server, &token).await;
        assert_eq!(answer.status(), 401);
        answers.push(answer.text().await.expect("a body"));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(push(&server, &FIRST.sign(&claims())).await.status(), 204);
    server.stop().await.expect("a clean stop");
}

#[tokio::test]
async fn while_nobody_can_tell_the_bus_is_asked_to_come_again() {
    let scene = Scene::new().await;
    scene.server.answer(MockAnswer::status(500));
    let server = start(&scene);
    let answer = push(&server, &FIRST.sign(&claims())).await;
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers()["retry-after"], "1");
    scene.publish(&[FIRST], "max-age=1000");
    scene.advance(1);
    assert_eq!(push(&server, &FIRST.sign(&claims())).await.status(), 204);
    server.stop().await.expect("a clean stop");
}

#[tokio::test]
async fn a_stranger_is_answered_before_he_has_sent_his_body() {
    let scene = Scene::new().await;
    let server = start(&scene);
    let connected = tokio::net::TcpStream::connect(server.address()).await;
    let mut connection = connected.expect("a connection");
    let head = "POST /push HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900000\r\n\r\n";
    connection
        .write_all(head.as_bytes())
        .await
        .expect("a head is sent");
    let mut answer = [0; 12];
    let reading = connection.read_exact(&mut answer);
    tokio::time::timeout(testing::PATIENCE, reading)
        .await
        .expect("an answer in time")
        .expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 401");
    drop(connection);
    server.stop().await.expect("a clean stop");
}
