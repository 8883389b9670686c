//! Takes what was recorded to the receiver, beside the requests it is about: it waits in a queue with an end, and what
//! doesn't fit is lost. The log says so once a minute.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceResponse;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message;
use tokio::time::Instant;

use super::transport::{SendError, Signal, Transport};

/// The first pause before a request is repeated; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The log tells of a receiver that doesn't take it this often.
const COMPLAIN_EVERY: Duration = Duration::from_secs(60);

/// One signal's way to the receiver.
pub(super) struct Courier {
    transport: Arc<dyn Transport>,
    signal: Signal,
    timeout: Duration,
    complaints: Complaints,
}

#[derive(Default)]
struct Complaints {
    last: Option<Instant>,
    lost: u64,
}

impl Courier {
    pub(super) fn new(transport: Arc<dyn Transport>, signal: Signal, timeout: Duration) -> Self {
        Self {
            transport,
            signal,
            timeout,
            complaints: Complaints::default(),
        }
    }

    /// Returns when the receiver has it, or when its time is up: then it is lost. `count` is how much it is.
    pub(super) async fn deliver(&mut self, request: Bytes, count: usize) {
        let sending = send(&*self.transport, self.signal, request, self.timeout);
        let reason = match tokio::time::timeout(self.timeout, sending).await {
            Ok(Ok(answer)) => {
                let rejected = rejected(self.signal, &answer);
                if rejected > 0 {
                    self.lost(rejected, "the receiver took the others of a request");
                }
                return;
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer within {:?}", self.timeout),
        };
        self.lost(count, &reason);
    }

    /// Counts what is lost, and tells of it if the log hasn't in a while.
    pub(super) fn lost(&mut self, count: usize, reason: &str) {
        self.complaints.lost += count as u64;
        let now = Instant::now();
        let told = self
            .complaints
            .last
            .is_some_and(|last| now - last < COMPLAIN_EVERY);
        if told {
            return;
        }
        let lost = std::mem::take(&mut self.complaints.lost);
        self.complaints.last = Some(now);
        let signal = self.signal.word();
        tracing::warn!(
            signal,
            lost,
            reason,
            "{signal} are being lost, {reason}: see that otlp.endpoint names a receiver that is there"
        );
    }
}

/// How many of a request's spans or points the receiver says that it dropped though it took the request; none if it says
/// nothing that can be read. Why is its own text, and might repeat what was sent.
fn rejected(signal: Signal, answer: &Bytes) -> usize {
    let rejected = match signal {
        Signal::Traces => ExportTraceServiceResponse::decode(answer.as_ref())
            .ok()
            .and_then(|answer| answer.partial_success)
            .map(|partly| partly.rejected_spans),
        Signal::Metrics => ExportMetricsServiceResponse::decode(answer.as_ref())
            .ok()
            .and_then(|answer| answer.partial_success)
            .map(|partly| partly.rejected_data_points),
    };
    rejected.map_or(0, |rejected| usize::try_from(rejected).unwrap_or(0))
}

/// Repeats it until it is there, or can never be.
async fn send(
    transport: &dyn Transport,
    signal: Signal,
    request: Bytes,
    timeout: Duration,
) -> Result<Bytes, SendError> {
    let end = Instant::now() + timeout;
    let mut pause = FIRST_PAUSE;
    loop {
        let after = match transport.send(signal, request.clone()).await {
            Err(SendError::Later { reason, after }) => {
                let next = Instant::now() + after.unwrap_or(pause).max(pause);
                if next >= end {
                    return Err(SendError::Later { reason, after });
                }
                next
            }
            answered => return answered,
        };
        tokio::time::sleep_until(after).await;
        pause *= 2;
    }
}
