//! Logs, spans and metrics: started once, flushed always, and with a vocabulary.
//!
//! Logs are lines on standard error ([`start`]); `logs` says what is in them. Spans and metrics are [`Telemetry`], which
//! a service is handed. It is off unless a receiver is named, and costs nothing then. What there is to measure is listed
//! in [`METRICS`] and [`SPANS`] and described in docs/telemetry.md: a service can record nothing else. No label holds
//! personal data.

mod export;
mod fields;
mod json;
mod lines;
mod logs;
mod metrics;
mod panics;
mod settings;
mod spans;
mod text;
mod trace_context;

pub use export::{
    Authorization, HttpTransport, MOST_ANSWER_BYTES, Process, SendError, Signal, Telemetry,
    Transport, http_transport,
};
pub use logs::{LogFormat, LogSettings, REQUEST_TARGET, TelemetryError, dispatch, start};
pub use metrics::{
    AttributeDescription, CallClass, CommitOutcome, CountOutcome, DeathReason, EffectOutcome,
    EventType, InstrumentKind, METRICS, MetricDescription, Metrics, PublishOutcome, PushAnswer,
    RedactionKind, RefusalReason, StreamOpen, Timer, Values,
};
pub use settings::{OtlpError, OtlpSettings, Protocol, Sampler, SecretText, Target, Targets};
pub use spans::{
    Moment, SPANS, Span, SpanDescription, SpanKey, SpanKind, SpanStart, SpanValue, Tracer, key,
};
pub use trace_context::TraceContext;

#[cfg(test)]
mod tests;
