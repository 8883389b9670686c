//! Who is let in, by which proof, and what strangers learn.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use publisher::{Callers, IdTokenSettings, PublisherSettings, Secret};
use serde_json::json;
use web::{PushCredentials, PushRefusal, TokenVerifier};

use crate::helpers::{Answer, TestPublisher};

const CURRENT: &str = "0123456789abcdef";
const PREVIOUS: &str = "fedcba9876543210";
const TAG: &str = "tag@shop.iam.gserviceaccount.com";
const OTHER: &str = "other@shop.iam.gserviceaccount.com";

fn shared_secret(settings: &mut PublisherSettings) {
    settings.callers = Callers::SharedSecret;
    settings.shared_secret = Some(Secret::new(&format!("{CURRENT}\n")));
    settings.shared_secret_previous = Some(Secret::new(PREVIOUS));
}

async fn publish(publisher: &TestPublisher, path: &str, header: Option<(&str, &str)>) -> Answer {
    let mut body = json!({"eventType": "user_login", "eventId": "1"});
    if path == "/publish-events" {
        body = json!([body]);
    }
    let mut request = publisher
        .client
        .post(publisher.url(path))
        .header("content-type", "application/json")
        .body(body.to_string());
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    Answer::read(request.send().await.expect("an answer")).await
}

#[tokio::test]
async fn either_of_two_secrets_lets_in_and_nothing_else() {
    let publisher = TestPublisher::start(shared_secret).await;
    let mut refusals = Vec::new();
    for (key, is_known) in [
        (Some(CURRENT), true),
        (Some(PREVIOUS), true),
        (Some("0123456789abcde"), false),
        (Some("0123456789abcdefg"), false),
        (Some("0123456789ABCDEF"), false),
        (Some(""), false),
        (None, false),
    ] {
        for (path, taken) in [("/publish-event", 202), ("/publish-events", 200)] {
            let answer = publish(&publisher, path, key.map(|key| ("x-talaria-key", key))).await;
            let expected = if is_known { taken } else { 401 };
            assert_eq!(answer.status, expected, "{path} {key:?}: {}", answer.text);
            if !is_known {
                assert_eq!(answer.headers["www-authenticate"], "X-Talaria-Key");
                refusals.push(answer.text);
            }
        }
    }
    refusals.dedup();
    assert_eq!(refusals.len(), 1, "{refusals:?}");
    assert_eq!(publisher.published().len(), 4);
}

#[tokio::test]
async fn two_secrets_in_one_request_are_none() {
    let publisher = TestPublisher::start(shared_secret).await;
    for (first, second) in [(CURRENT, "guess"), ("guess", CURRENT), (CURRENT, CURRENT)] {
        let request = publisher
            .client
            .post(publisher.url("/publish-event"))
            .header("x-talaria-key", first)
            .header("x-talaria-key", second)
            .header("content-type", "application/json")
            .body(json!({"eventType": "user_login", "eventId": "1"}).to_string());
        let answer = Answer::read(request.send().await.expect("an answer")).await;
        assert_eq!(answer.status, 401, "{}", answer.text);
    }
}

/// Knows two tokens, and can be out of order.
#[derive(Default)]
struct Tokens {
    seen: Mutex<Vec<bool>>,
}

#[async_trait]
impl TokenVerifier for Tokens {
    async fn account(&self, credentials: PushCredentials<'_>) -> Result<&str, PushRefusal> {
        let serverless = credentials.has_serverless_authorization;
        self.seen.lock().expect("whole").push(serverless);
        match credentials.authorization {
            Some("Bearer the-tag's") => Ok(TAG),
            Some("Bearer another's") => Ok(OTHER),
            Some("Bearer later") => Err(PushRefusal::Unavailable),
            _ => Err(PushRefusal::Refused),
        }
    }
}

#[tokio::test]
async fn an_account_that_is_set_is_let_in_by_its_token_and_nobody_else() {
    for mode in [Callers::GoogleIdToken, Callers::CloudRunIam] {
        let tokens = Arc::new(Tokens::default());
        let handed = Arc::clone(&tokens) as Arc<dyn TokenVerifier>;
        let publisher = TestPublisher::start_with(|settings, dependencies| {
            settings.callers = mode;
            settings.id_token = IdTokenSettings {
                audience: vec!["https://publisher.example".into()],
                service_account: vec![TAG.into()],
            };
            dependencies.token_verifier = Some(handed);
        })
        .await;
        let mut refusals = Vec::new();
        for (token, status) in [
            (Some("Bearer the-tag's"), 202),
            (Some("Bearer another's"), 401),
            (Some("Bearer nobody's"), 401),
            (None, 401),
            (Some("Bearer later"), 503),
        ] {
            let header = token.map(|token| ("authorization", token));
            let answer = publish(&publisher, "/publish-event", header).await;
            assert_eq!(answer.status, status, "{token:?}: {}", answer.text);
            match status {
                401 => {
                    assert_eq!(answer.headers["www-authenticate"], "Bearer");
                    refusals.push(answer.text);
                }
                503 => assert_eq!(answer.retry_after.as_deref(), Some("1")),
                _ => {}
            }
        }
        refusals.dedup();
        assert_eq!(refusals.len(), 1, "{refusals:?}");
        let serverless = Some(("x-serverless-authorization", "Bearer x"));
        publish(&publisher, "/publish-event", serverless).await;
        assert_eq!(tokens.seen.lock().expect("whole").last(), Some(&true));
        assert_eq!(publisher.published().len(), 1);
    }
}

#[tokio::test]
async fn no_answer_says_anything_to_a_page_of_another_origin() {
    let publisher = TestPublisher::start(shared_secret).await;
    for (method, path, status) in [
        (reqwest::Method::OPTIONS, "/publish-event", 405),
        (reqwest::Method::OPTIONS, "/publish-events", 405),
        (reqwest::Method::OPTIONS, "/openapi.json", 405),
        (reqwest::Method::OPTIONS, "/nothing", 404),
        (reqwest::Method::GET, "/publish-event", 405),
        (reqwest::Method::POST, "/publish-event", 202),
        (reqwest::Method::POST, "/publish-event", 401),
        (reqwest::Method::GET, "/openapi.json", 200),
    ] {
        let key = if status == 401 { "wrong" } else { CURRENT };
        let request = publisher
            .client
            .request(method.clone(), publisher.url(path))
            .header("origin", "https://shop.example")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "x-talaria-key")
            .header("x-talaria-key", key)
            .header("content-type", "application/json")
            .body(json!({"eventType": "user_login", "eventId": "1"}).to_string());
        let answer = Answer::read(request.send().await.expect("an answer")).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
        let names = answer.headers.keys().map(|name| name.as_str());
        let told: Vec<&str> = names.filter(|name| name.starts_with("access-")).collect();
        assert!(told.is_empty(), "{method} {path}: {told:?}");
        if status == 405 {
            assert!(answer.headers.contains_key("allow"), "{method} {path}");
        }
    }
}
