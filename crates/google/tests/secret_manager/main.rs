//! Secrets from a stand-in for Secret Manager.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use google::secret_manager::{SecretManager, SecretManagerError, SecretManagerSettings};
use testing::{MockAnswer, MockServer};

async fn manager(server: &MockServer) -> SecretManager {
    let settings = SecretManagerSettings {
        endpoint: Some(server.url("")),
        ..SecretManagerSettings::new("shop")
    };
    SecretManager::connect(settings).await.expect("a client")
}

/// Secret Manager's answer with this secret; `crc` instead of the right checksum, `-1` for none.
fn secret(data: &[u8], crc: Option<i64>) -> MockAnswer {
    let mut payload = serde_json::json!({"data": STANDARD.encode(data)});
    let crc = crc.unwrap_or(i64::from(crc32c::crc32c(data)));
    if crc >= 0 {
        payload["dataCrc32c"] = crc.to_string().into();
    }
    let body = serde_json::json!({"name": "projects/1/secrets/KEY/versions/3", "payload": payload});
    json(200, &body)
}

fn refusal(code: u16, status: &str, message: &str) -> MockAnswer {
    json(
        code,
        &serde_json::json!({"error": {"code": code, "message": message, "status": status}}),
    )
}

fn json(status: u16, body: &serde_json::Value) -> MockAnswer {
    MockAnswer::status(status)
        .header("content-type", "application/json")
        .body(&body.to_string())
}

#[tokio::test]
async fn each_way_to_name_a_version_asks_for_it() {
    let server = MockServer::start().await;
    server.answer(secret(b"key-1\n", None));
    let manager = manager(&server).await;
    for (name, resource) in [
        ("KEY", "projects/shop/secrets/KEY/versions/latest"),
        ("KEY@5", "projects/shop/secrets/KEY/versions/5"),
        (
            "projects/other/secrets/KEY/versions/2",
            "projects/other/secrets/KEY/versions/2",
        ),
    ] {
        assert_eq!(manager.read(name).await, Ok("key-1\n".to_owned()));
        let request = server.requests().pop().expect("a request");
        let path = request
            .target
            .split('?')
            .next()
            .unwrap_or_default()
            .to_owned();
        assert_eq!(path, format!("/v1/{resource}:access"));
        assert_eq!(
            request.header("authorization"),
            "",
            "nobody on the way reads a token"
        );
    }
}

#[tokio::test]
async fn a_damaged_secret_is_asked_for_again_and_never_used() {
    let server = MockServer::start().await;
    let manager = manager(&server).await;
    let asked = AtomicU32::new(0);
    server.answer_with(move |_| match asked.fetch_add(1, Ordering::SeqCst) {
        0 => secret(b"key-1", Some(1)),
        _ => secret(b"key-1", None),
    });
    assert_eq!(manager.read("KEY").await, Ok("key-1".to_owned()));
    server.answer(secret(b"key-1", Some(1)));
    let error = manager.read("KEY").await.expect_err("damaged");
    assert!(
        matches!(&error, SecretManagerError::Unreadable { reason, .. } if reason.contains("CRC32C")),
        "{error}"
    );
    assert_eq!(server.requests().len(), 4);
    server.answer(secret(b"key-1", Some(-1)));
    assert_eq!(
        manager.read("KEY").await,
        Ok("key-1".to_owned()),
        "without a checksum there is nothing to compare"
    );
}

#[tokio::test]
async fn a_secret_that_is_not_there_says_how_to_make_it() {
    let server = MockServer::start().await;
    let manager = manager(&server).await;
    let disabled = "Secret Version [private] is in DISABLED state.";
    let destroyed = "Secret Version [private] is in DESTROYED state.";
    for (name, answer, expected) in [
        (
            "KEY",
            refusal(404, "NOT_FOUND", "private"),
            "gcloud secrets create KEY --project=shop --data-file=-",
        ),
        (
            "KEY@9",
            refusal(404, "NOT_FOUND", "private"),
            "gcloud secrets versions list KEY --project=shop",
        ),
        (
            "KEY@9",
            refusal(400, "FAILED_PRECONDITION", disabled),
            "gcloud secrets versions enable 9 --secret=KEY --project=shop",
        ),
        (
            "KEY",
            refusal(400, "FAILED_PRECONDITION", disabled),
            "gcloud secrets versions add KEY --project=shop",
        ),
        (
            "KEY@9",
            refusal(400, "FAILED_PRECONDITION", destroyed),
            "destroyed for good",
        ),
        ("KEY", secret(b" \n", None), "it is empty"),
        ("KEY", refusal(400, "INVALID_ARGUMENT", "private"), "NAME@5"),
    ] {
        server.answer(answer);
        let error = manager.read(name).await.expect_err(expected);
        let text = error.to_string();
        assert!(
            matches!(error, SecretManagerError::Missing { .. }),
            "{text}"
        );
        assert!(
            text.contains(expected) && text.contains(name) && !text.contains("private"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_secret_that_can_not_be_read_says_why() {
    let server = MockServer::start().await;
    let manager = manager(&server).await;
    for (answer, expected) in [
        (
            refusal(403, "PERMISSION_DENIED", "private"),
            "roles/secretmanager.secretAccessor",
        ),
        (MockAnswer::status(403).body("private"), "secretAccessor"),
        (
            refusal(401, "UNAUTHENTICATED", "private"),
            "GOOGLE_APPLICATION_CREDENTIALS",
        ),
        (refusal(429, "RESOURCE_EXHAUSTED", "private"), "quota"),
        (refusal(500, "INTERNAL", "private"), "INTERNAL"),
        (refusal(503, "UNAVAILABLE", "private"), "tried again"),
        (MockAnswer::status(404).body("<html>private"), "endpoint"),
        (MockAnswer::status(200).body("private"), "endpoint"),
        (json(200, &serde_json::json!({})), "no secret"),
        (
            json(200, &serde_json::json!({"payload": {"data": 7}})),
            "endpoint",
        ),
        (secret(b"private\xff", None), "no text"),
    ] {
        server.answer(answer.clone());
        let error = manager.read("KEY").await.expect_err(expected);
        let text = error.to_string();
        assert!(
            matches!(error, SecretManagerError::Unreadable { .. }),
            "{text}"
        );
        assert!(
            text.contains(expected) && text.contains("KEY") && !text.contains("private"),
            "{answer:?}: {text}"
        );
    }
}

#[tokio::test]
async fn a_service_that_is_away_for_a_moment_is_asked_again_and_one_that_stays_away_three_times() {
    let server = MockServer::start().await;
    let manager = manager(&server).await;
    let asked = AtomicU32::new(0);
    server.answer_with(move |_| match asked.fetch_add(1, Ordering::SeqCst) {
        0 => refusal(503, "UNAVAILABLE", "busy"),
        _ => secret(b"key-1", None),
    });
    assert_eq!(manager.read("KEY").await, Ok("key-1".to_owned()));
    server.answer(refusal(503, "UNAVAILABLE", "busy"));
    assert!(manager.read("KEY").await.is_err());
    assert_eq!(server.requests().len(), 2 + 3);
}

#[tokio::test]
async fn an_answer_that_never_comes_and_a_dead_port_are_not_waited_for() {
    let server = MockServer::start().await;
    server.answer(MockAnswer::never());
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let dead = format!("http://{}", free.local_addr().expect("an address"));
    drop(free);
    for endpoint in [server.url(""), dead] {
        let manager = SecretManager::connect(SecretManagerSettings {
            endpoint: Some(endpoint),
            request_timeout: Duration::from_millis(200),
            ..SecretManagerSettings::new("shop")
        });
        let error = manager.await.expect("a client").read("KEY").await;
        assert!(
            matches!(error, Err(SecretManagerError::Unreadable { .. })),
            "{error:?}"
        );
    }
}
