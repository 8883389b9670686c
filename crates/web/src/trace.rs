//! Which trace a request or a message belongs to, and the span that puts it on every log line meanwhile.
//!
//! A request belongs to the trace that its head names. A push belongs to its message's: the head of a push names the
//! trace of the delivery, and who looks for an event wants what its tag began.

#[cfg(test)]
mod tests;

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::num::{NonZeroU64, NonZeroU128};

use actix_web::dev::ServiceRequest;
use actix_web::http::header::HeaderMap;
use bus::{Push, attribute};
use telemetry::REQUEST_TARGET;
use tracing::Span;
use tracing::field::Empty;

/// The W3C header of a trace.
const TRACEPARENT: &str = "traceparent";
/// Google's own, older one.
const CLOUD_TRACE: &str = "x-cloud-trace-context";
/// Bytes of a `traceparent` of version 00; later versions only add to it.
const TRACEPARENT_BYTES: usize = 55;
/// The least significant bit of the flags; the others have no meaning here and are not passed on.
const SAMPLED: u8 = 1;

/// A trace, and the caller's place in it. Shown as a `traceparent` of version 00.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceContext {
    /// The trace.
    pub trace_id: NonZeroU128,
    /// The caller's span.
    pub span_id: NonZeroU64,
    /// Whether the caller may have recorded its part.
    pub sampled: bool,
}

impl TraceContext {
    /// The trace of a request: by `traceparent`, else by `X-Cloud-Trace-Context`. What breaks its standard counts as
    /// absent, as the standard has it.
    pub fn of_request(headers: &HeaderMap) -> Option<Self> {
        let only = |name: &str| {
            let mut values = headers.get_all(name);
            let value = values.next()?.to_str().ok()?;
            values.next().is_none().then_some(value)
        };
        only(TRACEPARENT)
            .and_then(Self::from_traceparent)
            .or_else(|| only(CLOUD_TRACE).and_then(Self::from_cloud_trace))
    }

    /// Reads a `traceparent` (W3C Trace Context): version 00, or what a later version has in common with it.
    pub fn from_traceparent(text: &str) -> Option<Self> {
        let (known, more) = text.split_at_checked(TRACEPARENT_BYTES)?;
        let mut parts = known.split('-');
        let version = lower_hex(parts.next()?, 2)? as u8;
        let trace_id = NonZeroU128::new(lower_hex(parts.next()?, 32)?)?;
        let span_id = NonZeroU64::new(lower_hex(parts.next()?, 16)? as u64)?;
        let flags = lower_hex(parts.next()?, 2)? as u8;
        let may_end_so = match version {
            0 => more.is_empty(),
            u8::MAX => false,
            _ => more.is_empty() || more.starts_with('-'),
        };
        may_end_so.then_some(Self {
            trace_id,
            span_id,
            sampled: flags & SAMPLED != 0,
        })
    }

    /// Reads an `X-Cloud-Trace-Context`: `TRACE/SPAN;o=1`, the span as a decimal number. One without a span can't be
    /// passed on as a `traceparent`, so it is none.
    pub fn from_cloud_trace(text: &str) -> Option<Self> {
        let (trace_id, rest) = text.split_once('/')?;
        let (span_id, options) = rest.split_once(';').unwrap_or((rest, "o=0"));
        let sampled = match options {
            "o=0" => false,
            "o=1" => true,
            _ => return None,
        };
        if !span_id.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        Some(Self {
            trace_id: NonZeroU128::new(lower_hex(&trace_id.to_ascii_lowercase(), 32)?)?,
            span_id: span_id.parse().ok()?,
            sampled,
        })
    }

    /// The trace that a push's message names. What breaks the standard counts as absent.
    pub fn of_message(push: &Push) -> Option<Self> {
        let traceparent = push.attributes.get(attribute::TRACEPARENT)?;
        Self::from_traceparent(traceparent)
    }

    /// Puts this trace on the lines of the request that is being worked on, in place of the one that it had.
    pub fn note(self) {
        let span = Span::current();
        span.record("trace_id", self.trace_id);
        span.record("span_id", self.span_id);
        span.record("sampled", self.sampled);
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flags = u8::from(self.sampled) * SAMPLED;
        write!(
            formatter,
            "00-{:032x}-{:016x}-{flags:02x}",
            self.trace_id, self.span_id
        )
    }
}

fn lower_hex(text: &str, digits: usize) -> Option<u128> {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let sound = text.len() == digits && text.bytes().all(is_digit);
    u128::from_str_radix(text, 16).ok().filter(|_| sound)
}

/// Randomness for what needs other numbers than every other process. Binaries call this once and hand the result on.
pub fn process_seed() -> u64 {
    RandomState::new().hash_one(())
}

/// The span around everything that is done for a request. It has an error's level and a target of its own, so that it is
/// made whatever the filter of the log says.
pub(crate) fn request_span(request: &ServiceRequest) -> Span {
    let trace = TraceContext::of_request(request.headers());
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

/// Puts a push's message, and its trace if it has one, on the lines of the request that is being worked on.
pub(crate) fn note_message(push: &Push) {
    let span = Span::current();
    span.record("message_id", push.message_id.0.as_str());
    span.record("subscription", push.subscription.as_str());
    if let Some(trace) = TraceContext::of_message(push) {
        trace.note();
    }
}
