//! What is set beside the updater's own settings, and whether all of it can be used.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use events::Clock;
use google::firestore::FirestoreSettings;
use google::secret_manager::SecretManagerSettings;
use google::settings::{
    PushCheck, StoreSettings, UsualVariables, check_database, push_verifier,
    remembered_long_enough, secret_manager_endpoint,
};
use serde::{Deserialize, Serialize};
use telemetry::{LogSettings, OtlpError, OtlpSettings};
use updater::{SecretSourceName, UpdaterSettings};
use web::PushVerifier;
use web::program::Start;
use web::settings::Faults;

/// What is set beside the updater's own settings.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Surroundings {
    pub(super) project: Option<String>,
    pub(super) store: StoreSettings,
    pub(super) secret_manager: SecretManagerAccess,
    /// Where Google's public keys come from where its own address can't be reached, such as a mirror.
    pub(super) google_keys_url: Option<String>,
    pub(super) otlp: OtlpSettings,
    pub(super) log: LogSettings,
}

/// How Secret Manager is asked, where `secrets.source` is `secret-manager`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct SecretManagerAccess {
    endpoint: Option<String>,
    #[serde(with = "web::duration")]
    request_timeout: Duration,
}

impl Default for SecretManagerAccess {
    fn default() -> Self {
        let usual = SecretManagerSettings::new("");
        Self {
            endpoint: usual.endpoint,
            request_timeout: usual.request_timeout,
        }
    }
}

/// Cloud Run may give a process no time between requests, in which a call would be cut off. There Cloud Scheduler drains.
pub(super) fn updater_defaults(start: &Start) -> UpdaterSettings {
    let mut settings = UpdaterSettings::default();
    if start.variable("K_SERVICE").is_some() {
        settings.held.drain_interval = Duration::ZERO;
    }
    settings
}

/// What the backends are made from.
pub(super) struct Checked {
    pub(super) address: SocketAddr,
    pub(super) firestore: FirestoreSettings,
    pub(super) secret_manager: Option<SecretManagerSettings>,
    pub(super) push_verifier: Option<Arc<dyn PushVerifier>>,
}

impl Surroundings {
    /// What the platform and Google's usual variables say.
    pub(super) fn defaults(start: &Start, usual: &UsualVariables) -> Result<Self, OtlpError> {
        Ok(Self {
            project: usual.project.clone(),
            store: StoreSettings {
                emulator_host: usual.firestore_emulator.clone(),
                ..StoreSettings::default()
            },
            otlp: start.otlp_settings()?,
            log: start.log_settings(),
            ..Self::default()
        })
    }
}

/// Checks everything that can be known before the start, and tells all that is in the way.
pub(super) fn check(
    settings: &UpdaterSettings,
    surroundings: &Surroundings,
    usual: &UsualVariables,
    address: Result<SocketAddr, Faults>,
    clock: &Arc<dyn Clock>,
) -> Result<Checked, Faults> {
    let firestore = surroundings
        .store
        .firestore(surroundings.project.as_deref());
    let callers = address.and_then(|address| {
        let check = PushCheck {
            service: "updater",
            address,
            callers: &settings.push_callers,
            google_keys_url: surroundings.google_keys_url.as_deref(),
            usual,
        };
        Ok((address, push_verifier(&check, clock)?))
    });
    let remembered = remembered_long_enough(
        "dedupe_retention",
        settings.dedupe_retention,
        settings.dead_letter_retention,
    );
    let credentials = usual.check_credentials_file(!surroundings.store.is_emulated());
    let others = Faults::join(remembered, Faults::join(routes(settings), credentials));
    let endpoint = secret_manager_endpoint(surroundings.secret_manager.endpoint.as_deref());
    let named = Faults::join(check_database(&surroundings.store.database), endpoint);
    let (((firestore, (address, push_verifier)), _), ((), endpoint)) = Faults::join(
        Faults::join(Faults::join(firestore, callers), others),
        named,
    )?;
    let secret_manager = match settings.secrets.source {
        SecretSourceName::SecretManager => Some(SecretManagerSettings {
            endpoint,
            request_timeout: surroundings.secret_manager.request_timeout,
            ..SecretManagerSettings::new(&firestore.project)
        }),
        SecretSourceName::Environment | SecretSourceName::File => None,
    };
    Ok(Checked {
        address,
        firestore,
        secret_manager,
        push_verifier,
    })
}

/// Its mistakes come later; whether there is a routes file at all is said with what else is missing.
fn routes(settings: &UpdaterSettings) -> Result<(), Faults> {
    let path = &settings.routes;
    match std::fs::metadata(path) {
        Ok(_) => Ok(()),
        Err(error) => Err(Faults::of(format!(
            "routes is {}, which can't be read ({error}): set TALARIA_ROUTES to the routes file",
            path.display()
        ))),
    }
}
