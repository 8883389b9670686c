//! Tokens for outgoing calls, from a stand-in for the metadata server.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::join_all;
use google::tokens::{GoogleTokens, TokenError, TokenSettings};
use testing::{MockAnswer, MockServer, RecordedRequest};

const AUDIENCE: &str = "https://crm.example";
const PATH: &str = "/computeMetadata/v1/instance/service-accounts/default";
/// A day in the year 2100: Google's client reads the machine's clock.
const FAR_OFF: u64 = 4_102_444_800;

fn tokens(server: &MockServer) -> GoogleTokens {
    GoogleTokens::new(TokenSettings {
        metadata_endpoint: Some(server.url("")),
        ..TokenSettings::default()
    })
}

fn token_of(claims: &serde_json::Value, number: u32) -> String {
    let part = |value: &str| URL_SAFE_NO_PAD.encode(value);
    format!(
        "{}.{}.{}",
        part(r#"{"alg":"RS256"}"#),
        part(&claims.to_string()),
        part(&format!("signature {number}"))
    )
}

/// Gives a new token at each question.
fn gives_tokens(server: &MockServer) {
    let given = AtomicU32::new(0);
    server.answer_with(move |request: &RecordedRequest| {
        let number = given.fetch_add(1, Ordering::SeqCst) + 1;
        let body = if request.target.starts_with(&format!("{PATH}/identity")) {
            token_of(
                &serde_json::json!({"aud": AUDIENCE, "exp": FAR_OFF}),
                number,
            )
        } else {
            format!(
                r#"{{"access_token":"access-{number}","expires_in":3600,"token_type":"Bearer"}}"#
            )
        };
        MockAnswer::status(200).body(&body)
    });
}

#[tokio::test]
async fn an_identity_token_is_fetched_once_for_all_who_wait_and_then_kept() {
    let server = MockServer::start().await;
    gives_tokens(&server);
    let tokens = Arc::new(tokens(&server));
    let asking = (0..100).map(|_| tokens.identity_token(AUDIENCE));
    let given = join_all(asking).await;
    let first = given[0].clone().expect("a token");
    assert!(given.iter().all(|token| token.as_ref() == Ok(&first)));
    assert_eq!(tokens.identity_token(AUDIENCE).await, Ok(first));
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].header("metadata-flavor"), "Google");
    assert_eq!(
        requests[0].target,
        format!("{PATH}/identity?audience=https%3A%2F%2Fcrm.example&format=full")
    );
}

#[tokio::test]
async fn an_access_token_is_asked_for_with_its_scopes_and_kept_by_them() {
    let server = MockServer::start().await;
    gives_tokens(&server);
    let tokens = tokens(&server);
    let scopes =
        |names: &[&str]| -> Vec<String> { names.iter().map(ToString::to_string).collect() };
    let (one, two) = (scopes(&["https://a"]), scopes(&["https://a", "https://b"]));
    let first = tokens.access_token(&one).await.expect("a token");
    let second = tokens.access_token(&two).await.expect("a token");
    assert_ne!(first, second);
    assert_eq!(tokens.access_token(&one).await, Ok(first));
    let targets: Vec<String> = server.requests().into_iter().map(|r| r.target).collect();
    assert_eq!(
        targets,
        [
            format!("{PATH}/token?scopes=https%3A%2F%2Fa"),
            format!("{PATH}/token?scopes=https%3A%2F%2Fa%2Chttps%3A%2F%2Fb"),
        ]
    );
}

#[tokio::test]
async fn a_refused_token_is_followed_by_a_new_one_but_not_at_every_refusal() {
    let server = MockServer::start().await;
    gives_tokens(&server);
    let tokens = tokens(&server);
    let first = tokens.identity_token(AUDIENCE).await.expect("a token");
    tokens.forget_identity_token(AUDIENCE);
    assert_eq!(
        tokens.identity_token(AUDIENCE).await,
        Ok(first.clone()),
        "a token that was just made is not at fault"
    );
    pass(Duration::from_secs(10)).await;
    tokens.forget_identity_token("https://other.example");
    assert_eq!(tokens.identity_token(AUDIENCE).await, Ok(first.clone()));
    tokens.forget_identity_token(AUDIENCE);
    let second = tokens.identity_token(AUDIENCE).await.expect("a token");
    assert_ne!(first, second);
    tokens.forget_identity_token(AUDIENCE);
    assert_eq!(tokens.identity_token(AUDIENCE).await, Ok(second));
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn failures_say_what_to_do_and_end_when_their_cause_does() {
    for (answer, transient) in [
        (MockAnswer::status(404).body("private words"), false),
        (MockAnswer::status(403), false),
        (MockAnswer::status(503).body("private words"), true),
        (MockAnswer::status(200).body("garbage"), false),
        (MockAnswer::status(200).body("a.b.c"), false),
        (
            MockAnswer::status(200).body(&token_of(&serde_json::json!({"aud": AUDIENCE}), 1)),
            true,
        ),
    ] {
        let server = MockServer::start().await;
        server.answer(answer.clone());
        let tokens = tokens(&server);
        let error = tokens.identity_token(AUDIENCE).await.expect_err("no token");
        let text = error.to_string();
        assert_eq!(
            matches!(error, TokenError::Unreachable { .. }),
            transient,
            "{answer:?}: {text}"
        );
        assert!(
            text.contains(AUDIENCE) && !text.contains("private"),
            "{text}"
        );
        let asked = server.requests().len();
        assert!(tokens.identity_token(AUDIENCE).await.is_err());
        assert_eq!(
            server.requests().len(),
            asked,
            "a failure is not asked about at every call: {answer:?}"
        );
        gives_tokens(&server);
        pass(Duration::from_secs(10)).await;
        // The failure that was kept is given once more; then a new source asks.
        let _kept = tokens.identity_token(AUDIENCE).await;
        assert!(tokens.identity_token(AUDIENCE).await.is_ok(), "{answer:?}");
    }
}

#[tokio::test]
async fn an_answer_that_never_comes_is_not_waited_for() {
    let server = MockServer::start().await;
    server.answer(MockAnswer::never());
    let tokens = GoogleTokens::new(TokenSettings {
        request_timeout: Duration::from_millis(50),
        metadata_endpoint: Some(server.url("")),
    });
    let error = tokens.identity_token(AUDIENCE).await.expect_err("no token");
    assert!(error.to_string().contains("within 50ms"), "{error}");
    assert!(tokens.access_token(&["https://a".into()]).await.is_err());
}

/// Moves the monotonic clock on without waiting.
async fn pass(duration: Duration) {
    tokio::time::pause();
    tokio::time::advance(duration).await;
    tokio::time::resume();
}
