//! The message of a push.

use bus::{Push, PushPayload};
use store::dead_letters::{DeadMessage, Payload};

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

/// How many bytes the message's payload has.
pub(crate) fn payload_bytes(push: &Push) -> usize {
    match &push.payload {
        PushPayload::Decoded(data) => data.len(),
        PushPayload::NotBase64(text) => text.len(),
    }
}
