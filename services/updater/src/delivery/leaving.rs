//! What is left of a session: effects that stay to be done, and whether their message is refused to the bus or held.

use std::time::Duration;

use events::Timestamp;
use store::{AdvanceError, Change, EffectState, HoldReason, Wait, Work};
use telemetry::EffectOutcome;

use super::session::{Due, Session};
use super::{Disposition, Source};
use crate::effect::PlannedEffect;
use crate::paused;

/// How long a message waits that has nothing to wait for but paused routes. A drain finds it by them as soon as one is not
/// paused any more; this is for what it would not be found by, such as a `when` that was changed meanwhile.
const PAUSED_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// An effect that stays to be done.
pub(super) struct Open {
    key: String,
    /// From when on somebody may work it.
    due: Timestamp,
    /// When its message is worth working for it.
    look: Timestamp,
}

impl<'a> Session<'a> {
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
        self.open.push(Open {
            key: key.to_owned(),
            due,
            look: due,
        });
        // What calls came to says more than a pause.
        if self.hold.is_none_or(|hold| hold == HoldReason::Paused) {
            self.hold = hold.or(self.hold);
        }
    }

    /// Notes that an effect waits for its paused route: it may be worked at any time, and there is no use in trying.
    pub(super) fn leave_paused(&mut self, work: &Work, effect: &'a PlannedEffect) {
        let now = self.deliverer.clock.now();
        let look = now.plus(PAUSED_WAIT).min(self.given_up_at(work));
        self.open.push(Open {
            key: work.key.clone(),
            due: now,
            look,
        });
        self.paused.insert(&effect.route.name);
        self.hold = self.hold.or(Some(HoldReason::Paused));
    }

    /// From when on the effect is given up without a call.
    pub(super) fn given_up_at(&self, work: &Work) -> Timestamp {
        let given_up = work.first_claimed.plus(self.destination.give_up_after);
        given_up.plus(Duration::from_millis(1))
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
        let due = self.open.iter().map(|open| open.look).chain(later).min();
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
        let waits_for = paused::waits_for(&self.paused);
        if !matches!(self.source, Source::Held { .. }) {
            let wait = Wait {
                due,
                reason: self.hold.unwrap_or(HoldReason::Unavailable),
                waits_for: waits_for.clone(),
            };
            let holding = self.deliverer.hold(self.event, self.destination, wait);
            if let Err(error) = holding.await {
                // What became of the calls must be written all the same, or they would be made again.
                self.advance(Vec::new(), None).await?;
                self.count_open(EffectOutcome::Retry, self.open.len());
                return Err(error.into());
            }
        }
        let held = self.open.drain(..).map(|open| Change {
            key: open.key,
            state: EffectState::Held { due: open.due },
            attempt: None,
        });
        let held: Vec<Change> = held.collect();
        let count = held.len();
        self.advance(held, None).await?;
        self.count_open(EffectOutcome::Held, count);
        Ok(Disposition::Held {
            due,
            reason: self.hold,
            waits_for,
        })
    }
}
