//! Calls that carry Google's tokens.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use testing::{MockAnswer, MockServer};
use updater::routes::GoogleToken;
use updater::secret::SecretText;
use updater::tokens::{OutgoingTokens, TokenError};

use crate::helpers::{World, one_route, purchase};

/// Gives numbered tokens, a new one after each that is forgotten.
#[derive(Default)]
struct Numbered {
    forgotten: AtomicU32,
    wanted: Mutex<Vec<GoogleToken>>,
}

#[async_trait]
impl OutgoingTokens for Numbered {
    async fn token(&self, wanted: &GoogleToken) -> Result<SecretText, TokenError> {
        self.wanted
            .lock()
            .expect("no panic before")
            .push(wanted.clone());
        let number = self.forgotten.load(Ordering::SeqCst);
        Ok(SecretText::new(&format!("token-{number}")))
    }

    fn forget(&self, _wanted: &GoogleToken) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
    }
}

struct NoToken;

#[async_trait]
impl OutgoingTokens for NoToken {
    async fn token(&self, _wanted: &GoogleToken) -> Result<SecretText, TokenError> {
        Err(TokenError("run it as a service account".into()))
    }

    fn forget(&self, _wanted: &GoogleToken) {}
}

fn route_with(auth: &str) -> String {
    one_route("safe", "").replace("{ header: X-API-KEY, secret: KEY }", auth)
}

#[tokio::test]
async fn a_google_token_is_sent_and_a_refused_one_is_dropped() {
    let api = MockServer::start().await;
    api.answer_with(|request| match request.header("authorization") {
        "Bearer token-1" => MockAnswer::status(200),
        sent => MockAnswer::status(401).body(&format!("{sent} is not welcome")),
    });
    let scope = "https://www.googleapis.com/auth/pubsub".to_owned();
    for (auth, expected) in [
        (
            "{ google-identity-token: {} }",
            GoogleToken::Identity {
                audience: api.url(""),
            },
        ),
        (
            "{ google-identity-token: { audience: crm } }",
            GoogleToken::Identity {
                audience: "crm".into(),
            },
        ),
        (
            "{ google-access-token: { scopes: [https://www.googleapis.com/auth/pubsub] } }",
            GoogleToken::Access {
                scopes: vec![scope],
            },
        ),
    ] {
        let tokens = Arc::new(Numbered::default());
        let mut world = World::new(&route_with(auth), &api);
        world.google_tokens = Some(Arc::clone(&tokens) as Arc<dyn OutgoingTokens>);
        let updater = world.start();
        assert_eq!(updater.push(&purchase("T1")).await, 204, "{auth}");
        world.clock.advance(Duration::from_secs(60));
        assert_eq!(updater.drain().await["done"], 1, "{auth}");
        let wanted = tokens.wanted.lock().expect("no panic before").clone();
        assert!(
            wanted.iter().all(|wanted| *wanted == expected),
            "{wanted:?}"
        );
        let record = world.record("purchase:T1", "api").await.expect("a record");
        let kept = serde_json::to_string(&record).expect("JSON");
        assert!(!kept.contains("token-"), "{kept}");
    }
}

#[tokio::test]
async fn where_there_are_no_google_tokens_only_their_destinations_wait() {
    let api = MockServer::start().await;
    for (tokens, expected) in [
        (None, "as a service by itself"),
        (
            Some(Arc::new(NoToken) as Arc<dyn OutgoingTokens>),
            "run it as a service account",
        ),
    ] {
        let routes = route_with("{ google-identity-token: {} }")
            .replace("routes:\n", "  other: { url: \"URL\", repeat: safe }\nroutes:\n  - { name: o, when: 'true', to: other }\n")
            .replace("URL", &api.url("/other"));
        let mut world = World::new(&routes, &api);
        world.google_tokens = tokens;
        let updater = world.start();
        assert_eq!(updater.push(&purchase("T1")).await, 204);
        let record = world.record("purchase:T1", "api").await.expect("a record");
        let attempt = &record.effects["purchase:T1/points"].history[0];
        assert_eq!(attempt.outcome, store::Outcome::Setup);
        assert!(attempt.note.contains(expected), "{}", attempt.note);
        let event = purchase("T1").to_string();
        let pushed = updater.push_to("/other", "2", event.as_bytes(), &[]);
        assert_eq!(pushed.await, 204);
    }
    assert!(
        api.requests()
            .iter()
            .all(|request| request.target == "/other")
    );
}
