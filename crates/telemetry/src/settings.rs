//! Where spans and metrics go, and which. Off as long as nobody is named who takes them.

mod duration;
mod environment;
mod targets;

#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use targets::{Target, Targets};

/// What can be set about spans and metrics.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OtlpSettings {
    /// The receiver of both, such as `http://127.0.0.1:4318`; the paths of the protocol are added. (`OTEL_EXPORTER_OTLP_ENDPOINT`)
    pub endpoint: Option<String>,
    /// The whole address for spans, where they go elsewhere. (`OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`)
    pub traces_endpoint: Option<String>,
    /// The whole address for metrics, where they go elsewhere. (`OTEL_EXPORTER_OTLP_METRICS_ENDPOINT`)
    pub metrics_endpoint: Option<String>,
    /// How it is spoken to. (`OTEL_EXPORTER_OTLP_PROTOCOL`)
    pub protocol: Protocol,
    /// Headers of each request, `name=value` with commas between. (`OTEL_EXPORTER_OTLP_HEADERS`)
    pub headers: Option<SecretText>,
    /// The longest that a request may take, with its repetitions. (`OTEL_EXPORTER_OTLP_TIMEOUT`)
    #[serde(with = "duration")]
    pub timeout: Duration,
    /// Under which name this process is known; its program's if absent. (`OTEL_SERVICE_NAME`)
    pub service_name: Option<String>,
    /// What else is said of this process, `name=value` with commas between. (`OTEL_RESOURCE_ATTRIBUTES`)
    pub resource_attributes: Option<String>,
    /// Which traces are recorded. (`OTEL_TRACES_SAMPLER`)
    pub sampler: Sampler,
    /// The share of traces, from 0 to 1, where the sampler takes one. (`OTEL_TRACES_SAMPLER_ARG`)
    pub sampler_ratio: f64,
    /// The time between two reports of metrics. (`OTEL_METRIC_EXPORT_INTERVAL`)
    #[serde(with = "duration")]
    pub metric_interval: Duration,
    /// Off, whatever else is set. (`OTEL_SDK_DISABLED`)
    pub disabled: bool,
}

impl Default for OtlpSettings {
    fn default() -> Self {
        Self {
            endpoint: None,
            traces_endpoint: None,
            metrics_endpoint: None,
            protocol: Protocol::HttpProtobuf,
            headers: None,
            timeout: Duration::from_secs(10),
            service_name: None,
            resource_attributes: None,
            sampler: Sampler::ParentBasedAlwaysOn,
            sampler_ratio: 1.0,
            metric_interval: Duration::from_secs(60),
            disabled: false,
        }
    }
}

/// Why spans and metrics can't be sent as set. The text is for the operator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OtlpError {
    /// A setting that can't be used.
    #[error("otlp.{name} {fault} ({variable})")]
    Setting {
        /// The setting's name.
        name: &'static str,
        /// What is wrong, and what would be right; never a secret.
        fault: String,
        /// The usual variable that sets it as well.
        variable: &'static str,
    },
    /// This program can't speak so.
    #[error("{0}")]
    Unsupported(String),
}

/// How the receiver is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub enum Protocol {
    /// Protobuf over HTTP.
    #[serde(rename = "http/protobuf")]
    HttpProtobuf,
    /// gRPC.
    #[serde(rename = "grpc")]
    Grpc,
}

/// Which traces are recorded. Those that begin with `parentbased_` do as the caller did, and decide only for traces that
/// begin here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", try_from = "String")]
pub enum Sampler {
    /// All.
    AlwaysOn,
    /// None.
    AlwaysOff,
    /// So large a share.
    #[serde(rename = "traceidratio")]
    TraceIdRatio,
    /// As the caller; of new ones all.
    #[serde(rename = "parentbased_always_on")]
    ParentBasedAlwaysOn,
    /// As the caller; of new ones none.
    #[serde(rename = "parentbased_always_off")]
    ParentBasedAlwaysOff,
    /// As the caller; of new ones so large a share.
    #[serde(rename = "parentbased_traceidratio")]
    ParentBasedTraceIdRatio,
}

/// By hand, because an operator who misspells a name should read which there are.
macro_rules! named {
    ($name:ident, $what:literal, { $($variant:ident = $word:literal,)+ }) => {
        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(format!(concat!("{:?} is no ", $what, ": use one of {}"), text, [$($word),+].join(", "))),
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                text.parse()
            }
        }
    };
}

named!(Protocol, "protocol", { HttpProtobuf = "http/protobuf", Grpc = "grpc", });
named!(Sampler, "sampler", {
    ParentBasedAlwaysOn = "parentbased_always_on",
    ParentBasedTraceIdRatio = "parentbased_traceidratio",
    ParentBasedAlwaysOff = "parentbased_always_off",
    AlwaysOn = "always_on",
    TraceIdRatio = "traceidratio",
    AlwaysOff = "always_off",
});

/// A text that is a secret: readable for what sends it, never shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretText(String);

impl SecretText {
    /// Wraps a secret.
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The secret itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretText(…)")
    }
}
