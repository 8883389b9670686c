//! Holding messages: what is left of an event at a destination waits in the store, and the bus may forget it.

use std::time::Duration;

use events::Timestamp;
use store::dead_letters::Payload;
use store::{HeldMessage, HeldSummary, StoreUnavailable, Wait};

use super::Deliverer;
use crate::message::{IncomingEvent, dead_message};
use crate::routes::Destination;

/// A held message outlives the time at which its effects are given up by this.
const OUTLIVE_EFFECTS: Duration = Duration::from_secs(24 * 60 * 60);

impl Deliverer {
    /// Keeps the event's message for a destination for as long as it has to wait. Repeating it is harmless.
    pub(crate) async fn hold(
        &self,
        event: &IncomingEvent,
        destination: &Destination,
        wait: Wait,
    ) -> Result<(), StoreUnavailable> {
        let now = self.clock.now();
        let kept = self.settings.held.retention;
        let kept = kept.max(destination.give_up_after + OUTLIVE_EFFECTS);
        let (due, reason) = (wait.due, wait.reason);
        let message = held_message(event, &destination.id, wait, (now, now.plus(kept)));
        if self.held_messages.hold(message).await? {
            tracing::info!(
                destination = destination.id,
                identity = event.identity(),
                reason = reason.name(),
                due = due.to_rfc3339(),
                "holds a message: it is worked again when it is due"
            );
        }
        Ok(())
    }
}

/// The message as it is kept, with the time of its holding and of its forgetting. Its identity is kept with it, so that
/// it means the same event whatever is set when it is worked.
fn held_message(
    event: &IncomingEvent,
    destination: &str,
    wait: Wait,
    (first_held, expires): (Timestamp, Timestamp),
) -> HeldMessage {
    let (push, update) = (&event.push, &event.received.update);
    let content_hash = event.received.content_hash();
    let message = dead_message(push);
    let bytes = match &message.payload {
        Payload::Text(text) | Payload::Base64(text) => text.len(),
    };
    HeldMessage {
        summary: HeldSummary {
            id: HeldSummary::id_of(event.identity(), destination, &content_hash),
            destination: destination.to_owned(),
            identity: event.identity().to_owned(),
            event_id: update.event_id.clone(),
            event_type: update.event_type.clone(),
            value: event.received.value,
            bytes: u64::try_from(bytes).unwrap_or(u64::MAX),
            reason: wait.reason,
            first_held,
            due: wait.due,
            waits_for: wait.waits_for,
            tries: 0,
            version: 1,
            expires,
        },
        payload: message.payload,
        attributes: push.attributes.clone(),
        message_id: push.message_id.0.clone(),
        publish_time: push.publish_time.clone(),
        event_type_hint: event.event_type_hint.clone(),
    }
}
