//! What spans say of the event that is worked, and of what became of it. No payload, no address of a call, no user.

use events::Received;
use store::StoreUnavailable;
use telemetry::{EventType, Span, key};

use crate::delivery::Disposition;

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

/// Says what became of a message.
pub(crate) fn conclude(span: &mut Span, processed: &Result<Disposition, StoreUnavailable>) {
    let outcome = match processed {
        Ok(Disposition::Settled { buried: false }) => "done",
        Ok(Disposition::Settled { buried: true }) => "dead",
        Ok(Disposition::Held { .. }) => "held",
        Ok(Disposition::Refuse) => "refused",
        Err(_) => {
            span.fail("store_unavailable");
            "refused"
        }
    };
    span.set(key::OUTCOME, outcome);
}
