//! The publisher's settings.

mod callers;
mod secret;

use std::num::NonZeroU32;
use std::time::Duration;

use events::RedactionSettings;
use serde::{Deserialize, Serialize};
use web::{AdmissionSettings, HttpSettings, JsonLimits, Rate};

pub use callers::{Callers, IdTokenSettings};
pub use secret::Secret;

/// Everything that can be set about the publisher.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PublisherSettings {
    /// Address and port; port 0 takes a free one.
    pub listen: String,
    /// The topic that events go to.
    pub topic: String,
    /// How callers prove who they are.
    pub callers: Callers,
    /// What callers send as `X-Talaria-Key` when `callers` is `shared-secret`.
    pub shared_secret: Option<Secret>,
    /// A second secret that is accepted as well, while callers move from one to the other.
    pub shared_secret_previous: Option<Secret>,
    /// The key that callers sign with when `callers` is `hmac`: `whsec_` and base64, or the base64 alone.
    pub hmac_key: Option<Secret>,
    /// A second key that is accepted as well, while callers move from one to the other.
    pub hmac_key_previous: Option<Secret>,
    /// Whose Google identity tokens are taken when `callers` is `google-id-token` or `cloud-run-iam`.
    pub id_token: IdTokenSettings,
    /// How much one caller may send.
    pub rate_limit: RateLimitSettings,
    /// The event types that are taken; all if none is named. A list, or one text with commas.
    #[serde(deserialize_with = "web::texts::deserialize")]
    pub allowed_events: Vec<String>,
    /// What is done about personal data in clear, before anything is published.
    pub redaction: RedactionSettings,
    /// Limits of one event.
    pub event: JsonLimits,
    /// The most events of one `POST /publish-events`.
    pub max_batch_events: usize,
    /// The most bytes of one `POST /publish-events`.
    pub max_batch_bytes: usize,
    /// The longest wait for the bus; below the three seconds that the tag waits.
    #[serde(with = "web::duration")]
    pub publish_timeout: Duration,
    /// How much is worked on at once.
    pub admission: AdmissionSettings,
    /// How the server is run.
    pub http: HttpSettings,
}

impl Default for PublisherSettings {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".into(),
            topic: "backend-updates".into(),
            callers: Callers::None,
            shared_secret: None,
            shared_secret_previous: None,
            hmac_key: None,
            hmac_key_previous: None,
            id_token: IdTokenSettings::default(),
            rate_limit: RateLimitSettings::default(),
            allowed_events: Vec::new(),
            redaction: RedactionSettings::default(),
            event: JsonLimits::default(),
            max_batch_events: 1000,
            max_batch_bytes: 8 << 20,
            publish_timeout: Duration::from_millis(2500),
            admission: AdmissionSettings::default(),
            http: HttpSettings::default(),
        }
    }
}

/// How much one caller may send. Each process counts for itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateLimitSettings {
    /// Events in a second or a minute, such as `100/s`; without one there is no limit.
    pub rate: Option<Rate>,
    /// Events that may come at once after a pause; as many as the rate names where it says nothing.
    pub burst: Option<NonZeroU32>,
}
