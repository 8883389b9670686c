//! OpenTelemetry's usual variables, as defaults that the settings file and `TALARIA_OTLP__…` speak over. What a variable
//! says is checked as strictly as a setting: a misspelt sampler that is ignored is found when the bill comes.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use super::{OtlpError, OtlpSettings, SecretText};

impl OtlpSettings {
    /// What the variables of `environment` say. An empty one says nothing, as compose files leave one out so.
    pub fn of_environment(environment: &BTreeMap<String, String>) -> Result<Self, OtlpError> {
        let usual = Self::default();
        let variables = Variables(environment);
        let text = |name| variables.text(name).map(str::to_owned);
        Ok(Self {
            endpoint: text("OTEL_EXPORTER_OTLP_ENDPOINT"),
            traces_endpoint: text("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"),
            metrics_endpoint: text("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"),
            protocol: variables.word("protocol", "OTEL_EXPORTER_OTLP_PROTOCOL", usual.protocol)?,
            headers: variables
                .text("OTEL_EXPORTER_OTLP_HEADERS")
                .map(SecretText::new),
            timeout: variables.milliseconds(
                "timeout",
                "OTEL_EXPORTER_OTLP_TIMEOUT",
                usual.timeout,
            )?,
            service_name: text("OTEL_SERVICE_NAME"),
            resource_attributes: text("OTEL_RESOURCE_ATTRIBUTES"),
            sampler: variables.word("sampler", "OTEL_TRACES_SAMPLER", usual.sampler)?,
            sampler_ratio: variables.word(
                "sampler_ratio",
                "OTEL_TRACES_SAMPLER_ARG",
                usual.sampler_ratio,
            )?,
            metric_interval: variables.milliseconds(
                "metric_interval",
                "OTEL_METRIC_EXPORT_INTERVAL",
                usual.metric_interval,
            )?,
            // The standard has every other text mean false.
            disabled: text("OTEL_SDK_DISABLED")
                .is_some_and(|said| said.eq_ignore_ascii_case("true")),
        })
    }
}

struct Variables<'a>(&'a BTreeMap<String, String>);

impl<'a> Variables<'a> {
    fn text(&self, name: &str) -> Option<&'a str> {
        let value = self.0.get(name)?.trim();
        (!value.is_empty()).then_some(value)
    }

    fn word<T>(&self, name: &'static str, variable: &'static str, usual: T) -> Result<T, OtlpError>
    where
        T: FromStr<Err: Display>,
    {
        let Some(text) = self.text(variable) else {
            return Ok(usual);
        };
        text.parse().map_err(|error: T::Err| OtlpError::Setting {
            name,
            fault: format!("can't be used: {error}"),
            variable,
        })
    }

    fn milliseconds(
        &self,
        name: &'static str,
        variable: &'static str,
        usual: Duration,
    ) -> Result<Duration, OtlpError> {
        let Some(text) = self.text(variable) else {
            return Ok(usual);
        };
        let milliseconds = text.parse().map_err(|_| OtlpError::Setting {
            name,
            fault: format!(
                "is {text:?}: {variable} is a whole number of milliseconds, such as 10000"
            ),
            variable,
        })?;
        Ok(Duration::from_millis(milliseconds))
    }
}
