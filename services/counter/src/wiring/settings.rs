//! What is set beside the counter's own settings, and whether all of it can be used.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use counter::CounterSettings;
use events::Clock;
use google::firestore::FirestoreSettings;
use google::pubsub::PubSubSettings;
use google::settings::{
    BusSettings, PushCheck, StoreSettings, UsualVariables, check_database, check_topic,
    push_verifier, remembered_long_enough,
};
use serde::{Deserialize, Serialize};
use telemetry::{LogSettings, OtlpError, OtlpSettings};
use web::PushVerifier;
use web::program::Start;
use web::settings::Faults;

/// Firestore takes about one write a second of one document, and popular items are in every commit.
const MIN_COMMIT_INTERVAL: Duration = Duration::from_secs(1);

/// The counter's own settings, as they are best on Firestore.
pub(super) fn counter_defaults() -> CounterSettings {
    CounterSettings {
        min_commit_interval: MIN_COMMIT_INTERVAL,
        ..CounterSettings::default()
    }
}

/// What is set beside the counter's own settings.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Surroundings {
    pub(super) project: Option<String>,
    /// The topic that replayed dead letters go to.
    pub(super) topic: String,
    pub(super) store: StoreSettings,
    pub(super) bus: BusSettings,
    /// Where Google's public keys come from where its own address can't be reached, such as a mirror.
    pub(super) google_keys_url: Option<String>,
    pub(super) otlp: OtlpSettings,
    pub(super) log: LogSettings,
}

impl Default for Surroundings {
    fn default() -> Self {
        Self {
            project: None,
            topic: "backend-updates".into(),
            store: StoreSettings::default(),
            bus: BusSettings::default(),
            google_keys_url: None,
            otlp: OtlpSettings::default(),
            log: LogSettings::default(),
        }
    }
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
            bus: BusSettings {
                emulator_host: usual.pubsub_emulator.clone(),
                ..BusSettings::default()
            },
            otlp: start.otlp_settings()?,
            log: start.log_settings(),
            ..Self::default()
        })
    }

    /// The bus, which only the page needs: for replays.
    fn pubsub(&self, settings: &CounterSettings) -> Result<Option<PubSubSettings>, Faults> {
        if !settings.role.serves_page() {
            return Ok(None);
        }
        let publish_timeout = PubSubSettings::new("").publish_timeout;
        self.bus
            .pubsub_if_any(self.project.as_deref(), publish_timeout)
    }

    fn needs_credentials(&self, pubsub: Option<&PubSubSettings>) -> bool {
        !self.store.is_emulated() || pubsub.is_some_and(|pubsub| pubsub.emulator_host.is_none())
    }
}

/// What the backends are made from.
pub(super) struct Checked {
    pub(super) address: SocketAddr,
    pub(super) firestore: FirestoreSettings,
    pub(super) pubsub: Option<PubSubSettings>,
    pub(super) push_verifier: Option<Arc<dyn PushVerifier>>,
}

/// Checks everything that can be known before the start, and tells all that is in the way.
pub(super) fn check(
    settings: &CounterSettings,
    surroundings: &Surroundings,
    usual: &UsualVariables,
    address: Result<SocketAddr, Faults>,
    clock: &Arc<dyn Clock>,
) -> Result<Checked, Faults> {
    let firestore = surroundings
        .store
        .firestore(surroundings.project.as_deref());
    let pubsub = surroundings.pubsub(settings);
    let known = pubsub.as_ref().ok().and_then(Option::as_ref);
    let credentials = usual.check_credentials_file(surroundings.needs_credentials(known));
    let callers = address.and_then(|address| {
        let verifier = match settings.role.tallies() {
            true => {
                let check = PushCheck {
                    service: "counter",
                    address,
                    callers: &settings.push_callers,
                    google_keys_url: surroundings.google_keys_url.as_deref(),
                    usual,
                };
                push_verifier(&check, clock)
            }
            false => Ok(None),
        };
        let readers = settings.check_page_readers(address).map_err(Faults::of);
        Faults::join(verifier, readers).map(|(verifier, ())| (address, verifier))
    });
    let remembered = remembered_long_enough(
        "marker_retention",
        settings.marker_retention,
        settings.dead_letter_retention,
    );
    let named = Faults::join(
        check_topic(&surroundings.topic),
        check_database(&surroundings.store.database),
    );
    let backends = Faults::join(firestore, pubsub);
    let others = Faults::join(named, Faults::join(remembered, credentials));
    let ((firestore, pubsub), ((address, push_verifier), _)) =
        Faults::join(backends, Faults::join(callers, others))?;
    Ok(Checked {
        address,
        firestore,
        pubsub,
        push_verifier,
    })
}
