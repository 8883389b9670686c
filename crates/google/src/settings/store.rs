//! What can be set about the store of a service that runs by itself.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use web::settings::Faults;

use super::{embedded, emulator_host, named, project_id};
use crate::firestore::FirestoreSettings;

/// Which store, and how it is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreSettings {
    /// Has no default.
    pub backend: Option<StoreBackend>,
    /// `host:port` of the emulator; `FIRESTORE_EMULATOR_HOST` says the same.
    pub emulator_host: Option<String>,
    /// The database's id; `(default)` if none was made by name.
    pub database: String,
    /// The longest that one request may take.
    #[serde(with = "web::duration")]
    pub request_timeout: Duration,
    /// Documents over which the items of one minute or quarter are spread at least.
    pub shards: u16,
}

/// See [`StoreSettings::backend`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", try_from = "String")]
pub enum StoreBackend {
    /// Google Cloud Firestore, or its emulator.
    Firestore,
    /// The store of `talaria up`, which no single service has.
    Embedded,
}

impl Default for StoreSettings {
    fn default() -> Self {
        let firestore = FirestoreSettings::new("");
        Self {
            backend: None,
            emulator_host: None,
            database: firestore.database,
            request_timeout: firestore.request_timeout,
            shards: firestore.shards,
        }
    }
}

impl StoreSettings {
    /// Whether an emulator is named, which takes anybody: no credentials are needed.
    pub fn is_emulated(&self) -> bool {
        named(self.emulator_host.as_deref()).is_some()
    }

    /// Firestore as it is set.
    pub fn firestore(&self, project: Option<&str>) -> Result<FirestoreSettings, Faults> {
        let named = match self.backend {
            Some(StoreBackend::Firestore) => Ok(()),
            Some(StoreBackend::Embedded) => Err(embedded("store", "firestore")),
            None => Err(Faults::of(
                "store.backend is missing: set TALARIA_STORE__BACKEND=firestore",
            )),
        };
        let host = emulator_host(self.emulator_host.as_deref(), "FIRESTORE_EMULATOR_HOST");
        let checked = Faults::join(named, Faults::join(project_id(project), host));
        let ((), (project, emulator_host)) = checked?;
        Ok(FirestoreSettings {
            project,
            database: self.database.clone(),
            emulator_host,
            request_timeout: self.request_timeout,
            shards: self.shards,
        })
    }
}

impl TryFrom<String> for StoreBackend {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        match name.as_str() {
            "firestore" => Ok(Self::Firestore),
            "embedded" => Ok(Self::Embedded),
            _ => Err(format!(
                "there is no store {name:?}: set TALARIA_STORE__BACKEND=firestore"
            )),
        }
    }
}
