//! A service's spans and metrics on their way to a receiver, and what all of them have to satisfy.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use telemetry::{METRICS, OtlpSettings, Process, SPANS, Telemetry, Values, http_transport};

use crate::{OtlpReceiver, PATIENCE, ReceivedPoint, ReceivedSpan};

/// Telemetry to hand to a service, and the receiver that it tells.
pub struct Recording {
    /// What hears of it.
    pub receiver: OtlpReceiver,
    /// For the service.
    pub telemetry: Telemetry,
}

/// Everything that was sent.
pub struct Recorded {
    /// In the order in which they came.
    pub spans: Vec<ReceivedSpan>,
    /// The latest of each series.
    pub points: Vec<ReceivedPoint>,
}

impl Recording {
    /// Records every trace, and reports metrics without delay.
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

    /// Waits until the latest of a metric is `value` at `destination`.
    pub async fn wait_for_level(&self, name: &str, destination: &str, value: f64) {
        let is_it = |point: &ReceivedPoint| {
            point.name == name
                && point.attribute("destination") == destination
                && point.value == value
        };
        let what = format!("{name} to be {value}");
        let enough = |points: &[ReceivedPoint]| points.iter().any(is_it);
        self.receiver.wait_for_metrics(&what, enough).await;
    }

    /// Ends the recording. What came is of the vocabulary: names, units, kinds, attributes and words.
    pub async fn end(self) -> Recorded {
        self.telemetry.stop(PATIENCE).await;
        let (spans, points) = (self.receiver.spans(), self.receiver.metrics());
        points.iter().for_each(assert_point_described);
        spans.iter().for_each(assert_span_described);
        Recorded { spans, points }
    }
}

impl Recorded {
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

/// A point is as the table of metrics has it: name, unit, kind, buckets, attributes and their words.
pub fn assert_point_described(point: &ReceivedPoint) {
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

/// A span says nothing that the table of spans does not have.
fn assert_span_described(span: &ReceivedSpan) {
    let known = |key: &String| {
        let mut keys = SPANS.iter().flat_map(|span| span.attributes);
        keys.any(|known| known.word() == key)
    };
    let unknown: Vec<&String> = span.attributes.keys().filter(|key| !known(key)).collect();
    assert!(unknown.is_empty(), "{}: {unknown:?}", span.name);
    assert!(span.began_ns <= span.ended_ns, "{}", span.name);
}
