//! The publisher's settings.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use web::{AdmissionSettings, HttpSettings, JsonLimits};

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
            event: JsonLimits::default(),
            max_batch_events: 1000,
            max_batch_bytes: 8 << 20,
            publish_timeout: Duration::from_millis(2500),
            admission: AdmissionSettings::default(),
            http: HttpSettings::default(),
        }
    }
}

/// How callers prove who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", try_from = "String")]
pub enum Callers {
    /// They don't; allowed on loopback alone.
    None,
    /// By a secret in the header `X-Talaria-Key`.
    SharedSecret,
    /// They don't, and whatever reaches the address is let in, because what stands in front admits only known callers: a
    /// composition's own network, a private network, Identity-Aware Proxy, or Cloud Run's own check. Never for an address
    /// that the internet reaches.
    TrustedNetwork,
}

/// By hand, because an operator who misspells a mode should read which there are.
impl TryFrom<String> for Callers {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "none" => Ok(Self::None),
            "shared-secret" => Ok(Self::SharedSecret),
            "trusted-network" => Ok(Self::TrustedNetwork),
            _ => Err(format!(
                "{text:?} is no mode: use none, shared-secret or trusted-network"
            )),
        }
    }
}

/// A secret setting: readable for the code that compares it, never shown.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret, without the line end that a file or a shell often adds.
    pub fn new(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    /// The secret itself.
    pub fn expose(&self) -> &str {
        self.0.trim()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}
