//! A key server in Google's place, tokens that it vouches for, and the check under test.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use events::{FixedClock, Timestamp};
use google::push_tokens::{GoogleKeys, GooglePushTokens, TokenError, TokenProof};
use serde_json::Value;
use testing::MockServer;
use testing::google_tokens::{TokenKey, token_claims};
use web::PushCredentials;

pub use testing::google_tokens::{FIRST, SECOND, key_set};

pub const AUDIENCE: &str = "https://updater.example/process-backend-update/crm";
pub const ACCOUNT: &str = "push@shop.iam.gserviceaccount.com";
/// When everything in these tests begins, in seconds: 2025-11-25T08:45:00Z.
pub const NOW_S: i64 = 1_764_060_300;

/// The claims of a push that began a minute before `now_s`, and of no other: `number` is in them.
pub fn claims_at(now_s: i64, number: usize) -> Value {
    let mut claims = token_claims(ACCOUNT, AUDIENCE, now_s);
    claims["number"] = number.into();
    claims
}

/// The claims of a good push.
pub fn claims() -> Value {
    claims_at(NOW_S, 0)
}

/// Good claims with one other than it should be.
pub fn claims_with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

/// Good claims without one of them.
pub fn claims_without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().expect("an object").remove(name);
    claims
}

/// The first two parts of a token, and a third that is no signature.
pub fn unsigned(header: &Value, claims: &Value, signature: &str) -> String {
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    format!("{}.{}.{signature}", part(header), part(claims))
}

/// A check of pushes, with a server that publishes the keys.
pub struct Scene {
    pub server: MockServer,
    pub clock: Arc<FixedClock>,
    pub keys: Arc<GoogleKeys>,
    pub tokens: Arc<GooglePushTokens>,
}

impl Scene {
    /// One whose key server publishes the first key.
    pub async fn new() -> Self {
        let server = MockServer::start().await;
        let clock = Arc::new(FixedClock::new(Timestamp::from_millis(NOW_S * 1000)));
        let http = reqwest::Client::builder().build().expect("a client");
        let keys = GoogleKeys::new(server.url("/certs"), http, clock.clone());
        let proof = TokenProof::Signature(Arc::clone(&keys));
        let scene = Self {
            server,
            tokens: Arc::new(push_tokens(proof, &clock)),
            clock,
            keys,
        };
        scene.publish(&[FIRST], "public, max-age=1000");
        scene
    }

    /// From now on the server publishes these keys.
    pub fn publish(&self, keys: &[TokenKey], cache_control: &str) {
        let answer = key_set(keys).header("cache-control", cache_control);
        self.server.answer(answer);
    }

    pub fn fetches(&self) -> usize {
        self.server.requests().len()
    }

    pub fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// A good token of this moment, which no other token is like.
    pub fn token(&self, key: TokenKey, number: usize) -> String {
        use events::Clock;
        let now_s = self.clock.now().millis() / 1000;
        key.sign(&claims_at(now_s, number))
    }

    pub async fn check(&self, token: &str) -> Result<(), TokenError> {
        check(&self.tokens, token).await
    }
}

/// A check for two audiences and two accounts.
pub fn push_tokens(proof: TokenProof, clock: &Arc<FixedClock>) -> GooglePushTokens {
    let owned = |texts: [&str; 2]| texts.map(str::to_owned).to_vec();
    let audiences = owned(["https://updater.example", AUDIENCE]);
    let accounts = owned([ACCOUNT, "scheduler@shop.iam.gserviceaccount.com"]);
    GooglePushTokens::new(proof, audiences, accounts, clock.clone())
}

/// What becomes of a push with that token.
pub async fn check(tokens: &GooglePushTokens, token: &str) -> Result<(), TokenError> {
    let authorization = format!("Bearer {token}");
    let credentials = PushCredentials {
        authorization: Some(&authorization),
        has_serverless_authorization: false,
    };
    tokens.check(credentials).await
}
