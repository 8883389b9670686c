//! What can be set about the bus of a service that runs by itself.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use web::settings::Faults;

use super::{embedded, emulator_host, named, project_id};
use crate::pubsub::PubSubSettings;

/// Which bus, and how it is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BusSettings {
    /// Has no default.
    pub backend: Option<BusBackend>,
    /// `host:port` of the emulator; `PUBSUB_EMULATOR_HOST` says the same.
    pub emulator_host: Option<String>,
    /// The most messages that wait for Pub/Sub's answer.
    pub max_in_flight: usize,
    /// The most bytes that those messages may have together.
    pub max_bytes_in_flight: usize,
}

/// See [`BusSettings::backend`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", try_from = "String")]
pub enum BusBackend {
    /// Google Cloud Pub/Sub, or its emulator.
    Pubsub,
    /// The bus of `talaria up`, which no single service has.
    Embedded,
    /// No bus, for a counter that replays nothing.
    None,
}

impl Default for BusSettings {
    fn default() -> Self {
        let pubsub = PubSubSettings::new("");
        Self {
            backend: None,
            emulator_host: None,
            max_in_flight: pubsub.max_in_flight,
            max_bytes_in_flight: pubsub.max_bytes_in_flight,
        }
    }
}

impl BusSettings {
    /// Whether an emulator is named, which takes anybody: no credentials are needed.
    pub fn is_emulated(&self) -> bool {
        named(self.emulator_host.as_deref()).is_some()
    }

    /// Pub/Sub as it is set. `publish_timeout` is the longest that one publish may take.
    pub fn pubsub(
        &self,
        project: Option<&str>,
        publish_timeout: Duration,
    ) -> Result<PubSubSettings, Faults> {
        let named = match self.backend {
            Some(BusBackend::Pubsub) => Ok(()),
            Some(BusBackend::Embedded) => Err(embedded("bus", "pubsub")),
            Some(BusBackend::None) => Err(Faults::of(
                "bus.backend is none, and this service does nothing without a bus: set TALARIA_BUS__BACKEND=pubsub",
            )),
            None => Err(Faults::of(
                "bus.backend is missing: set TALARIA_BUS__BACKEND=pubsub",
            )),
        };
        let host = emulator_host(self.emulator_host.as_deref(), "PUBSUB_EMULATOR_HOST");
        let bounds = Faults::join(
            not_nothing("max_in_flight", self.max_in_flight),
            not_nothing("max_bytes_in_flight", self.max_bytes_in_flight),
        );
        let named = Faults::join(named, bounds);
        let checked = Faults::join(named, Faults::join(project_id(project), host));
        let (_, (project, emulator_host)) = checked?;
        Ok(PubSubSettings {
            emulator_host,
            publish_timeout,
            max_in_flight: self.max_in_flight,
            max_bytes_in_flight: self.max_bytes_in_flight,
            ..PubSubSettings::new(project)
        })
    }

    /// The same for a service that can do without; `none` has to be said.
    pub fn pubsub_if_any(
        &self,
        project: Option<&str>,
        publish_timeout: Duration,
    ) -> Result<Option<PubSubSettings>, Faults> {
        match self.backend {
            Some(BusBackend::None) => Ok(None),
            Some(_) => self.pubsub(project, publish_timeout).map(Some),
            None => {
                let unnamed = Faults::of(
                    "bus.backend is missing: set TALARIA_BUS__BACKEND=pubsub, so that dead letters can be replayed from \
                     the page, or TALARIA_BUS__BACKEND=none",
                );
                Faults::join(Err(unnamed), project_id(project)).map(|(never, _)| never)
            }
        }
    }
}

/// Without a place nothing would ever be published.
fn not_nothing(bound: &str, places: usize) -> Result<(), Faults> {
    match places {
        0 => Err(Faults::of(format!(
            "bus.{bound} is 0, and nothing could be published: leave it out for the usual bound"
        ))),
        _ => Ok(()),
    }
}

impl TryFrom<String> for BusBackend {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        match name.as_str() {
            "pubsub" => Ok(Self::Pubsub),
            "embedded" => Ok(Self::Embedded),
            "none" => Ok(Self::None),
            _ => Err(format!(
                "there is no bus {name:?}: set TALARIA_BUS__BACKEND=pubsub"
            )),
        }
    }
}
