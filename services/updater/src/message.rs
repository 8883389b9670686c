//! A push that was read as an event, and the message as letters keep it.

use bus::{Push, PushPayload};
use events::{Received, Timestamp};
use serde_json::Value;
use store::EventReference;
use store::dead_letters::{DeadMessage, Payload};
use web::TraceContext;

/// An event on its way to destinations.
pub(crate) struct IncomingEvent {
    pub push: Push,
    pub received: Received,
    /// The event as expressions see it.
    pub json: Value,
}

impl IncomingEvent {
    pub(crate) fn identity(&self) -> &str {
        self.received.identity.as_str()
    }

    /// The trace that the event's tag began, if its message names it.
    pub(crate) fn trace(&self) -> Option<TraceContext> {
        TraceContext::of_message(&self.push)
    }

    /// What the ledger keeps of the event.
    pub(crate) fn reference(&self) -> EventReference {
        let update = &self.received.update;
        EventReference {
            identity: self.identity().to_owned(),
            content_hash: self.received.content_hash.clone(),
            event_id: update.event_id.clone(),
            event_type: update.event_type.clone(),
            received: Timestamp::from_millis(update.received_ms),
        }
    }
}

/// The message of a push, as a letter keeps it.
pub(crate) fn dead_message(push: &Push) -> DeadMessage<'_> {
    let payload = match &push.payload {
        PushPayload::Decoded(data) => Payload::from_bytes(data),
        PushPayload::NotBase64(text) => Payload::Text(text.clone()),
    };
    DeadMessage {
        message_id: &push.message_id.0,
        payload,
        attributes: &push.attributes,
    }
}
