//! The ways that the tag sends its events, each with everything that both sides must be told.

use serde_json::{Value, json};
use testing::google_tokens::{FIRST, key_set, token_claims};
use testing::{MockAnswer, MockServer};

use events::{Clock, SystemClock};

/// Where the tag thinks that the publisher is: it takes HTTPS alone.
const PUBLISHER: &str = "https://publisher.example.com";
const SECRET: &str = "0123456789abcdef0123456789abcdef";
const KEY: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER_KEY: &str = "bmV4dCBrZXkgb2YgdHdlbnR5LWZvdXIgYnl0ZXM=";
const ACCOUNT: &str = "tag@shop.iam.gserviceaccount.com";
pub const ACCESS_TOKEN: &str = "of-the-container";

pub struct Way {
    /// The publisher's settings.
    pub of_publisher: Vec<(&'static str, String)>,
    /// The tag's fields.
    pub fields: Value,
    /// Fields of tags that prove nothing.
    pub wrong: Vec<Value>,
    /// The container's key file.
    pub keys: Value,
    /// The address that the tag sends its events to, and where the other addresses lead.
    pub target: &'static str,
    pub reach: Value,
}

impl Way {
    fn to_publisher(proof: &[(&'static str, &str)], fields: Value, wrong: &[Value]) -> Self {
        let with = |changes: &Value| {
            let mut fields = fields.clone();
            for (name, value) in changes.as_object().expect("fields") {
                fields[name] = value.clone();
            }
            fields["publisherUrl"] = PUBLISHER.into();
            fields
        };
        Self {
            of_publisher: proof
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned()))
                .collect(),
            fields: with(&json!({})),
            wrong: wrong.iter().map(with).collect(),
            keys: json!({}),
            target: PUBLISHER,
            reach: json!({}),
        }
    }

    pub fn shared_secret() -> Self {
        let proof = [
            ("TALARIA_CALLERS", "shared-secret"),
            ("TALARIA_SHARED_SECRET", SECRET),
        ];
        let wrong = [
            json!({"sharedSecret": "0123456789abcdef0123456789abcdeF"}),
            json!({"auth": "none"}),
        ];
        Self::to_publisher(
            &proof,
            json!({"auth": "secret", "sharedSecret": SECRET}),
            &wrong,
        )
    }

    pub fn signature() -> Self {
        let proof = [("TALARIA_CALLERS", "hmac"), ("TALARIA_HMAC_KEY", KEY)];
        let wrong = [
            json!({"hmacKeyId": "talaria-next"}),
            json!({"auth": "none"}),
        ];
        let way = Self::to_publisher(
            &proof,
            json!({"auth": "hmac", "hmacKeyId": "talaria"}),
            &wrong,
        );
        Self {
            keys: json!({"talaria": KEY, "talaria-next": OTHER_KEY}),
            ..way
        }
    }

    /// With `google` in the place of Google, see [`be_google`].
    pub fn identity_token(google: &MockServer) -> Self {
        let keys_url = google.url("/certs");
        let proof = [
            ("TALARIA_CALLERS", "google-id-token"),
            ("TALARIA_ID_TOKEN__AUDIENCE", PUBLISHER),
            ("TALARIA_ID_TOKEN__SERVICE_ACCOUNT", ACCOUNT),
            ("TALARIA_GOOGLE_KEYS_URL", &keys_url),
        ];
        let wrong = [
            json!({"audience": "https://other.example.com"}),
            json!({"serviceAccount": "other@shop.iam.gserviceaccount.com"}),
            json!({"auth": "none"}),
        ];
        let way = Self::to_publisher(
            &proof,
            json!({"auth": "google", "serviceAccount": ACCOUNT}),
            &wrong,
        );
        Self {
            reach: json!({"https://iamcredentials.googleapis.com": google.url("")}),
            ..way
        }
    }

    /// Past the publisher.
    pub fn straight(project: &str) -> Self {
        let topic = format!("projects/{project}/topics/backend-updates");
        Self {
            target: "https://pubsub.googleapis.com",
            ..Self::to_publisher(&[], json!({"transport": "pubsub", "topic": topic}), &[])
        }
    }
}

/// From now on `server` publishes a key, and makes identity tokens out for the container's own account.
pub fn be_google(server: &MockServer) {
    server.answer_with(|request| {
        if request.target == "/certs" {
            return key_set(&[FIRST]).header("cache-control", "public, max-age=1000");
        }
        let account = request
            .target
            .strip_prefix("/v1/projects/-/serviceAccounts/");
        let account = account.and_then(|rest| rest.strip_suffix(":generateIdToken"));
        let asked = request.json();
        let is_allowed = request.header("authorization") == format!("Bearer {ACCESS_TOKEN}")
            && asked["includeEmail"] == true;
        match (account, asked["audience"].as_str()) {
            (Some(account), Some(audience)) if is_allowed => {
                let account = account.replace("%40", "@");
                let now_s = SystemClock.now().millis() / 1000;
                let token = FIRST.sign(&token_claims(&account, audience, now_s));
                MockAnswer::status(200).body(&json!({"token": token}).to_string())
            }
            _ => MockAnswer::status(403),
        }
    });
}
