//! A push, read as an event, or the reason why it can't be.

use bus::{Push, PushPayload};
use events::{
    Clock, MessageContext, PurchaseIdentity, Received, Timestamp, Unreadable, read_message,
};
use store::Reason;
use store::dead_letters::{DeadMessage, Payload};

/// Messages that name no event type and carry items are purchases: the reference article's topic holds such.
const ITEMS_HINT: &str = "purchase";

/// The event of a push. `hint` is the event type of messages that name none.
pub(crate) fn read(
    push: &Push,
    hint: Option<&str>,
    purchase_identity: PurchaseIdentity,
    clock: &dyn Clock,
) -> Result<Received, (Reason, String)> {
    let data = match &push.payload {
        PushPayload::Decoded(data) => data,
        PushPayload::NotBase64(_) => {
            return Err((
                Reason::Unreadable,
                "message.data is not standard base64: correct its sender".into(),
            ));
        }
    };
    let publish_time = Timestamp::parse_rfc3339(&push.publish_time).unwrap_or_else(|_| clock.now());
    let mut context = MessageContext::new(data, &push.attributes, &push.message_id.0, publish_time);
    context.event_type_hint = hint;
    context.items_hint = Some(ITEMS_HINT);
    context.purchase_identity = purchase_identity;
    read_message(&context).map_err(|error| {
        let reason = match error {
            Unreadable::Invalid(_) => Reason::Invalid,
            _ => Reason::Unreadable,
        };
        (reason, error.to_string())
    })
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

/// How many bytes the message's payload has.
pub(crate) fn payload_bytes(push: &Push) -> usize {
    match &push.payload {
        PushPayload::Decoded(data) => data.len(),
        PushPayload::NotBase64(text) => text.len(),
    }
}
