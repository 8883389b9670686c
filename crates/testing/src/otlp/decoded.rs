//! Spans and metrics, as tests like to look at them.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{
    HistogramDataPoint, Metric, NumberDataPoint, number_data_point,
};
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;

/// A span that came.
#[derive(Clone, Debug)]
pub struct ReceivedSpan {
    /// Such as `POST /publish-event`.
    pub name: String,
    /// `server`, `client`, `producer`, `consumer` or `internal`.
    pub kind: &'static str,
    /// In hexadecimal.
    pub trace_id: String,
    /// In hexadecimal.
    pub span_id: String,
    /// In hexadecimal; empty for the first of a trace.
    pub parent_span_id: String,
    /// Trace and span of each link, in hexadecimal.
    pub links: Vec<(String, String)>,
    /// Values as texts.
    pub attributes: BTreeMap<String, String>,
    /// Whether it went wrong.
    pub is_error: bool,
    /// When it began, in nanoseconds since 1970.
    pub began_ns: u64,
    /// When it ended.
    pub ended_ns: u64,
    /// What is said of the process.
    pub resource: BTreeMap<String, String>,
}

impl ReceivedSpan {
    /// The attribute's value, or nothing.
    pub fn attribute(&self, key: &str) -> &str {
        self.attributes.get(key).map_or("", String::as_str)
    }
}

/// The latest value of one series of a metric.
#[derive(Clone, Debug)]
pub struct ReceivedPoint {
    /// Such as `talaria.pushes`.
    pub name: String,
    /// In UCUM.
    pub unit: String,
    /// `counter`, `up-down counter`, `gauge` or `histogram`.
    pub kind: &'static str,
    /// Values as texts.
    pub attributes: BTreeMap<String, String>,
    /// The value; of a histogram, how many there were.
    pub value: f64,
    /// Of a histogram, the sum of them.
    pub sum: f64,
    /// Of a histogram, the upper bounds of its buckets.
    pub bounds: Vec<f64>,
    /// What is said of the process.
    pub resource: BTreeMap<String, String>,
}

impl ReceivedPoint {
    /// The attribute's value, or nothing.
    pub fn attribute(&self, key: &str) -> &str {
        self.attributes.get(key).map_or("", String::as_str)
    }

    /// Whether both are of one process, metric and set of attributes.
    pub(super) fn is_of_series(&self, other: &Self) -> bool {
        let series = |point: &Self| {
            (
                point.name.clone(),
                point.attributes.clone(),
                point.resource.clone(),
            )
        };
        series(self) == series(other)
    }
}

pub(super) fn spans(request: ExportTraceServiceRequest) -> Vec<ReceivedSpan> {
    let mut spans = Vec::new();
    for of_process in request.resource_spans {
        let resource = texts(
            of_process
                .resource
                .map(|resource| resource.attributes)
                .unwrap_or_default(),
        );
        let all = of_process
            .scope_spans
            .into_iter()
            .flat_map(|of_scope| of_scope.spans);
        spans.extend(all.map(|of_span| span(of_span, &resource)));
    }
    spans
}

fn span(span: Span, resource: &BTreeMap<String, String>) -> ReceivedSpan {
    let kind = match span.kind() {
        SpanKind::Server => "server",
        SpanKind::Client => "client",
        SpanKind::Producer => "producer",
        SpanKind::Consumer => "consumer",
        SpanKind::Internal | SpanKind::Unspecified => "internal",
    };
    let links = span
        .links
        .iter()
        .map(|link| (hex(&link.trace_id), hex(&link.span_id)))
        .collect();
    ReceivedSpan {
        kind,
        links,
        trace_id: hex(&span.trace_id),
        span_id: hex(&span.span_id),
        parent_span_id: hex(&span.parent_span_id),
        is_error: span
            .status
            .is_some_and(|status| status.code() == StatusCode::Error),
        name: span.name,
        attributes: texts(span.attributes),
        began_ns: span.start_time_unix_nano,
        ended_ns: span.end_time_unix_nano,
        resource: resource.clone(),
    }
}

pub(super) fn points(request: ExportMetricsServiceRequest) -> Vec<ReceivedPoint> {
    let mut points = Vec::new();
    for of_process in request.resource_metrics {
        let resource = texts(
            of_process
                .resource
                .map(|resource| resource.attributes)
                .unwrap_or_default(),
        );
        for metric in of_process
            .scope_metrics
            .into_iter()
            .flat_map(|of_scope| of_scope.metrics)
        {
            add(metric, &resource, &mut points);
        }
    }
    points
}

fn add(metric: Metric, resource: &BTreeMap<String, String>, points: &mut Vec<ReceivedPoint>) {
    let empty = |kind| ReceivedPoint {
        name: metric.name.clone(),
        unit: metric.unit.clone(),
        kind,
        attributes: BTreeMap::new(),
        value: 0.0,
        sum: 0.0,
        bounds: Vec::new(),
        resource: resource.clone(),
    };
    match metric.data {
        Some(Data::Gauge(gauge)) => {
            points.extend(
                gauge
                    .data_points
                    .into_iter()
                    .map(|point| number(point, empty("gauge"))),
            );
        }
        Some(Data::Sum(sum)) => {
            let kind = if sum.is_monotonic {
                "counter"
            } else {
                "up-down counter"
            };
            points.extend(
                sum.data_points
                    .into_iter()
                    .map(|point| number(point, empty(kind))),
            );
        }
        Some(Data::Histogram(histogram)) => {
            let all = histogram.data_points.into_iter();
            points.extend(all.map(|point| measured(point, empty("histogram"))));
        }
        other => panic!("{} is of a kind that nobody sends: {other:?}", metric.name),
    }
}

fn number(point: NumberDataPoint, empty: ReceivedPoint) -> ReceivedPoint {
    let value = match point.value {
        Some(number_data_point::Value::AsInt(value)) => value as f64,
        Some(number_data_point::Value::AsDouble(value)) => value,
        None => f64::NAN,
    };
    ReceivedPoint {
        value,
        attributes: texts(point.attributes),
        ..empty
    }
}

fn measured(point: HistogramDataPoint, empty: ReceivedPoint) -> ReceivedPoint {
    ReceivedPoint {
        value: point.count as f64,
        sum: point.sum.unwrap_or(f64::NAN),
        bounds: point.explicit_bounds,
        attributes: texts(point.attributes),
        ..empty
    }
}

fn texts(attributes: Vec<KeyValue>) -> BTreeMap<String, String> {
    let text = |pair: KeyValue| {
        let value = match pair.value.and_then(|value| value.value) {
            Some(Value::StringValue(text)) => text,
            Some(Value::IntValue(value)) => value.to_string(),
            Some(Value::BoolValue(value)) => value.to_string(),
            Some(Value::DoubleValue(value)) => value.to_string(),
            other => panic!("{} has a value that nobody sends: {other:?}", pair.key),
        };
        (pair.key, value)
    };
    attributes.into_iter().map(text).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
