//! Callers with Google identity tokens: real signatures, and a key server of our own.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use testing::google_tokens::{FIRST, SECOND, TokenKey, key_set, token_claims};
use testing::{MockServer, RunningProgram};

use crate::platform::PROGRAM;

const AUDIENCE: &str = "https://publisher.example";
const TAG: &str = "tag@shop.iam.gserviceaccount.com";

/// A publisher whose bus is not there: who is let in is answered 503.
struct World {
    program: RunningProgram,
    url: String,
    keys: MockServer,
    client: reqwest::Client,
}

impl World {
    async fn start(callers: &str, more: &[(&str, &str)]) -> Self {
        let keys = MockServer::start().await;
        keys.answer(key_set(&[FIRST]));
        let keys_url = keys.url("/certs");
        let mut variables = vec![
            ("TALARIA_BUS__BACKEND", "pubsub"),
            ("GOOGLE_CLOUD_PROJECT", "shop-1"),
            ("PUBSUB_EMULATOR_HOST", "127.0.0.1:1"),
            ("PORT", "0"),
            ("TALARIA_PUBLISH_TIMEOUT", "100ms"),
            ("TALARIA_CALLERS", callers),
            ("TALARIA_ID_TOKEN__AUDIENCE", AUDIENCE),
            ("TALARIA_ID_TOKEN__SERVICE_ACCOUNT", TAG),
            ("TALARIA_GOOGLE_KEYS_URL", &keys_url),
        ];
        variables.extend_from_slice(more);
        let mut program = RunningProgram::start(PROGRAM, &[], &variables);
        let address = program.address().await;
        let port = address.rsplit(':').next().expect("a port").to_owned();
        Self {
            program,
            url: format!("http://127.0.0.1:{port}/publish-event"),
            keys,
            client: reqwest::Client::builder().build().expect("a client"),
        }
    }

    async fn publish(&self, headers: &[(&str, String)]) -> (u16, String) {
        let event = json!({"eventType": "user_login", "eventId": "1"});
        let mut request = self
            .client
            .post(&self.url)
            .header("content-type", "application/json")
            .body(event.to_string());
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        (status, answer.text().await.expect("a body"))
    }

    async fn with_token(&self, token: &str) -> (u16, String) {
        let bearer = ("authorization", format!("Bearer {token}"));
        self.publish(&[bearer]).await
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the program under test tells the time by the system's clock"
)]
fn now_s() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.expect("after 1970").as_secs() as i64
}

fn token(key: TokenKey, change: impl FnOnce(&mut Value)) -> String {
    let mut claims = token_claims(TAG, AUDIENCE, now_s());
    change(&mut claims);
    key.sign(&claims)
}

#[tokio::test]
async fn the_tags_token_is_taken_and_of_any_other_nothing_is_said() {
    let world = World::start("google-id-token", &[]).await;
    let good = token(FIRST, |_| {});
    let wrong = [
        token(SECOND, |_| {}),
        SECOND.sign_as(&token_claims(TAG, AUDIENCE, now_s()), Some("first")),
        token(FIRST, |claims| {
            claims["aud"] = "https://other.example".into()
        }),
        token(FIRST, |claims| {
            claims["email"] = "other@shop.iam.gserviceaccount.com".into()
        }),
        token(FIRST, |claims| claims["email_verified"] = false.into()),
        token(FIRST, |claims| claims["exp"] = (now_s() - 60).into()),
        token(FIRST, |claims| claims["iat"] = (now_s() + 60).into()),
        "nonsense".into(),
    ];
    let mut answers = Vec::new();
    for token in &wrong {
        let (status, text) = world.with_token(token).await;
        assert_eq!(status, 401, "{text}");
        answers.push(text);
    }
    answers.push(world.publish(&[]).await.1);
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    for _ in 0..2 {
        assert_eq!(world.with_token(&good).await.0, 503, "let in, and no bus");
    }
    assert_eq!(world.keys.requests().len(), 1, "keys are fetched once");
    let log = world.program.log();
    for check in ["check=audience", "check=service-account", "check=token"] {
        assert!(log.contains(check), "{check} is not in {log}");
    }
    assert!(!log.contains(&good) && !log.contains(&wrong[0]), "{log}");
}

#[tokio::test]
async fn without_googles_keys_callers_are_asked_to_come_again() {
    let world = World::start("google-id-token", &[]).await;
    world.keys.answer(testing::MockAnswer::status(500));
    let (status, text) = world.with_token(&token(FIRST, |_| {})).await;
    assert_eq!(status, 503);
    assert!(text.contains("can't be checked now"), "{text}");
}

#[tokio::test]
async fn behind_cloud_runs_check_the_claims_decide_and_no_keys_are_fetched() {
    let world = World::start("cloud-run-iam", &[("K_SERVICE", "publisher")]).await;
    let checked = |token: &str| {
        let (signed, _) = token.rsplit_once('.').expect("three parts");
        format!("{signed}.SIGNATURE_REMOVED_BY_GOOGLE")
    };
    let good = checked(&token(FIRST, |_| {}));
    assert_eq!(world.with_token(&good).await.0, 503, "let in, and no bus");
    let other = token(FIRST, |claims| {
        claims["aud"] = "https://other.example".into()
    });
    assert_eq!(world.with_token(&checked(&other)).await.0, 401);
    assert_eq!(
        world.with_token(&token(FIRST, |_| {})).await.0,
        401,
        "not checked"
    );
    let beside = [
        ("authorization", format!("Bearer {good}")),
        ("x-serverless-authorization", "Bearer x".into()),
    ];
    assert_eq!(
        world.publish(&beside).await.0,
        401,
        "the platform checked another"
    );
    assert!(world.keys.requests().is_empty());
}

#[tokio::test]
async fn two_accounts_have_a_limit_each() {
    const OTHER: &str = "shop@shop.iam.gserviceaccount.com";
    let both = format!("{TAG}, {OTHER}");
    let more = [
        ("TALARIA_ID_TOKEN__SERVICE_ACCOUNT", both.as_str()),
        ("TALARIA_RATE_LIMIT__RATE", "1/m"),
    ];
    let world = World::start("google-id-token", &more).await;
    let of = |account: &str| FIRST.sign(&token_claims(account, AUDIENCE, now_s()));
    let mut statuses = Vec::new();
    for account in [TAG, TAG, OTHER, OTHER] {
        statuses.push(world.with_token(&of(account)).await.0);
    }
    assert_eq!(statuses, [503, 429, 503, 429]);
}
