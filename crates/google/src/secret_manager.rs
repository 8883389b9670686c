//! Secrets from Google Cloud's Secret Manager. Reads afresh each time and keeps nothing: what is kept, for how long, and how
//! often it may be read again is the updater's business.

mod answer;
mod version_name;

use std::time::Duration;

use google_cloud_auth::credentials::anonymous;
use google_cloud_gax::exponential_backoff::ExponentialBackoffBuilder;
use google_cloud_gax::options::RequestOptionsBuilder;
use google_cloud_gax::retry_policy::{Aip194Strict, RetryPolicyExt};
use google_cloud_gax::retry_throttler::CircuitBreaker;
use google_cloud_secretmanager_v1::client::SecretManagerService;

use version_name::VersionName;

/// Of one read, the first included. A secret whose service is away is asked for again soon enough.
const ATTEMPTS: u32 = 3;
const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(1);
/// Of one read whose text doesn't fit its checksum, the first included.
const TRANSFERS: u32 = 2;

/// Which Secret Manager, and how long it may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretManagerSettings {
    /// The project of secrets that are named without one.
    pub project: String,
    /// An address instead of Google's usual one, such as that of a region. One that begins with `http:` is asked without
    /// credentials, which nobody on the way shall read.
    pub endpoint: Option<String>,
    /// The longest that one read may take, with all its repetitions.
    pub request_timeout: Duration,
}

impl SecretManagerSettings {
    /// Google's own with the usual bounds.
    pub fn new(project: impl Into<String>) -> Self {
        Self {
            project: project.into(),
            endpoint: None,
            request_timeout: Duration::from_secs(4),
        }
    }
}

/// Why Secret Manager can't be used at all.
#[derive(Debug, thiserror::Error)]
#[error(
    "Secret Manager can't be used ({reason}): run as a service account, or set GOOGLE_APPLICATION_CREDENTIALS to a file \
     with credentials, or run `gcloud auth application-default login`"
)]
pub struct SecretManagerSetupError {
    reason: String,
}

/// Why there is no secret. Its text names the secret and what to do, never a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretManagerError {
    /// There is none of that name, or nothing of it that may be used.
    #[error("there is no secret {name}: {remedy}")]
    Missing {
        /// As it was asked for.
        name: String,
        /// What to do.
        remedy: String,
    },
    /// It may exist but can't be read now.
    #[error("the secret {name} can't be read: {reason}")]
    Unreadable {
        /// As it was asked for.
        name: String,
        /// Why, and what to do if somebody can.
        reason: String,
    },
}

/// Reads secrets.
#[derive(Clone, Debug)]
pub struct SecretManager {
    client: SecretManagerService,
    settings: SecretManagerSettings,
}

impl SecretManager {
    /// A client with the credentials that the process runs with. Asks for nothing yet.
    pub async fn connect(settings: SecretManagerSettings) -> Result<Self, SecretManagerSetupError> {
        let retries = Aip194Strict
            .with_time_limit(settings.request_timeout)
            .with_attempt_limit(ATTEMPTS);
        let pauses = ExponentialBackoffBuilder::new()
            .with_initial_delay(PAUSE_MIN)
            .with_maximum_delay(PAUSE_MAX)
            .clamp();
        let mut builder = SecretManagerService::builder()
            .with_retry_policy(retries)
            .with_backoff_policy(pauses)
            .with_retry_throttler(never_throttles());
        if let Some(endpoint) = &settings.endpoint {
            builder = builder.with_endpoint(endpoint);
            if endpoint.starts_with("http:") {
                builder = builder.with_credentials(anonymous::Builder::new().build());
            }
        }
        let client = builder.build().await;
        let client = client.map_err(|error| SecretManagerSetupError {
            reason: error.to_string(),
        })?;
        Ok(Self { client, settings })
    }

    /// The text of a secret. `name` is `NAME` (its latest version), `NAME@5` (that version, or an alias), or a version's full
    /// name, `projects/…/secrets/…/versions/…`. The text is as it was stored, line end included.
    pub async fn read(&self, name: &str) -> Result<String, SecretManagerError> {
        let version = VersionName::read(name, &self.settings.project)?;
        let reading = tokio::time::timeout(self.settings.request_timeout, self.transfer(&version));
        reading.await.unwrap_or_else(|_| {
            Err(version.unreadable(format!(
                "no answer of Secret Manager within {:?}; it is tried again at the next call",
                self.settings.request_timeout
            )))
        })
    }

    async fn transfer(&self, version: &VersionName) -> Result<String, SecretManagerError> {
        for _ in 0..TRANSFERS {
            let answer = self
                .client
                .access_secret_version()
                .set_name(version.resource())
                .with_attempt_timeout(self.settings.request_timeout)
                .send()
                .await;
            let payload = match answer {
                Ok(answer) => answer.payload,
                Err(error) => return Err(answer::refusal(version, &error)),
            };
            let Some(payload) = payload else {
                return Err(version.unreadable("the answer holds no secret".into()));
            };
            if answer::is_whole(&payload) {
                return answer::text(version, &payload.data);
            }
        }
        Err(version.unreadable(
            "it arrived damaged (its CRC32C is another); it is tried again at the next call".into(),
        ))
    }
}

/// The client's own throttler leaves out every second repetition after one failure, which is for programs that ask all the
/// time; a secret is read once for all who wait, and seldom.
fn never_throttles() -> CircuitBreaker {
    let (tokens, tokens_min, error_cost) = (1, 0, 0);
    CircuitBreaker::clamp(tokens, tokens_min, error_cost)
}
