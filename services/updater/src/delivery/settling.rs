//! What becomes of an effect: without a call, and after one.

use std::time::Duration;
use store::dead_letters::Death;

use events::Timestamp;
use store::{Answer, Attempt, Change, EffectState, Outcome, Reason, StoreUnavailable, Work};

use super::session::{Due, Session};
use crate::destination::CallResult;
use crate::effect::{Age, PlannedEffect};
use crate::routes::{Mode, Repeat};

impl Session<'_> {
    /// The effect's new state where no call is to be made; `None` where one is.
    pub(super) async fn settle_without_call(
        &self,
        work: &Work,
        effect: &PlannedEffect,
    ) -> Result<Option<Change>, StoreUnavailable> {
        let now = self.deliverer.clock.now();
        let route = &effect.route.name;
        let state = if self.is_in_doubt(work) {
            self.review(work, route).await?
        } else if effect.age == Age::Expired {
            EffectState::Expired { at: now }
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
        } else if now > work.first_claimed.plus(self.destination.give_up_after) {
            let detail = "it was tried until its time was up: mend the destination, then replay";
            EffectState::Dead {
                letter: self
                    .bury_effect(work, route, Reason::Exhausted, detail, None)
                    .await?,
            }
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
        &self,
        due: &Due<'_>,
        result: CallResult,
        attempt: Attempt,
    ) -> Result<Change, StoreUnavailable> {
        let (work, effect) = (&due.work, due.effect);
        let now = self.deliverer.clock.now();
        let state = match result.outcome {
            Outcome::Done => EffectState::Done { at: now },
            Outcome::Retry | Outcome::Setup => EffectState::Retry {
                not_before: self.not_before(work, result.not_before, now),
            },
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

    /// When the effect is due again. A wish beyond the time at which it is given up would only hide it: it is given up then,
    /// without a call.
    fn not_before(&self, work: &Work, wish: Option<Timestamp>, now: Timestamp) -> Timestamp {
        let given_up = work
            .first_claimed
            .plus(self.destination.give_up_after)
            .plus(Duration::from_millis(1));
        wish.unwrap_or(now).min(given_up.max(now))
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
