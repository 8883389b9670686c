//! One event's effects at one destination: claim, call, classify, settle.
//!
//! The order of writes is what keeps the promises. A claim comes before any call. For an API that must not be called
//! twice, `sending` is committed before the first byte leaves, so that a crash afterwards shows as an unknown outcome
//! and not as work to do. A dead letter is kept before its effect is called dead, so that nothing dies unseen.

mod session;
mod settling;

use std::sync::Arc;
use std::time::Duration;

use events::Clock;
use store::dead_letters::Death;
use store::{
    Claim, ClaimRequest, DeadLetters, Ledger, Reason, RequestedEffect, StoreUnavailable, Work,
};
use tokio::time::Instant;

use crate::destination::{HttpCaller, Limiters, ack_deadline};
use crate::effect::{PlannedEffect, plan_generations};
use crate::message::{IncomingEvent, dead_message};
use crate::routes::{Destination, Routes};
use crate::statistics::Statistics;
use session::Session;

/// A lease outlasts the longest call by this.
const LEASE_MARGIN: Duration = Duration::from_secs(10);
/// What is left of the bus's patience for writing down what happened.
const ANSWER_MARGIN: Duration = Duration::from_secs(5);

/// How long things are kept and shared.
#[derive(Clone, Debug)]
pub(crate) struct DeliverySettings {
    pub calls_at_once: usize,
    pub lease_grace: Duration,
    pub dedupe_retention: Duration,
    pub dead_letter_retention: Duration,
}

/// Works effects. One a process, shared by all pushes.
pub(crate) struct Deliverer {
    pub ledger: Arc<dyn Ledger>,
    pub dead_letters: Arc<dyn DeadLetters>,
    pub caller: HttpCaller,
    pub limiters: Limiters,
    pub statistics: Arc<Statistics>,
    pub clock: Arc<dyn Clock>,
    /// This process' name in leases.
    pub owner: String,
    pub settings: DeliverySettings,
}

/// Whether the bus may forget the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disposition {
    /// Everything is settled.
    Acknowledge,
    /// Something is left to do; the message must come again.
    Refuse,
}

impl Deliverer {
    /// Works what is due of `effects`, all of one destination. `began` is when the push came in.
    pub(crate) async fn deliver(
        &self,
        event: &IncomingEvent,
        routes: &Routes,
        destination: &Destination,
        effects: &[PlannedEffect],
        began: Instant,
    ) -> Result<Disposition, StoreUnavailable> {
        let claimed_at = Instant::now();
        let claim = self
            .ledger
            .claim(self.claim_request(event, destination, effects))
            .await?;
        match claim {
            Claim::Settled => Ok(Disposition::Acknowledge),
            Claim::Busy { .. } | Claim::NotBefore { .. } => Ok(Disposition::Refuse),
            Claim::Conflict => {
                self.bury(event, conflict(event)).await?;
                Ok(Disposition::Acknowledge)
            }
            Claim::Granted { lease, work, later } => {
                let lease_length = destination.timeout + LEASE_MARGIN;
                let out_of_time = began + ack_deadline(destination.timeout) - ANSWER_MARGIN;
                let replanned = self.replan(event, routes, destination, &work);
                let effects = replanned.as_deref().unwrap_or(effects);
                let session = Session::new(
                    self,
                    event,
                    destination,
                    effects,
                    lease,
                    claimed_at + lease_length,
                    out_of_time,
                );
                session.run(work, later.is_some()).await
            }
        }
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
        let letter = death.letter(
            dead_message(push),
            received,
            now,
            now.plus(self.settings.dead_letter_retention),
        );
        let summary = letter.summary.clone();
        if self.dead_letters.bury(letter).await? {
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
}

fn conflict(event: &IncomingEvent) -> Death<'static> {
    let about = format!(
        "conflict/{}/{}",
        event.identity(),
        event.received.content_hash
    );
    Death::of_message(
        about,
        Reason::IdentityConflict,
        "an event of the same identity came before with other content; the first one counts: compare the two and \
         correct the sender",
    )
}
