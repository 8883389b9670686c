//! A receiver that updaters send their spans and metrics to, and what every one of them has to satisfy.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use telemetry::{METRICS, OtlpSettings, Process, SPANS, Telemetry, Values, http_transport};
use testing::{OtlpReceiver, PATIENCE, ReceivedPoint, ReceivedSpan};

pub struct Scene {
    receiver: OtlpReceiver,
    pub telemetry: Telemetry,
}

/// Everything that was sent.
pub struct Sent {
    pub spans: Vec<ReceivedSpan>,
    pub points: Vec<ReceivedPoint>,
}

impl Scene {
    pub async fn start() -> Self {
        let receiver = OtlpReceiver::start().await;
        let settings = OtlpSettings {
            endpoint: Some(receiver.http_endpoint()),
            metric_interval: Duration::from_millis(20),
            ..OtlpSettings::default()
        };
        let telemetry = Telemetry::start(&settings, &Process::default(), http_transport);
        Self {
            receiver,
            telemetry: telemetry.expect("good settings"),
        }
    }

    /// Waits until the latest of a metric without further attributes is `value` at the destination `api`.
    pub async fn wait_for_level(&self, name: &str, value: f64) {
        let is_it = |point: &ReceivedPoint| {
            point.name == name && point.attribute("destination") == "api" && point.value == value
        };
        let what = format!("{name} to be {value}");
        let enough = |points: &[ReceivedPoint]| points.iter().any(is_it);
        self.receiver.wait_for_metrics(&what, enough).await;
    }

    /// Ends the recording. What came is of the vocabulary: names, units, kinds, attributes and words.
    pub async fn sent(self) -> Sent {
        self.telemetry.stop(PATIENCE).await;
        let (spans, points) = (self.receiver.spans(), self.receiver.metrics());
        points.iter().for_each(check_point);
        spans.iter().for_each(check_span);
        Sent { spans, points }
    }
}

impl Sent {
    /// The spans of a name, in the order in which they ended.
    pub fn spans_named(&self, name: &str) -> Vec<&ReceivedSpan> {
        let spans = self.spans.iter();
        spans.filter(|span| span.name == name).collect()
    }

    /// The only span of a name.
    pub fn span(&self, name: &str) -> &ReceivedSpan {
        let spans = self.spans_named(name);
        assert_eq!(spans.len(), 1, "{name}");
        spans[0]
    }

    /// The values of a metric by the values of its attributes, in the order of their keys; of histograms how many.
    pub fn counts(&self, name: &str) -> BTreeMap<String, u64> {
        let points = self.points.iter().filter(|point| point.name == name);
        let values = |point: &ReceivedPoint| {
            let values: Vec<&str> = point.attributes.values().map(String::as_str).collect();
            values.join(" ")
        };
        points
            .map(|point| (values(point), point.value as u64))
            .collect()
    }

    /// No attribute holds any of `secrets`.
    pub fn assert_tells_nothing_of(&self, secrets: &[String]) {
        let of_spans = self.spans.iter().flat_map(|span| &span.attributes);
        let of_points = self.points.iter().flat_map(|point| &point.attributes);
        let names = self.spans.iter().map(|span| span.name.as_str());
        let values = of_spans.chain(of_points).map(|(_, value)| value.as_str());
        for value in values.chain(names) {
            for secret in secrets {
                assert!(!value.contains(secret.as_str()), "{value} holds {secret}");
            }
        }
    }
}

/// Every text and number of an event that is long enough to be looked for, but for those under `known`.
pub fn values_of(event: &Value, known: &[&str]) -> Vec<String> {
    match event {
        Value::Object(members) => members
            .iter()
            .filter(|(name, _)| !known.contains(&name.as_str()))
            .flat_map(|(_, value)| values_of(value, known))
            .collect(),
        Value::Array(elements) => elements
            .iter()
            .flat_map(|element| values_of(element, known))
            .collect(),
        Value::String(text) => vec![text.clone()],
        Value::Number(number) => vec![number.to_string()],
        Value::Null | Value::Bool(_) => Vec::new(),
    }
    .into_iter()
    .filter(|value| value.len() > 4)
    .collect()
}

fn check_point(point: &ReceivedPoint) {
    let described = METRICS.iter().find(|metric| metric.name == point.name);
    let described = described.unwrap_or_else(|| panic!("{} is not described", point.name));
    assert_eq!(point.unit, described.unit, "{}", point.name);
    assert_eq!(point.kind, described.kind.word(), "{}", point.name);
    assert_eq!(point.bounds, described.buckets, "{}", point.name);
    assert_eq!(point.attributes.len(), described.attributes.len());
    for attribute in described.attributes {
        let value = point.attribute(attribute.key);
        match attribute.values {
            Values::Words(words) => assert!(words.contains(&value), "{} {value}", point.name),
            Values::Names(_) => assert!(!value.is_empty(), "{}", point.name),
        }
    }
}

fn check_span(span: &ReceivedSpan) {
    let known = |key: &String| {
        let mut keys = SPANS.iter().flat_map(|span| span.attributes);
        keys.any(|known| known.word() == key)
    };
    let unknown: Vec<&String> = span.attributes.keys().filter(|key| !known(key)).collect();
    assert!(unknown.is_empty(), "{}: {unknown:?}", span.name);
    assert!(span.began_ns <= span.ended_ns, "{}", span.name);
}
