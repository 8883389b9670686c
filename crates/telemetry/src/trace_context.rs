//! Which trace something belongs to, and how that is written down (W3C Trace Context, and Google's older way).

#[cfg(test)]
mod tests;

use std::fmt;
use std::num::{NonZeroU64, NonZeroU128};

use opentelemetry::trace::{SpanContext, TraceFlags, TraceState};
use tracing::Span;

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

    /// Puts this trace on the log's lines of the request that is being worked on, in place of the one that it had.
    pub fn note(self) {
        let span = Span::current();
        span.record("trace_id", self.trace_id);
        span.record("span_id", self.span_id);
        span.record("sampled", self.sampled);
    }

    /// As the SDK has it, of a span of another process.
    pub(crate) fn to_remote(self) -> SpanContext {
        let flags = match self.sampled {
            true => TraceFlags::SAMPLED,
            false => TraceFlags::default(),
        };
        let (trace_id, span_id) = (self.trace_id.get().into(), self.span_id.get().into());
        SpanContext::new(trace_id, span_id, flags, true, TraceState::NONE)
    }

    /// Of a span of the SDK; none of one that was never begun.
    pub(crate) fn of_span(context: &SpanContext) -> Option<Self> {
        Some(Self {
            trace_id: NonZeroU128::new(u128::from_be_bytes(context.trace_id().to_bytes()))?,
            span_id: NonZeroU64::new(u64::from_be_bytes(context.span_id().to_bytes()))?,
            sampled: context.is_sampled(),
        })
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
