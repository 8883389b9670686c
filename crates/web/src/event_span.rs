//! What a span says of the event that it is about.

use events::BackendUpdate;
use telemetry::{EventType, Span, key};

/// Says which event a span is about: its id and its type. No payload, no user.
pub fn describe_event(span: &mut Span, update: &BackendUpdate) {
    if !span.is_recording() {
        return;
    }
    if let Some(event_id) = &update.event_id {
        span.set(key::EVENT_ID, event_id.as_str());
    }
    let event_type = update.event_type.as_deref();
    let event_type = event_type.map_or(EventType::None, EventType::of);
    span.set(key::EVENT_TYPE, event_type.word());
}
