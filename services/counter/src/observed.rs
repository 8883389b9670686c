//! What the counter tells of what became of an event.

use store::StoreUnavailable;
use telemetry::{CountOutcome, Metrics, Span, key};

/// Says what became of a push's event, and counts it.
pub(crate) fn conclude(
    span: &mut Span,
    metrics: &Metrics,
    processed: &Result<CountOutcome, StoreUnavailable>,
) {
    let outcome = match processed {
        Ok(outcome) => *outcome,
        Err(_) => CountOutcome::Unavailable,
    };
    metrics.event_tallied(outcome);
    span.set(key::OUTCOME, outcome.word());
    if outcome == CountOutcome::Unavailable {
        span.fail("store_unavailable");
    }
}
