//! The event of a push, read the same way by every service that takes pushes.

use bus::{Push, PushPayload};
use events::{MessageContext, PurchaseIdentity, Received, Timestamp, Unreadable, read_message};

/// How a push address reads messages.
#[derive(Clone, Copy, Debug, Default)]
pub struct PushReading<'a> {
    /// The event type of messages that name none.
    pub event_type_hint: Option<&'a str>,
    /// The event type of messages that name none, get no hint, and carry items.
    pub items_hint: Option<&'a str>,
    /// What a purchase is recognised by.
    pub purchase_identity: PurchaseIdentity,
}

/// Why a push holds no event. It never will, so it is kept as a dead letter and acknowledged.
#[derive(Debug, thiserror::Error)]
pub enum NoEvent {
    /// The envelope's payload is broken.
    #[error("message.data is not standard base64: correct its sender")]
    NotBase64,
    /// The message can't be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
}

impl NoEvent {
    /// Whether the message was read and breaks a rule, rather than being unreadable.
    pub fn is_invalid(&self) -> bool {
        matches!(self, Self::Unreadable(Unreadable::Invalid(_)))
    }
}

/// Reads the event of `push`. A message without a publish time counts as published `now`.
pub fn read_event(
    push: &Push,
    reading: PushReading<'_>,
    now: Timestamp,
) -> Result<Received, NoEvent> {
    let PushPayload::Decoded(data) = &push.payload else {
        return Err(NoEvent::NotBase64);
    };
    let publish_time = Timestamp::parse_rfc3339(&push.publish_time).unwrap_or(now);
    let mut context = MessageContext::new(data, &push.attributes, &push.message_id.0, publish_time);
    context.event_type_hint = reading.event_type_hint;
    context.items_hint = reading.items_hint;
    context.purchase_identity = reading.purchase_identity;
    Ok(read_message(&context)?)
}
