//! What becomes of an effect: without a call, and after one.

use events::Timestamp;
use store::dead_letters::Death;
use store::{
    Answer, Attempt, Change, EffectState, HoldReason, Outcome, Reason, StoreUnavailable, Work,
};

use super::Source;
use super::session::{Due, Session};
use crate::destination::CallResult;
use crate::effect::{Age, PlannedEffect};
use crate::routes::{Mode, Repeat};

impl Session<'_> {
    /// The effect's new state where no call is to be made; `None` where one is, now or when its route is no longer paused.
    pub(super) async fn settle_without_call(
        &self,
        work: &Work,
        effect: &PlannedEffect,
    ) -> Result<Option<Change>, StoreUnavailable> {
        let now = self.deliverer.clock.now();
        let route = &effect.route.name;
        let state = if self.is_in_doubt(work) {
            self.review(work, route).await?
        } else if now > work.first_claimed.plus(self.destination.give_up_after) {
            // Before its age: a letter keeps what an expired effect does not.
            let detail = match effect.mode() {
                Mode::Paused => {
                    "it was held for its paused route until its time was up: have the route live, then replay"
                }
                Mode::Live | Mode::Shadow => {
                    "it was tried until its time was up: mend the destination, then replay"
                }
            };
            EffectState::Dead {
                letter: self
                    .bury_effect(work, route, Reason::Exhausted, detail, None)
                    .await?,
            }
        } else if effect.age == Age::Expired {
            EffectState::Expired { at: now }
        } else if effect.mode() == Mode::Paused {
            return Ok(None);
        } else if let Err(failed) = &effect.call {
            let detail = failed.to_string();
            EffectState::Dead {
                letter: self
                    .bury_effect(work, route, Reason::ExpressionFailed, &detail, None)
                    .await?,
            }
        } else if effect.mode() == Mode::Shadow {
            self.log_shadow(effect);
            EffectState::Shadow { at: now }
        } else {
            return Ok(None);
        };
        tracing::info!(
            destination = self.destination.id,
            route = effect.route.name,
            identity = self.event.identity(),
            state = state.name(),
            "settled without a call"
        );
        Ok(Some(Change {
            key: work.key.clone(),
            state,
            attempt: None,
        }))
    }

    /// The new state of an effect that was waiting and that no route wants any more.
    pub(super) async fn settle_unwanted(&self, work: &Work) -> Result<Change, StoreUnavailable> {
        let state = if self.is_in_doubt(work) {
            self.review(work, &work.route).await?
        } else {
            let detail = "it was waiting when its route was removed or changed: a renamed route lists its old name under \
                          was:; mend the routes file, then replay";
            let letter = self
                .bury_effect(work, &work.route, Reason::RouteGone, detail, None)
                .await?;
            EffectState::Dead { letter }
        };
        Ok(Change {
            key: work.key.clone(),
            state,
            attempt: None,
        })
    }

    /// Whether a call may have arrived at an API that must not be called again.
    fn is_in_doubt(&self, work: &Work) -> bool {
        self.destination.repeat == Repeat::Unsafe
            && (work.abandoned_while_sending || work.may_be_done)
    }

    async fn review(&self, work: &Work, route: &str) -> Result<EffectState, StoreUnavailable> {
        let detail = "an earlier call may have arrived, its answer was never written down, and it must not be made twice: \
                      look the effect up at the API, then replay it or let it rest";
        let letter = self
            .bury_effect(work, route, Reason::OutcomeUnknown, detail, None)
            .await?;
        Ok(EffectState::Review { letter })
    }

    /// The effect's new state after a call.
    pub(super) async fn settle_call(
        &mut self,
        due: &Due<'_>,
        result: CallResult,
        attempt: Attempt,
    ) -> Result<Change, StoreUnavailable> {
        let (work, effect) = (&due.work, due.effect);
        let now = self.deliverer.clock.now();
        let state = match result.outcome {
            Outcome::Done => EffectState::Done { at: now },
            Outcome::Retry | Outcome::Setup => {
                let not_before = self.not_before(work, result.not_before, now);
                self.leave_uncalled(work, result.outcome, not_before, now);
                EffectState::Retry { not_before }
            }
            Outcome::Reject => {
                let detail = format!(
                    "the API refused it for good ({}): correct the event or the route, then replay",
                    result.note
                );
                EffectState::Dead {
                    letter: self
                        .bury_effect(
                            work,
                            &effect.route.name,
                            Reason::Rejected,
                            &detail,
                            result.answer,
                        )
                        .await?,
                }
            }
            Outcome::Unknown => {
                let detail = format!(
                    "the call may have arrived ({}) and must not be made twice: look the effect up at the API, then \
                     replay it or let it rest",
                    result.note
                );
                let letter = self
                    .bury_effect(
                        work,
                        &effect.route.name,
                        Reason::OutcomeUnknown,
                        &detail,
                        result.answer,
                    )
                    .await?;
                EffectState::Review { letter }
            }
        };
        Ok(Change {
            key: work.key.clone(),
            state,
            attempt: Some(attempt),
        })
    }

    /// Leaves an effect open that may be called again at `not_before`, and decides whether the bus is asked to wait or the
    /// message is held. A broken set-up is not mended within the bus's patience.
    fn leave_uncalled(
        &mut self,
        work: &Work,
        outcome: Outcome,
        not_before: Timestamp,
        now: Timestamp,
    ) {
        let held = &self.deliverer.settings.held;
        let is_tried_enough = work.attempts.saturating_add(1) >= held.after_attempts
            || not_before.max(now) >= work.first_claimed.plus(held.after);
        let reason = match outcome {
            Outcome::Setup => Some(HoldReason::SetUp),
            _ if self.is_held || self.source != Source::OwnSubscription || is_tried_enough => {
                Some(HoldReason::Unavailable)
            }
            _ => None,
        };
        let due = not_before.max(now.plus(self.wait()));
        self.leave_open(&work.key, due, reason);
    }

    /// When the effect is due again. A wish beyond the time at which it is given up would only hide it: it is given up then,
    /// without a call.
    fn not_before(&self, work: &Work, wish: Option<Timestamp>, now: Timestamp) -> Timestamp {
        wish.unwrap_or(now).min(self.given_up_at(work).max(now))
    }

    async fn bury_effect(
        &self,
        work: &Work,
        route: &str,
        reason: Reason,
        detail: &str,
        answer: Option<Answer>,
    ) -> Result<String, StoreUnavailable> {
        let called = matches!(reason, Reason::Rejected) || answer.is_some();
        let death = Death {
            about: format!(
                "effect/{}/{}/{}",
                self.destination.id, work.key, work.generation
            ),
            reason,
            detail: detail.to_owned(),
            destination: Some(&self.destination.id),
            route: Some(route),
            effect: Some(&work.key),
            attempts: work.attempts + u32::from(called),
            answer,
        };
        self.deliverer.bury(self.event, death).await
    }

    /// Says what would be called, as far as that is no personal data: paths hold ids of items and users.
    fn log_shadow(&self, effect: &PlannedEffect) {
        if let Ok(call) = &effect.call {
            tracing::info!(
                destination = self.destination.id,
                route = effect.route.name,
                identity = self.event.identity(),
                method = call.method.as_str(),
                body_bytes = call.body.as_ref().map_or(0, Vec::len),
                "shadow: would have called; talaria explain shows the whole call"
            );
        }
    }
}
