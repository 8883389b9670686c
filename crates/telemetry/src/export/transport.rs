//! How encoded spans and metrics travel: over HTTP here, over gRPC where Google's clients are.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

/// An answer with more is no answer to OTLP.
pub const MOST_ANSWER_BYTES: usize = 64 << 10;

/// What travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Spans: an `ExportTraceServiceRequest` in protobuf.
    Traces,
    /// Metrics: an `ExportMetricsServiceRequest` in protobuf.
    Metrics,
}

impl Signal {
    /// For an operator.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Traces => "spans",
            Self::Metrics => "metrics",
        }
    }
}

/// Takes encoded requests to a receiver.
#[async_trait]
pub trait Transport: Send + Sync + 'static {
    /// Returns when the receiver has it, with its answer in protobuf, of which the first [`MOST_ANSWER_BYTES`] are enough.
    /// Called for a signal only if it has a target, and by one task a signal. Its end in time is the caller's affair.
    async fn send(&self, signal: Signal, request: Bytes) -> Result<Bytes, SendError>;
}

/// Why the receiver doesn't have it. The reasons are for an operator, without anything that was sent or answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Later it may take it.
    #[error("{reason}")]
    Later {
        /// Why not now.
        reason: String,
        /// Not sooner than this, if it said so.
        after: Option<Duration>,
    },
    /// It never will.
    #[error("{reason}")]
    Never {
        /// Why.
        reason: String,
    },
}

/// What proves to a receiver who sends, where that changes from time to time.
#[async_trait]
pub trait Authorization: Send + Sync + 'static {
    /// Headers for the next request, by name.
    async fn headers(&self) -> Result<Vec<(String, String)>, SendError>;
}
