//! Keeping dead letters.

use store::dead_letters::Death;
use store::{DeadLetter, DeadLetterSummary, Reason, StoreUnavailable};
use telemetry::DeathReason;

use super::Deliverer;
use crate::message::{IncomingEvent, dead_message};

impl Deliverer {
    /// Keeps a dead letter; returns its id.
    pub(crate) async fn bury(
        &self,
        event: &IncomingEvent,
        death: Death<'_>,
    ) -> Result<String, StoreUnavailable> {
        self.bury_push(&event.push, Some(&event.received), death)
            .await
    }

    /// Keeps a dead letter of a message that may not have been read; returns its id.
    pub(crate) async fn bury_push(
        &self,
        push: &bus::Push,
        received: Option<&events::Received>,
        death: Death<'_>,
    ) -> Result<String, StoreUnavailable> {
        let now = self.clock.now();
        let expires = now.plus(self.settings.dead_letter_retention);
        self.keep(death.letter(dead_message(push), received, now, expires))
            .await
    }

    /// Keeps a letter as it is written; returns its id.
    pub(crate) async fn keep(&self, letter: DeadLetter) -> Result<String, StoreUnavailable> {
        let summary = letter.summary.clone();
        if self.dead_letters.bury(letter).await? {
            self.count_letter(&summary);
            tracing::warn!(
                id = summary.id,
                reason = summary.reason.name(),
                identity = summary.identity,
                event_id = summary.event_id,
                destination = summary.destination,
                route = summary.route,
                "kept a dead letter: {}",
                summary.detail
            );
        }
        Ok(summary.id)
    }

    fn count_letter(&self, summary: &DeadLetterSummary) {
        // One that the routes file doesn't have is whatever somebody wrote into an address.
        let is_known = summary.reason != Reason::UnknownDestination;
        let destination = summary.destination.as_deref().filter(|_| is_known);
        let reason = DeathReason::of(summary.reason.name());
        self.telemetry
            .metrics()
            .dead_letter_kept(reason, destination);
    }
}

/// The death of an event whose identity another had before it.
pub(super) fn conflict(event: &IncomingEvent) -> Death<'static> {
    let about = format!(
        "conflict/{}/{}",
        event.identity(),
        event.received.content_hash()
    );
    Death::of_message(
        about,
        Reason::IdentityConflict,
        "an event of the same identity came before with other content; the first one counts: compare the two and \
         correct the sender",
    )
}
