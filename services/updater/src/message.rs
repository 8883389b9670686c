//! A push that was read as an event, and the message as letters keep it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bus::{MessageId, Push, PushPayload, attribute};
use events::{Received, Timestamp};
use serde_json::Value;
use store::dead_letters::{DeadMessage, Payload};
use store::{EventReference, HeldContent, HeldMessage};
use web::TraceContext;

/// An event on its way to destinations.
pub(crate) struct IncomingEvent {
    pub push: Push,
    pub received: Received,
    /// The event as expressions see it.
    pub json: Value,
    /// The event type that its push address gives to messages that name none.
    pub event_type_hint: Option<String>,
    /// What is done for it is part of this.
    pub trace: Option<TraceContext>,
}

impl IncomingEvent {
    pub(crate) fn identity(&self) -> &str {
        self.received.identity.as_str()
    }

    /// What the ledger keeps of the event.
    pub(crate) fn reference(&self) -> EventReference {
        let update = &self.received.update;
        EventReference {
            identity: self.identity().to_owned(),
            content_hash: self.received.content_hash(),
            event_id: update.event_id.clone(),
            event_type: update.event_type.clone(),
            received: Timestamp::from_millis(update.received_ms),
        }
    }
}

/// The push of a message that was held. It says what identity it was held under.
pub(crate) fn held_push(message: HeldMessage) -> Push {
    let (summary, content) = message.into_parts();
    let mut push = kept_push(content);
    let identity = attribute::IDENTITY.to_owned();
    push.attributes.insert(identity, summary.identity);
    push
}

/// The push of a held message of which nothing else is known.
pub(crate) fn kept_push(content: HeldContent) -> Push {
    let payload = match content.payload {
        Payload::Text(text) => PushPayload::Decoded(text.into()),
        Payload::Base64(text) => match STANDARD.decode(&text) {
            Ok(data) => PushPayload::Decoded(data.into()),
            Err(_) => PushPayload::NotBase64(text),
        },
    };
    Push {
        payload,
        attributes: content.attributes,
        message_id: MessageId(content.message_id),
        publish_time: content.publish_time,
        subscription: String::new(),
        delivery_attempt: None,
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
