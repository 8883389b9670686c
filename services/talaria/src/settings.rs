//! Everything that can be set about `talaria`; `config/local.yaml` lists it with its defaults.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use crate::sandbox::SandboxSettings;

/// The settings of all parts in one process.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TalariaSettings {
    /// The data directory: bus, store, addresses.
    pub data: PathBuf,
    /// The publisher.
    pub publisher: publisher::PublisherSettings,
    /// The updater.
    pub updater: updater::UpdaterSettings,
    /// The counter and its page.
    pub counter: counter::CounterSettings,
    /// The sandbox back office.
    pub sandbox: SandboxSettings,
    /// The embedded bus.
    pub bus: BusSettings,
    /// Where spans and metrics go.
    pub otlp: telemetry::OtlpSettings,
    /// What is logged.
    pub log: telemetry::LogSettings,
}

impl Default for TalariaSettings {
    fn default() -> Self {
        Self {
            data: "./.talaria".into(),
            publisher: Default::default(),
            updater: Default::default(),
            counter: Default::default(),
            sandbox: Default::default(),
            bus: Default::default(),
            otlp: Default::default(),
            log: Default::default(),
        }
    }
}

impl TalariaSettings {
    /// The file of the embedded bus.
    pub fn bus_file(&self) -> PathBuf {
        self.data.join("bus.sqlite")
    }

    /// The file of the embedded store.
    pub fn store_file(&self) -> PathBuf {
        self.data.join("store.sqlite")
    }

    /// The file that says where each part listens.
    pub fn addresses_file(&self) -> PathBuf {
        self.data.join("addresses.json")
    }
}

/// How the embedded bus delivers and what it takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BusSettings {
    /// The shortest time before a refused message comes again.
    #[serde(with = "web::duration")]
    pub retry_min: Duration,
    /// The longest.
    #[serde(with = "web::duration")]
    pub retry_max: Duration,
    /// Deliveries after which a message goes to the dead-letter topic.
    pub max_delivery_attempts: u32,
    /// The most requests under way per subscription.
    pub max_in_flight: usize,
    /// How long messages are kept from their publishing on; what is not acknowledged yet is kept longer.
    #[serde(with = "web::duration")]
    pub retention: Duration,
    /// The most messages that wait for their commit.
    pub queue: usize,
    /// The most bytes that those messages may have together.
    pub queue_bytes: usize,
    /// The most bytes of one message, attributes included.
    pub max_message_bytes: usize,
}

impl Default for BusSettings {
    fn default() -> Self {
        let embedded = embedded::BusSettings::default();
        Self {
            retry_min: embedded.retry_min,
            retry_max: embedded.retry_max,
            max_delivery_attempts: embedded.max_delivery_attempts,
            max_in_flight: embedded.max_in_flight,
            retention: embedded.retention,
            queue: embedded.queue,
            queue_bytes: embedded.queue_bytes,
            max_message_bytes: embedded.max_message_bytes,
        }
    }
}

impl BusSettings {
    /// The same as the bus takes them; the jitter between redeliveries begins at `jitter_seed`.
    pub fn to_embedded(&self, jitter_seed: u64) -> embedded::BusSettings {
        embedded::BusSettings {
            retry_min: self.retry_min,
            retry_max: self.retry_max,
            max_delivery_attempts: self.max_delivery_attempts,
            max_in_flight: self.max_in_flight,
            retention: self.retention,
            queue: self.queue,
            queue_bytes: self.queue_bytes,
            max_message_bytes: self.max_message_bytes,
            jitter_seed,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::*;

    const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/local.yaml");

    #[test]
    fn the_settings_file_in_the_repository_changes_nothing() {
        let read: TalariaSettings =
            web::settings::load(Some(Path::new(FILE)), &BTreeMap::new()).expect("a good file");
        let json = |settings: &TalariaSettings| serde_json::to_value(settings).expect("JSON");
        assert_eq!(json(&read), json(&TalariaSettings::default()));
    }

    #[test]
    fn the_settings_file_in_the_repository_leaves_opentelemetry_s_usual_variables_their_say() {
        let usual = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let environment = BTreeMap::from([
            usual("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            usual("OTEL_TRACES_SAMPLER", "always_off"),
            usual("OTEL_TRACES_SAMPLER_ARG", "0.5"),
            usual("OTEL_METRIC_EXPORT_INTERVAL", "5000"),
            usual("OTEL_EXPORTER_OTLP_TIMEOUT", "5000"),
            usual("OTEL_SDK_DISABLED", "true"),
        ]);
        let otlp = telemetry::OtlpSettings::of_environment(&environment).expect("good variables");
        let defaults = TalariaSettings {
            otlp: otlp.clone(),
            ..TalariaSettings::default()
        };
        let read = web::settings::load_over(&defaults, Some(Path::new(FILE)), &environment);
        assert_eq!(read.expect("a good file").otlp, otlp);
    }

    #[test]
    fn the_settings_file_in_the_repository_names_every_setting() {
        let text = std::fs::read_to_string(FILE).expect("the file");
        let defaults = serde_json::to_value(TalariaSettings::default()).expect("JSON");
        let mut missing = Vec::new();
        collect_missing(&defaults, &text, &mut missing);
        assert!(
            missing.is_empty(),
            "config/local.yaml doesn't name {missing:?}"
        );
    }

    fn collect_missing(value: &serde_json::Value, text: &str, missing: &mut Vec<String>) {
        for (key, value) in value.as_object().into_iter().flatten() {
            let written = text.lines().any(|line| {
                let line = line.trim_start().trim_start_matches("# ").trim_start();
                line.starts_with(&format!("{key}:"))
            });
            if !written {
                missing.push(key.clone());
            }
            collect_missing(value, text, missing);
        }
    }

    #[test]
    fn the_environment_speaks_over_defaults_and_unknown_names_are_refused() {
        let set = |name: &str, value: &str| BTreeMap::from([(name.to_owned(), value.to_owned())]);
        let settings: TalariaSettings =
            web::settings::load(None, &set("TALARIA_BUS__RETRY_MIN", "1s")).expect("good");
        assert_eq!(settings.bus.retry_min, Duration::from_secs(1));
        assert_eq!(
            settings.bus.to_embedded(7).retry_min,
            Duration::from_secs(1)
        );
        let refused =
            web::settings::load::<TalariaSettings>(None, &set("TALARIA_BUS__RETRYMIN", "1s"));
        let error = refused.expect_err("no such setting").to_string();
        assert!(error.contains("TALARIA_BUS__RETRY_MIN"), "{error}");
    }
}
