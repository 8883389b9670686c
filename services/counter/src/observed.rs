//! What the counter tells of an event: which one a push's span is about, and what became of it. No payload, no item.

use events::Received;
use store::StoreUnavailable;
use telemetry::{CountOutcome, EventType, Metrics, Span, key};

/// Says which event a span is about.
pub(crate) fn describe(span: &mut Span, received: &Received) {
    if !span.is_recording() {
        return;
    }
    let update = &received.update;
    if let Some(event_id) = &update.event_id {
        span.set(key::EVENT_ID, event_id.as_str());
    }
    let event_type = update.event_type.as_deref();
    let event_type = event_type.map_or(EventType::None, EventType::of);
    span.set(key::EVENT_TYPE, event_type.word());
}

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
