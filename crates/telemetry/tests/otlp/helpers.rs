//! Telemetry that goes to a receiver in this process.

use std::time::Duration;

use telemetry::{OtlpSettings, Process, Telemetry, TraceContext, http_transport};

/// The stop waits this long; generous, since it only matters when something is broken.
pub const LONG: Duration = Duration::from_secs(30);

pub fn process() -> Process {
    Process {
        name: "talaria-test".into(),
        version: "1.2.3".into(),
        instance: "i1".into(),
        google_project: Some("shop-1".into()),
        cloud_run_service: Some("publisher".into()),
        cloud_run_revision: Some("publisher-7".into()),
    }
}

pub fn settings(endpoint: &str) -> OtlpSettings {
    OtlpSettings {
        endpoint: Some(endpoint.to_owned()),
        ..OtlpSettings::default()
    }
}

pub fn start(settings: &OtlpSettings) -> Telemetry {
    Telemetry::start(settings, &process(), http_transport).expect("good settings")
}

pub fn trace(sampled: bool) -> TraceContext {
    let flag = if sampled { "01" } else { "00" };
    let text = format!("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-{flag}");
    TraceContext::from_traceparent(&text).expect("a traceparent")
}
