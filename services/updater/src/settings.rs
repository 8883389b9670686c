//! The updater's settings.

mod held;

use std::path::PathBuf;
use std::time::Duration;

use events::PurchaseIdentity;
use serde::{Deserialize, Serialize};
use web::{AdmissionSettings, HttpSettings, JsonLimits, PushCallers};

pub use held::HeldSettings;

/// Everything that can be set about the updater.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UpdaterSettings {
    /// Address and port; port 0 takes a free one.
    pub listen: String,
    /// The routes file.
    pub routes: PathBuf,
    /// How often the routes file is looked at for changes.
    #[serde(with = "web::duration")]
    pub routes_poll: Duration,
    /// How pushes prove who sent them.
    pub push_callers: PushCallers,
    /// What makes two purchases the same.
    pub purchase_identity: PurchaseIdentity,
    /// Where destinations' secrets are.
    pub secrets: SecretSettings,
    /// The most instances of the deployment; each takes its share of a destination's limits.
    pub max_instances: u32,
    /// The longest wait for a connection to a destination. A call that found no connection is known not to have
    /// arrived.
    #[serde(with = "web::duration")]
    pub connect_timeout: Duration,
    /// Calls that one message makes to a destination at the same time, where a route works each element.
    pub calls_at_once: usize,
    /// How long another instance's ended lease is still respected, since clocks differ.
    #[serde(with = "web::duration")]
    pub lease_grace: Duration,
    /// How long it is remembered what was done of an event. Longer than anything that can come again.
    #[serde(with = "web::duration")]
    pub dedupe_retention: Duration,
    /// How long dead letters are kept.
    #[serde(with = "web::duration")]
    pub dead_letter_retention: Duration,
    /// When messages are held, and how held ones are worked.
    pub held: HeldSettings,
    /// How often the state of the destinations is written down for the operators' page, if it has changed.
    #[serde(with = "web::duration")]
    pub report_interval: Duration,
    /// Limits of a push.
    pub push: JsonLimits,
    /// How much is worked on at once.
    pub admission: AdmissionSettings,
    /// How the server is run.
    pub http: HttpSettings,
}

/// Where destinations' secrets are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SecretSettings {
    /// `environment`: variables of the secret's name; `file`: files of that name in `directory`; `secret-manager`: Google
    /// Cloud's, which only the updater as a service by itself has.
    pub source: SecretSourceName,
    /// For `file` alone.
    pub directory: PathBuf,
}

/// See [`SecretSettings::source`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecretSourceName {
    /// Environment variables.
    Environment,
    /// Files.
    File,
    /// Secret Manager on Google Cloud.
    SecretManager,
}

impl Default for SecretSettings {
    fn default() -> Self {
        Self {
            source: SecretSourceName::Environment,
            directory: "secrets".into(),
        }
    }
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Default for UpdaterSettings {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8081".into(),
            routes: "config/routes.yaml".into(),
            routes_poll: Duration::from_secs(2),
            push_callers: PushCallers::default(),
            purchase_identity: PurchaseIdentity::Transaction,
            secrets: SecretSettings::default(),
            max_instances: 1,
            connect_timeout: Duration::from_secs(3),
            calls_at_once: 8,
            lease_grace: Duration::from_secs(10),
            dedupe_retention: DAY * 45,
            dead_letter_retention: DAY * 30,
            held: HeldSettings::default(),
            report_interval: Duration::from_secs(5),
            // Ten megabytes of message, a third more as base64, and the envelope.
            push: JsonLimits {
                max_body_bytes: 14 << 20,
                ..JsonLimits::default()
            },
            admission: AdmissionSettings {
                max_requests: 1024,
                max_body_bytes_in_flight: 32 << 20,
            },
            http: HttpSettings::default(),
        }
    }
}
