//! What becomes of an effect: without a call, and after one.

use store::dead_letters::Death;
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
        let state = if work.abandoned_while_sending && self.destination.repeat == Repeat::Unsafe {
            let detail = "the process that made the call ended before the answer; the call may have arrived and must \
                          not be made twice: look the effect up at the API, then replay it or let it rest";
            EffectState::Review {
                letter: self
                    .bury_effect(work, effect, Reason::OutcomeUnknown, detail, None)
                    .await?,
            }
        } else if effect.age == Age::Expired {
            EffectState::Expired { at: now }
        } else if let Err(failed) = &effect.call {
            let detail = failed.to_string();
            EffectState::Dead {
                letter: self
                    .bury_effect(work, effect, Reason::ExpressionFailed, &detail, None)
                    .await?,
            }
        } else if effect.mode() == Mode::Shadow {
            self.log_shadow(effect);
            EffectState::Shadow { at: now }
        } else if now > work.first_claimed.plus(self.destination.give_up_after) {
            let detail = "it was tried until its time was up: mend the destination, then replay";
            EffectState::Dead {
                letter: self
                    .bury_effect(work, effect, Reason::Exhausted, detail, None)
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
                not_before: result.not_before.unwrap_or(now),
            },
            Outcome::Reject => {
                let detail = format!(
                    "the API refused it for good ({}): correct the event or the route, then replay",
                    result.note
                );
                EffectState::Dead {
                    letter: self
                        .bury_effect(work, effect, Reason::Rejected, &detail, result.answer)
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
                    .bury_effect(work, effect, Reason::OutcomeUnknown, &detail, result.answer)
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

    async fn bury_effect(
        &self,
        work: &Work,
        effect: &PlannedEffect,
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
            route: Some(&effect.route.name),
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
