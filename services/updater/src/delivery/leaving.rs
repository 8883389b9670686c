//! What is left of a session: effects that stay to be done, and whether their message is refused to the bus or held.

use std::time::Duration;

use events::Timestamp;
use store::{AdvanceError, Change, EffectState, HoldReason};
use telemetry::EffectOutcome;

use super::session::{Due, Session};
use super::{Disposition, Source};

impl Session<'_> {
    /// What got no slot in time stays claimed; without a lease that means free for the next delivery.
    pub(super) fn leave_without_room(&mut self, rest: &[Due<'_>]) {
        if self.source == Source::OwnSubscription && !self.is_held {
            self.refuse |= !rest.is_empty();
            return;
        }
        // Nothing was tried, so nothing says that it would be better to wait for long.
        let wait = self.deliverer.settings.held.shortest_wait;
        for due in rest {
            let at = self.deliverer.clock.now().plus(wait);
            self.leave_open(&due.work.key, at, Some(HoldReason::NoRoom));
        }
    }

    /// Notes that an effect stays to be done at `due`, and why its message has to be held, if it has.
    pub(super) fn leave_open(&mut self, key: &str, due: Timestamp, hold: Option<HoldReason>) {
        self.open.push((key.to_owned(), due));
        self.hold = self.hold.or(hold);
    }

    /// How long a held message waits before it is worked again.
    pub(super) fn wait(&self) -> Duration {
        let tries = match self.source {
            Source::Held { tries } => tries,
            Source::OwnSubscription | Source::SharedSubscription => 0,
        };
        self.deliverer.settings.held.wait(tries)
    }

    /// Gives up the lease, and holds the message if that is how it goes on.
    pub(super) async fn finish(
        &mut self,
        later: Option<Timestamp>,
    ) -> Result<Disposition, AdvanceError> {
        let due = self.open.iter().map(|(_, due)| *due).chain(later).min();
        let holds =
            self.is_held || self.hold.is_some() || self.source == Source::SharedSubscription;
        let Some(due) = due.filter(|_| holds && !self.refuse) else {
            self.advance(Vec::new(), None).await?;
            self.count_open(EffectOutcome::Retry, self.open.len());
            let is_left = self.refuse || due.is_some();
            return Ok(match is_left {
                true => Disposition::Refuse,
                false => Disposition::Settled {
                    buried: self.buried,
                },
            });
        };
        if !matches!(self.source, Source::Held { .. }) {
            let reason = self.hold.unwrap_or(HoldReason::Unavailable);
            let holding = self
                .deliverer
                .hold(self.event, self.destination, due, reason);
            if let Err(error) = holding.await {
                // What became of the calls must be written all the same, or they would be made again.
                self.advance(Vec::new(), None).await?;
                self.count_open(EffectOutcome::Retry, self.open.len());
                return Err(error.into());
            }
        }
        let held = self.open.drain(..).map(|(key, due)| Change {
            key,
            state: EffectState::Held { due },
            attempt: None,
        });
        let held: Vec<Change> = held.collect();
        let count = held.len();
        self.advance(held, None).await?;
        self.count_open(EffectOutcome::Held, count);
        Ok(Disposition::Held {
            due,
            reason: self.hold,
        })
    }
}
