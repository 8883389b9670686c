//! What the log says of refused pushes and callers: little, however many there are, and nothing of their tokens.

use std::sync::{Arc, Mutex};

use google::caller_tokens::GoogleCallerTokens;
use google::push_tokens::TokenProof;
use telemetry::LogSettings;
use testing::MockAnswer;
use web::{PushCredentials, PushRefusal, PushVerifier, TokenVerifier};

use crate::scene::{ACCOUNT, AUDIENCE, FIRST, SECOND, Scene, claims, claims_with, unsigned};

/// The lines of one check, from its start on.
struct Log {
    lines: Arc<Mutex<Vec<String>>>,
    _started: tracing::dispatcher::DefaultGuard,
}

impl Log {
    fn start() -> Self {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&lines);
        let everything = LogSettings {
            filter: "trace".into(),
            ..LogSettings::default()
        };
        let dispatch = telemetry::dispatch(&everything, move |line| {
            kept.lock()
                .expect("no panic holds it")
                .push(line.to_owned());
        });
        Self {
            lines,
            _started: tracing::dispatcher::set_default(&dispatch.expect("a filter")),
        }
    }

    fn with(&self, words: &str) -> Vec<String> {
        let lines = self.lines.lock().expect("no panic holds it");
        let found = lines.iter().filter(|line| line.contains(words));
        found.cloned().collect()
    }
}

async fn push(scene: &Scene, token: &str, times: usize) -> PushRefusal {
    let authorization = format!("Bearer {token}");
    let credentials = PushCredentials {
        authorization: Some(&authorization),
        has_serverless_authorization: false,
    };
    let mut refusal = None;
    for _ in 0..times {
        refusal = scene.tokens.verify(credentials).await.err();
    }
    refusal.expect("it is refused")
}

#[tokio::test]
async fn a_flood_of_refused_pushes_is_a_line_in_ten_seconds_and_check_without_their_tokens() {
    let scene = Scene::new().await;
    let log = Log::start();
    let wrong = [
        FIRST.sign(&claims_with("aud", "https://other.example".into())),
        SECOND.sign(&claims()),
        unsigned(&serde_json::json!({"alg": "none"}), &claims(), "c2lnbmVk"),
    ];
    for token in &wrong {
        assert_eq!(push(&scene, token, 50).await, PushRefusal::Refused);
    }
    assert_eq!(log.with("refused a push").len(), wrong.len());
    scene.advance(10);
    assert_eq!(push(&scene, &wrong[0], 1).await, PushRefusal::Refused);
    let told = log.with("check=audience");
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[1].contains("49 more since"), "{told:?}");
    for token in &wrong {
        for part in token.split('.').filter(|part| part.len() > 40) {
            assert!(log.with(part).is_empty(), "{part} is in the log");
        }
    }
}

#[tokio::test]
async fn while_there_are_no_keys_the_log_says_so_once_in_ten_seconds() {
    let scene = Scene::new().await;
    scene.server.answer(MockAnswer::status(500));
    let log = Log::start();
    let token = FIRST.sign(&claims());
    assert_eq!(push(&scene, &token, 50).await, PushRefusal::Unavailable);
    let told = log.with("refused a push for now");
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(log.with("can't fetch Google's keys").len(), 1);
}

#[tokio::test]
async fn of_refused_callers_the_log_says_as_little() {
    let scene = Scene::new().await;
    let log = Log::start();
    let proof = TokenProof::Signature(Arc::clone(&scene.keys));
    let (audiences, accounts) = (vec![AUDIENCE.into()], vec![ACCOUNT.into()]);
    let callers = GoogleCallerTokens::new(proof, audiences, accounts, scene.clock.clone());
    let token = FIRST.sign(&claims_with("aud", "https://other.example".into()));
    let authorization = format!("Bearer {token}");
    let credentials = PushCredentials {
        authorization: Some(&authorization),
        has_serverless_authorization: false,
    };
    for expected in [1, 2] {
        for _ in 0..50 {
            let refused = callers.account(credentials).await;
            assert_eq!(refused, Err(PushRefusal::Refused));
        }
        assert_eq!(log.with("refused a caller").len(), expected);
        scene.advance(10);
    }
    let payload = token.split('.').nth(1).expect("a payload");
    assert!(log.with(payload).is_empty());
}
