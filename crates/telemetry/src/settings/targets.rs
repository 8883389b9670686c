//! The settings, checked: where each signal goes, and what goes with it.

use std::time::Duration;

use url::Url;

use super::{OtlpError, OtlpSettings, Protocol, SecretText};

/// Google's own receiver, which wants a token of Google's.
const GOOGLE_HOST: &str = "telemetry.googleapis.com";

/// Where spans and metrics go. One of the two may go nowhere.
#[derive(Clone, Debug)]
pub struct Targets {
    /// How the receivers are spoken to.
    pub protocol: Protocol,
    /// Where spans go.
    pub traces: Option<Target>,
    /// Where metrics go.
    pub metrics: Option<Target>,
    /// Headers of each request, by name.
    pub headers: Vec<(String, SecretText)>,
    /// The longest that a request may take.
    pub timeout: Duration,
}

/// Where one signal goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The address: with the path for HTTP, and for gRPC without.
    pub url: Url,
}

impl Target {
    /// Whether it is Google's own receiver: there, and nowhere else, a token of Google's goes along.
    pub fn is_google(&self) -> bool {
        self.url.scheme() == "https" && self.url.host_str() == Some(GOOGLE_HOST)
    }
}

impl Targets {
    /// Those of both signals.
    pub fn all(&self) -> impl Iterator<Item = &Target> {
        self.traces.iter().chain(&self.metrics)
    }

    /// Whether one of them is Google's own receiver.
    pub fn need_google(&self) -> bool {
        self.all().any(Target::is_google)
    }
}

impl OtlpSettings {
    /// Checks the settings. `None` if nothing is to be sent.
    pub fn targets(&self) -> Result<Option<Targets>, OtlpError> {
        let named = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let (both, traces, metrics) = (
            named(&self.endpoint),
            named(&self.traces_endpoint),
            named(&self.metrics_endpoint),
        );
        if self.disabled || (both.is_none() && traces.is_none() && metrics.is_none()) {
            return Ok(None);
        }
        self.check_numbers()?;
        let base = match &both {
            Some(text) => Some(address(text, "endpoint", "OTEL_EXPORTER_OTLP_ENDPOINT")?),
            None => None,
        };
        let target = |own: Option<String>, name, variable, path| match (own, &base) {
            (Some(text), _) => address(&text, name, variable).map(Some),
            (None, Some(base)) => Ok(Some(self.with_path(base, path))),
            (None, None) => Ok(None),
        };
        let traces = target(
            traces,
            "traces_endpoint",
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            "v1/traces",
        )?;
        let metrics = target(
            metrics,
            "metrics_endpoint",
            "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
            "v1/metrics",
        )?;
        Ok(Some(Targets {
            protocol: self.protocol,
            traces: traces.map(|url| Target { url }),
            metrics: metrics.map(|url| Target { url }),
            headers: self.headers()?,
            timeout: self.timeout,
        }))
    }

    /// The name and value of each of `resource_attributes`, decoded.
    pub(crate) fn attributes(&self) -> Result<Vec<(String, String)>, OtlpError> {
        let text = self.resource_attributes.as_deref().unwrap_or_default();
        pairs(text).ok_or_else(|| OtlpError::Setting {
            name: "resource_attributes",
            fault: "can't be read: write name=value, with commas between, and what is no plain character as %2C".into(),
            variable: "OTEL_RESOURCE_ATTRIBUTES",
        })
    }

    fn headers(&self) -> Result<Vec<(String, SecretText)>, OtlpError> {
        let text = self.headers.as_ref().map_or("", SecretText::expose);
        let legal = |(name, value): &(String, String)| {
            let name_is_legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            name.bytes().all(name_is_legal)
                && !value.contains(|c: char| c.is_control() || !c.is_ascii())
        };
        match pairs(text).filter(|pairs| pairs.iter().all(legal)) {
            Some(pairs) => Ok(pairs
                .into_iter()
                .map(|(name, value)| (name.to_ascii_lowercase(), SecretText(value)))
                .collect()),
            None => Err(OtlpError::Setting {
                name: "headers",
                fault: "can't be read: write name=value, with commas between, and what is no plain character as %2C".into(),
                variable: "OTEL_EXPORTER_OTLP_HEADERS",
            }),
        }
    }

    fn check_numbers(&self) -> Result<(), OtlpError> {
        let fault = |name, fault: &str, variable| {
            Err(OtlpError::Setting {
                name,
                fault: fault.to_owned(),
                variable,
            })
        };
        if !(0.0..=1.0).contains(&self.sampler_ratio) {
            return fault(
                "sampler_ratio",
                "must be from 0 to 1",
                "OTEL_TRACES_SAMPLER_ARG",
            );
        }
        if self.metric_interval < Duration::from_millis(10) {
            return fault(
                "metric_interval",
                "must be at least 10ms",
                "OTEL_METRIC_EXPORT_INTERVAL",
            );
        }
        if self.timeout < Duration::from_millis(10) {
            return fault(
                "timeout",
                "must be at least 10ms",
                "OTEL_EXPORTER_OTLP_TIMEOUT",
            );
        }
        Ok(())
    }

    /// gRPC has its paths by itself.
    fn with_path(&self, base: &Url, path: &str) -> Url {
        let mut url = base.clone();
        if self.protocol == Protocol::HttpProtobuf {
            url.set_path(&format!("{}/{path}", base.path().trim_end_matches('/')));
        }
        url
    }
}

/// What is wrong with an address is said without it: it might hold a password.
fn address(text: &str, name: &'static str, variable: &'static str) -> Result<Url, OtlpError> {
    let fault = |fault: &str| OtlpError::Setting {
        name,
        fault: fault.to_owned(),
        variable,
    };
    let url = Url::parse(text.trim()).map_err(|_| {
        fault("is no address: write one with its scheme, such as http://127.0.0.1:4318")
    })?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(fault(
            "must begin with http:// or https:// and name a host, such as http://127.0.0.1:4318",
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(fault(
            "must not hold a password: put it into otlp.headers, as authorization=Basic%20…",
        ));
    }
    if url.host_str() == Some(GOOGLE_HOST) && url.scheme() != "https" {
        return Err(fault(
            "must begin with https:// where it is Google's, because a token goes along",
        ));
    }
    Ok(url)
}

/// `name=value` with commas between, values percent-encoded.
fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=')?;
        let name = name.trim();
        (!name.is_empty()).then_some(())?;
        Some((name.to_owned(), decoded(value.trim())?))
    };
    text.split(',')
        .filter(|part| !part.trim().is_empty())
        .map(pair)
        .collect()
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next()?, rest.next()?];
        let digits = std::str::from_utf8(&digits)
            .ok()
            .filter(|digits| !digits.starts_with('+'))?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
    }
    String::from_utf8(bytes).ok()
}
