//! Held messages that nobody can read as they are kept.
//!
//! They are left as they are, since a later version of the program may have written them, and looked at again from time to
//! time. Meanwhile a dead letter shows each to a person, with what can still be told of it.

use std::time::Duration;

use events::Received;
use store::dead_letters::{DeadMessage, Death};
use store::{HeldContent, Reason, StoreUnavailable, UnreadableHeld};

use super::{Processor, PushAddress};
use crate::message::kept_push;

const HOUR: Duration = Duration::from_secs(60 * 60);
/// Longer than any is kept.
const FOR_GOOD: Duration = Duration::from_secs(366 * 24 * 60 * 60);

impl Processor {
    /// Has a person see it. Returns how long it is to be set aside.
    pub(crate) async fn report_unreadable(
        &self,
        held: &UnreadableHeld,
    ) -> Result<Duration, StoreUnavailable> {
        let about = format!("unreadable-held/{}", held.id);
        let detail = format!(
            "a held message can't be read ({}): if a later version of Talaria wrote it, start that version again, which works \
             it; else replay this letter if it shows the message, or send the event again",
            held.problem
        );
        let death = Death::of_message(about, Reason::Unreadable, detail).at(&held.destination);
        let kept = self.deliverer.dead_letters.get(&death.letter_id()).await?;
        if kept.is_some_and(|letter| letter.summary.replayed.is_some()) {
            return Ok(FOR_GOOD);
        }
        tracing::error!(
            id = held.id,
            destination = held.destination,
            identity = held.identity,
            event_id = held.event_id,
            letter = death.letter_id(),
            problem = held.problem,
            "a held message can't be read and is set aside for an hour: if a later version of Talaria wrote it, start that \
             version again; else see its dead letter"
        );
        let HeldContent {
            payload,
            attributes,
            message_id,
            ..
        } = &held.content;
        let message = DeadMessage {
            message_id,
            payload: payload.clone(),
            attributes,
        };
        let now = self.clock.now();
        let expires = now.plus(self.deliverer.settings.dead_letter_retention);
        let received = self.received(held);
        let mut letter = death.letter(message, received.as_ref(), now, expires);
        let summary = &mut letter.summary;
        summary.identity = held.identity.clone().or(summary.identity.take());
        summary.event_id = held.event_id.clone().or(summary.event_id.take());
        self.deliverer.keep(letter).await?;
        Ok(HOUR)
    }

    /// The event, where its content is whole. Without its identity a replay would have a new message id stand for it, and
    /// everything of it would be done and counted again.
    fn received(&self, held: &UnreadableHeld) -> Option<Received> {
        let content = held.content.clone();
        if content.message_id.is_empty() {
            return None;
        }
        let address = PushAddress {
            destination: Some(held.destination.clone()),
            event_type_hint: content.event_type_hint.clone(),
        };
        self.read_event(&kept_push(content), &address).ok()
    }
}
