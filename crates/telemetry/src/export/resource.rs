//! What is said of this process with everything it sends.

use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;

use crate::{OtlpError, OtlpSettings};

/// What a process knows of itself.
#[derive(Clone, Debug, Default)]
pub struct Process {
    /// Its program, such as `talaria-publisher`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What tells it from every other process of the program.
    pub instance: String,
    /// The Google Cloud project it works in, if any.
    pub google_project: Option<String>,
    /// The Cloud Run service that it is an instance of (`K_SERVICE`), if any.
    pub cloud_run_service: Option<String>,
    /// The revision of that service (`K_REVISION`).
    pub cloud_run_revision: Option<String>,
}

impl Process {
    /// What it knows, and what its operator adds; the operator's word counts.
    pub(super) fn resource(&self, settings: &OtlpSettings) -> Result<Resource, OtlpError> {
        let mut attributes = vec![
            KeyValue::new("telemetry.sdk.name", "opentelemetry"),
            KeyValue::new("telemetry.sdk.language", "rust"),
            KeyValue::new("service.namespace", "talaria"),
            KeyValue::new("service.name", self.name.clone()),
            KeyValue::new("service.version", self.version.clone()),
            KeyValue::new("service.instance.id", self.instance.clone()),
        ];
        let mut add = |key: &'static str, value: &Option<String>| {
            if let Some(value) = value {
                attributes.push(KeyValue::new(key, value.clone()));
            }
        };
        add("gcp.project_id", &self.google_project);
        add("faas.name", &self.cloud_run_service);
        add("faas.version", &self.cloud_run_revision);
        if self.cloud_run_service.is_some() {
            add("cloud.provider", &Some("gcp".into()));
            add("cloud.platform", &Some("gcp_cloud_run".into()));
            add("cloud.account.id", &self.google_project);
        }
        let added = settings.attributes()?;
        attributes.extend(
            added
                .into_iter()
                .map(|(key, value)| KeyValue::new(key, value)),
        );
        if let Some(name) = &settings.service_name {
            attributes.push(KeyValue::new("service.name", name.clone()));
        }
        Ok(Resource::builder_empty()
            .with_attributes(attributes)
            .build())
    }
}
