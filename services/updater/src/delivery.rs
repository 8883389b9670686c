//! One event's effects at one destination: claim, call, classify, settle.
//!
//! The order of writes is what keeps the promises. A claim comes before any call. For an API that must not be called
//! twice, `sending` is committed before the first byte leaves, so that a crash afterwards shows as an unknown outcome
//! and not as work to do. A dead letter is kept before its effect is called dead, so that nothing dies unseen. A message
//! is held before the bus is told to forget it.

mod burying;
mod calling;
mod holding;
mod leaving;
mod observing;
mod session;
mod settling;

use std::sync::Arc;
use std::time::Duration;

use events::{Clock, Timestamp};
use store::{
    Claim, ClaimRequest, DeadLetters, HeldMessages, HoldReason, Ledger, RequestedEffect,
    StoreUnavailable, Wait, Work,
};
use telemetry::Telemetry;
use tokio::time::Instant;

use crate::destination::{Breakers, Evidence, HttpCaller, Limiters, ack_deadline};
use crate::effect::{PlannedEffect, plan_generations};
use crate::message::IncomingEvent;
use crate::routes::{Destination, Routes};
use crate::settings::HeldSettings;
use crate::statistics::Statistics;
use burying::conflict;
use session::{Deadlines, Session};

/// A lease outlasts the longest call by this.
const LEASE_MARGIN: Duration = Duration::from_secs(10);
/// What is left of the bus's patience for writing down what happened.
const ANSWER_MARGIN: Duration = Duration::from_secs(5);
/// How much longer than one call a drain goes on at a destination whose calls may take longer than a drain.
const DRAIN_MARGIN: Duration = Duration::from_secs(10);

/// How long things are kept and shared.
#[derive(Clone, Debug)]
pub(crate) struct DeliverySettings {
    pub calls_at_once: usize,
    pub lease_grace: Duration,
    pub dedupe_retention: Duration,
    pub dead_letter_retention: Duration,
    pub held: HeldSettings,
}

/// Works effects. One a process, shared by all pushes.
pub(crate) struct Deliverer {
    pub ledger: Arc<dyn Ledger>,
    pub held_messages: Arc<dyn HeldMessages>,
    pub dead_letters: Arc<dyn DeadLetters>,
    pub caller: HttpCaller,
    pub limiters: Limiters,
    pub breakers: Breakers,
    pub evidence: Evidence,
    pub statistics: Arc<Statistics>,
    pub telemetry: Telemetry,
    pub clock: Arc<dyn Clock>,
    /// This process' name in leases.
    pub owner: String,
    pub settings: DeliverySettings,
}

/// What became of an event at its destinations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Disposition {
    /// Everything is settled. `buried`: something of it is kept as a dead letter now.
    Settled { buried: bool },
    /// Something is left to do. The message is held and due then; without a reason, for the one that it was held for before.
    Held {
        due: Timestamp,
        reason: Option<HoldReason>,
        /// The paused routes that it waits for; see [`store::HeldSummary::waits_for`].
        waits_for: Option<String>,
    },
    /// Something is left to do; the message must come again.
    Refuse,
}

impl Disposition {
    /// Of one event at several destinations.
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Refuse, _) | (_, Self::Refuse) => Self::Refuse,
            (Self::Settled { buried: one }, Self::Settled { buried: other }) => Self::Settled {
                buried: one || other,
            },
            (held @ Self::Held { .. }, _) | (_, held) => held,
        }
    }
}

/// How a message came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// By the subscription of its destination, which slows down alone if messages are refused.
    OwnSubscription,
    /// By a subscription that serves all destinations: nothing is refused because one of them is ill.
    SharedSubscription,
    /// It was held, and was worked so often before.
    Held { tries: u32 },
}

/// The occasion on which a message is worked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Occasion {
    pub source: Source,
    /// When the push came in, or the drain began.
    pub began: Instant,
}

impl Deliverer {
    /// Works what is due of `effects`, all of one destination.
    pub(crate) async fn deliver(
        &self,
        event: &IncomingEvent,
        routes: &Routes,
        destination: &Destination,
        effects: &[PlannedEffect],
        occasion: Occasion,
    ) -> Result<Disposition, StoreUnavailable> {
        let claimed_at = Instant::now();
        match self.claim(event, destination, effects).await? {
            Claim::Settled => Ok(Disposition::Settled { buried: false }),
            Claim::Busy { until } => Ok(match occasion.source {
                Source::Held { .. } => Disposition::Held {
                    due: until,
                    reason: None,
                    waits_for: None,
                },
                Source::OwnSubscription | Source::SharedSubscription => Disposition::Refuse,
            }),
            Claim::NotBefore { at, held } => {
                self.not_yet(event, destination, at, held, occasion.source)
                    .await
            }
            Claim::Conflict => {
                self.bury(event, conflict(event)).await?;
                Ok(Disposition::Settled { buried: true })
            }
            Claim::Granted {
                lease,
                work,
                later,
                held,
            } => {
                let lease_length = destination.timeout + LEASE_MARGIN;
                let replanned = self.replan(event, routes, destination, &work);
                let effects = replanned.as_deref().unwrap_or(effects);
                let deadlines = Deadlines {
                    lease_ends: claimed_at + lease_length,
                    out_of_time: self.out_of_time(destination, occasion),
                };
                let session = Session::new(
                    self,
                    event,
                    destination,
                    effects,
                    lease,
                    deadlines,
                    (occasion.source, held),
                );
                session.run(work, later).await
            }
        }
    }

    /// Nothing may be done before `at`. What is held need not come again, whoever brings it.
    async fn not_yet(
        &self,
        event: &IncomingEvent,
        destination: &Destination,
        at: Timestamp,
        is_held: bool,
        source: Source,
    ) -> Result<Disposition, StoreUnavailable> {
        match source {
            Source::OwnSubscription if !is_held => return Ok(Disposition::Refuse),
            Source::OwnSubscription | Source::SharedSubscription => {
                let wait = Wait {
                    due: at,
                    reason: HoldReason::Unavailable,
                    waits_for: None,
                };
                self.hold(event, destination, wait).await?;
            }
            Source::Held { .. } => {}
        }
        Ok(Disposition::Held {
            due: at,
            reason: None,
            waits_for: None,
        })
    }

    /// When the last call must have ended.
    fn out_of_time(&self, destination: &Destination, occasion: Occasion) -> Instant {
        let time = match occasion.source {
            Source::OwnSubscription | Source::SharedSubscription => {
                ack_deadline(destination.timeout) - ANSWER_MARGIN
            }
            Source::Held { .. } => {
                let one_call = destination.timeout + DRAIN_MARGIN;
                self.settings.held.drain_time.max(one_call)
            }
        };
        occasion.began + time
    }

    fn claim_request(
        &self,
        event: &IncomingEvent,
        destination: &Destination,
        effects: &[PlannedEffect],
    ) -> ClaimRequest {
        let now = self.clock.now();
        ClaimRequest {
            event: event.reference(),
            destination: destination.id.clone(),
            effects: effects
                .iter()
                .map(|effect| RequestedEffect {
                    key: effect.key.clone(),
                    route: effect.route.key_name().to_owned(),
                    element: effect.element.clone(),
                })
                .collect(),
            owner: self.owner.clone(),
            now,
            lease: destination.timeout + LEASE_MARGIN,
            grace: self.settings.lease_grace,
            expires: now.plus(self.settings.dedupe_retention),
        }
    }

    /// The effects again, where some are of a later generation: expressions see the key of theirs.
    fn replan(
        &self,
        event: &IncomingEvent,
        routes: &Routes,
        destination: &Destination,
        work: &[Work],
    ) -> Option<Vec<PlannedEffect>> {
        if work.iter().all(|work| work.generation == 1) {
            return None;
        }
        let generation = |key: &str| {
            work.iter()
                .find(|work| work.key == key)
                .map_or(1, |work| work.generation)
        };
        let now = self.clock.now().millis();
        let plan = plan_generations(
            routes,
            Some(&destination.id),
            event.identity(),
            &event.json,
            now,
            &generation,
        );
        Some(plan.effects)
    }
}
