//! Which trace a request or a message belongs to, and the span that puts it on every log line meanwhile.
//!
//! A request belongs to the trace that its head names. A push belongs to its message's: the head of a push names the
//! trace of the delivery, and who looks for an event wants what its tag began.

#[cfg(test)]
mod tests;

use std::hash::{BuildHasher, RandomState};

use actix_web::dev::ServiceRequest;
use actix_web::http::header::HeaderMap;
use bus::{Push, attribute};
use telemetry::{REQUEST_TARGET, TraceContext};
use tracing::Span;
use tracing::field::Empty;

/// The W3C header of a trace.
const TRACEPARENT: &str = "traceparent";
/// Google's own, older one.
const CLOUD_TRACE: &str = "x-cloud-trace-context";

/// The trace that a request's head names: by `traceparent`, else by `X-Cloud-Trace-Context`. What breaks its standard
/// counts as absent, as the standard has it.
pub fn trace_of_head(headers: &HeaderMap) -> Option<TraceContext> {
    let only = |name: &str| {
        let mut values = headers.get_all(name);
        let value = values.next()?.to_str().ok()?;
        values.next().is_none().then_some(value)
    };
    only(TRACEPARENT)
        .and_then(TraceContext::from_traceparent)
        .or_else(|| only(CLOUD_TRACE).and_then(TraceContext::from_cloud_trace))
}

/// The trace that a push's message names. What breaks the standard counts as absent.
pub fn trace_of_message(push: &Push) -> Option<TraceContext> {
    let traceparent = push.attributes.get(attribute::TRACEPARENT)?;
    TraceContext::from_traceparent(traceparent)
}

/// Randomness for what needs other numbers than every other process. Binaries call this once and hand the result on.
pub fn process_seed() -> u64 {
    RandomState::new().hash_one(())
}

/// The log's span around everything that is done for a request of this trace. It has an error's level and a target of its
/// own, so that it is made whatever the filter of the log says.
pub(crate) fn request_span(request: &ServiceRequest, trace: Option<TraceContext>) -> Span {
    tracing::error_span!(
        target: REQUEST_TARGET,
        parent: None,
        "request",
        method = request.method().as_str(),
        path = request.path(),
        trace_id = trace.map(|trace| trace.trace_id),
        span_id = trace.map(|trace| trace.span_id),
        sampled = trace.map(|trace| trace.sampled),
        message_id = Empty,
        subscription = Empty,
    )
}

/// The log's span around what is done for a message outside of a push of its own. Its lines are those of the message's
/// trace, whoever asks for it.
pub fn message_span(push: &Push, trace: Option<TraceContext>) -> Span {
    tracing::error_span!(
        target: REQUEST_TARGET,
        "message",
        trace_id = trace.map(|trace| trace.trace_id),
        span_id = trace.map(|trace| trace.span_id),
        sampled = trace.map(|trace| trace.sampled),
        message_id = push.message_id.0.as_str(),
    )
}

/// Puts a push's message, and its trace if it has one, on the lines of the request that is being worked on.
pub(crate) fn note_message(push: &Push, trace: Option<TraceContext>) {
    let span = Span::current();
    span.record("message_id", push.message_id.0.as_str());
    span.record("subscription", push.subscription.as_str());
    if let Some(trace) = trace {
        trace.note();
    }
}
