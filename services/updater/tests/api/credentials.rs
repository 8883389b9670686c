//! How calls say who makes them: secrets from Secret Manager.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use google::secret_manager::{SecretManager, SecretManagerError, SecretManagerSettings};
use testing::{MockAnswer, MockServer};
use updater::secret::{SecretError, SecretSource, SecretText};

use crate::helpers::{World, one_route, purchase};

/// Secret Manager's client as the updater's program hands it in.
struct FromSecretManager(SecretManager);

#[async_trait]
impl SecretSource for FromSecretManager {
    async fn read(&self, name: &str) -> Result<SecretText, SecretError> {
        let text = self.0.read(name).await;
        text.map(|text| SecretText::new(&text))
            .map_err(|error| match error {
                SecretManagerError::Missing { name, remedy } => {
                    SecretError::Missing { name, remedy }
                }
                SecretManagerError::Unreadable { name, reason } => {
                    SecretError::Unreadable { name, reason }
                }
            })
    }
}

/// A world whose secrets are in this stand-in for Secret Manager.
async fn world_with(secret_manager: &MockServer, api: &MockServer) -> World {
    let mut world = World::new(&one_route("safe", ""), api);
    world.settings.secrets.source = updater::SecretSourceName::SecretManager;
    let settings = SecretManagerSettings {
        endpoint: Some(secret_manager.url("")),
        ..SecretManagerSettings::new("shop")
    };
    let client = SecretManager::connect(settings).await.expect("a client");
    world.secret_manager = Some(Arc::new(FromSecretManager(client)));
    world
}

fn secret(text: &str) -> MockAnswer {
    let payload = serde_json::json!({
        "data": STANDARD.encode(text),
        "dataCrc32c": crc32c_of(text).to_string(),
    });
    let body = serde_json::json!({"name": "projects/1/secrets/KEY/versions/1", "payload": payload});
    MockAnswer::status(200)
        .header("content-type", "application/json")
        .body(&body.to_string())
}

/// The checksum, bit by bit, so that the test doesn't trust the code it tests.
fn crc32c_of(text: &str) -> u32 {
    let step = |crc: u32| (crc >> 1) ^ (0x82F6_3B78 & (crc & 1).wrapping_neg());
    let sum = text.bytes().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| step(crc))
    });
    !sum
}

#[tokio::test]
async fn a_secret_rotated_in_secret_manager_is_read_again_after_it_was_refused() {
    let (secret_manager, api) = (MockServer::start().await, MockServer::start().await);
    secret_manager.answer(secret("old\n"));
    api.answer_with(|request| match request.header("x-api-key") {
        "new" => MockAnswer::status(200),
        _ => MockAnswer::status(401),
    });
    let world = world_with(&secret_manager, &api).await;
    let updater = world.start();
    assert_eq!(updater.push(&purchase("T1")).await, 204);
    secret_manager.answer(secret("new\n"));
    world.clock.advance(Duration::from_secs(60));
    assert_eq!(updater.drain().await["done"], 1);
    let keys: Vec<String> = api
        .requests()
        .iter()
        .map(|request| request.header("x-api-key").to_owned())
        .collect();
    assert_eq!(
        (keys, secret_manager.requests().len()),
        (vec!["old".to_owned(), "new".to_owned()], 2)
    );
}

#[tokio::test]
async fn a_secret_that_no_header_can_carry_is_read_again_once_it_was_put_right() {
    for wrong in ["two\nlines", "two\u{0}parts"] {
        let (secret_manager, api) = (MockServer::start().await, MockServer::start().await);
        secret_manager.answer(secret(wrong));
        api.answer(MockAnswer::status(200));
        let world = world_with(&secret_manager, &api).await;
        let updater = world.start();
        assert_eq!(updater.push(&purchase("T1")).await, 204, "it is held");
        let record = world.record("purchase:T1", "api").await.expect("a record");
        let note = &record.effects["purchase:T1/points"].history[0].note;
        assert!(note.contains("the secret KEY holds"), "{note}");
        assert!(!note.contains("two"), "{note}");
        assert!(api.requests().is_empty());
        secret_manager.answer(secret("right"));
        world.clock.advance(Duration::from_secs(60));
        assert_eq!(updater.drain().await["done"], 1);
        assert_eq!(api.requests()[0].header("x-api-key"), "right");
    }
}

#[tokio::test]
async fn an_api_that_refuses_every_call_does_not_use_up_secret_managers_quota() {
    let (secret_manager, api) = (MockServer::start().await, MockServer::start().await);
    secret_manager.answer(secret("key-1"));
    api.answer(MockAnswer::status(401));
    let mut world = world_with(&secret_manager, &api).await;
    world.settings.held.failures_in_a_row = u32::MAX;
    let updater = world.start();
    for number in 0..20 {
        let event = purchase(&format!("T{number}"));
        assert_eq!(updater.push(&event).await, 204);
    }
    assert_eq!(
        (api.requests().len(), secret_manager.requests().len()),
        (20, 2)
    );
    world.clock.advance(Duration::from_secs(10));
    assert_eq!(updater.push(&purchase("T20")).await, 204);
    assert_eq!(secret_manager.requests().len(), 3);
}

#[tokio::test]
async fn a_start_under_load_reads_a_secret_once() {
    let (secret_manager, api) = (MockServer::start().await, MockServer::start().await);
    secret_manager.answer(secret("key-1").after(Duration::from_millis(50)));
    let world = world_with(&secret_manager, &api).await;
    let updater = world.start();
    let events: Vec<_> = (0..20)
        .map(|number| purchase(&format!("T{number}")))
        .collect();
    let answers =
        futures_util::future::join_all(events.iter().map(|event| updater.push(event))).await;
    assert_eq!(answers, [204; 20]);
    assert_eq!(
        (api.requests().len(), secret_manager.requests().len()),
        (20, 1)
    );
}

#[tokio::test]
async fn a_secret_that_secret_manager_refuses_calls_nobody_and_the_history_says_what_to_do() {
    let (secret_manager, api) = (MockServer::start().await, MockServer::start().await);
    let world = world_with(&secret_manager, &api).await;
    let updater = world.start();
    for (number, (status, expected)) in [
        (404, "gcloud secrets create KEY"),
        (403, "roles/secretmanager.secretAccessor"),
    ]
    .into_iter()
    .enumerate()
    {
        let name = ["NOT_FOUND", "PERMISSION_DENIED"][number];
        let body = serde_json::json!({"error": {"code": status, "message": "x", "status": name}});
        secret_manager.answer(
            MockAnswer::status(status)
                .header("content-type", "application/json")
                .body(&body.to_string()),
        );
        let transaction = format!("T{number}");
        assert_eq!(updater.push(&purchase(&transaction)).await, 204);
        let identity = format!("purchase:{transaction}");
        let record = world.record(&identity, "api").await.expect("a record");
        let attempt = &record.effects[&format!("{identity}/points")].history[0];
        assert!(attempt.note.contains(expected), "{}", attempt.note);
        assert!(!attempt.may_be_done);
    }
    assert!(api.requests().is_empty());
}

#[tokio::test]
async fn secret_manager_where_there_is_none_refuses_to_start() {
    let api = MockServer::start().await;
    let mut world = World::new(&one_route("safe", ""), &api);
    world.settings.secrets.source = updater::SecretSourceName::SecretManager;
    let error = world.try_start("test").err().expect("none").to_string();
    assert!(
        error.contains("secret-manager") && error.contains("service by itself"),
        "{error}"
    );
}
