//! Each event belongs to a trace, so that it can be found from its tag to the last API.

use std::num::{NonZeroU64, NonZeroU128};
use std::sync::{Mutex, PoisonError};

use actix_web::HttpRequest;
use fastrand::Rng;
use web::{TraceContext, trace_of_request};

/// Makes traces for requests that name none.
pub(crate) struct Traces {
    random: Mutex<Rng>,
}

impl Traces {
    /// The traces that follow from `seed`.
    pub(crate) fn seeded(seed: u64) -> Self {
        Self {
            random: Mutex::new(Rng::with_seed(seed)),
        }
    }

    /// The trace of a request; a new one if it names none.
    pub(crate) fn of(&self, request: &HttpRequest) -> TraceContext {
        trace_of_request(request).unwrap_or_else(|| {
            let trace = self.next();
            trace.note();
            trace
        })
    }

    fn next(&self) -> TraceContext {
        // Whatever panicked has left numbers behind that are as good as any.
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        TraceContext {
            trace_id: NonZeroU128::new(random.u128(..)).unwrap_or(NonZeroU128::MIN),
            span_id: NonZeroU64::new(random.u64(..)).unwrap_or(NonZeroU64::MIN),
            // Nobody has recorded the part before this one.
            sampled: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_request_keeps_its_trace_and_one_without_gets_a_new_one_each_time() {
        let traces = Traces::seeded(7);
        let named = TestRequest::default().insert_header(("traceparent", TRACEPARENT));
        assert_eq!(traces.of(&named.to_http_request()).to_string(), TRACEPARENT);
        let bare = TestRequest::default().to_http_request();
        let (first, second) = (traces.of(&bare), traces.of(&bare));
        assert_ne!(first.trace_id, second.trace_id);
        assert_ne!(first.trace_id, Traces::seeded(8).of(&bare).trace_id);
        assert_eq!(first, Traces::seeded(7).of(&bare));
    }
}
