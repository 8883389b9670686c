//! What the ledger is asked and told, as spans of the event's trace; and what became of effects, counted once it is
//! written down.

use store::{Advance, AdvanceError, Change, Claim, EffectState, StoreUnavailable};
use telemetry::{EffectOutcome, Metrics, SpanStart, key};

use super::Deliverer;
use super::session::Session;
use crate::effect::PlannedEffect;
use crate::message::IncomingEvent;
use crate::routes::Destination;

/// Why a span failed that waited for the store.
const STORE_UNAVAILABLE: &str = "store_unavailable";

/// Outcomes that last. What is left open is counted when its session ends.
const SETTLED: [EffectOutcome; 5] = [
    EffectOutcome::Done,
    EffectOutcome::Dead,
    EffectOutcome::Review,
    EffectOutcome::Expired,
    EffectOutcome::Shadow,
];

impl Deliverer {
    /// Asks for the right to work the effects.
    pub(super) async fn claim(
        &self,
        event: &IncomingEvent,
        destination: &Destination,
        effects: &[PlannedEffect],
    ) -> Result<Claim, StoreUnavailable> {
        let start = SpanStart::claim(&destination.id).parent(event.trace);
        let mut span = self.telemetry.tracer().start(start);
        span.set(key::DESTINATION, destination.id.as_str());
        span.set(key::EFFECTS, effects.len());
        let claim = self
            .ledger
            .claim(self.claim_request(event, destination, effects))
            .await
            .inspect_err(|_| span.fail(STORE_UNAVAILABLE))?;
        span.set(
            key::OUTCOME,
            match claim {
                Claim::Settled => "settled",
                Claim::Busy { .. } => "busy",
                Claim::NotBefore { .. } => "not_before",
                Claim::Conflict => "conflict",
                Claim::Granted { .. } => "granted",
            },
        );
        // A destination that no route leads to is only asked whether something waits there.
        if matches!(claim, Claim::Settled) && !effects.is_empty() {
            self.telemetry.metrics().ledger_hit(&destination.id);
        }
        Ok(claim)
    }
}

impl Session<'_> {
    /// Has the ledger write down what became of effects, and counts what is settled.
    pub(super) async fn write(&self, advance: Advance) -> Result<(), AdvanceError> {
        let telemetry = &self.deliverer.telemetry;
        let start = SpanStart::settle(&self.destination.id).parent(self.event.trace);
        let mut span = telemetry.tracer().start(start);
        span.set(key::DESTINATION, self.destination.id.as_str());
        span.set(key::EFFECTS, advance.changes.len());
        let counts = telemetry
            .metrics()
            .is_on()
            .then(|| settled_of(&advance.changes));
        match self.deliverer.ledger.advance(advance).await {
            Ok(()) => {
                span.set(key::OUTCOME, "written");
                self.count(telemetry.metrics(), counts.unwrap_or_default());
                Ok(())
            }
            Err(error) => {
                span.fail(match error {
                    AdvanceError::LeaseLost { .. } => "lease_lost",
                    AdvanceError::Unavailable(_) => STORE_UNAVAILABLE,
                });
                Err(error)
            }
        }
    }

    /// Counts effects that stay to be done.
    pub(super) fn count_open(&self, outcome: EffectOutcome, effects: usize) {
        let metrics = self.deliverer.telemetry.metrics();
        metrics.effects_worked(&self.destination.id, outcome, effects);
    }

    fn count(&self, metrics: &Metrics, counts: [usize; SETTLED.len()]) {
        for (outcome, count) in SETTLED.into_iter().zip(counts) {
            metrics.effects_worked(&self.destination.id, outcome, count);
        }
    }
}

/// How many effects came to each of [`SETTLED`].
fn settled_of(changes: &[Change]) -> [usize; SETTLED.len()] {
    SETTLED.map(|outcome| {
        let came_to_it = |change: &&Change| outcome_of(&change.state) == Some(outcome);
        changes.iter().filter(came_to_it).count()
    })
}

fn outcome_of(state: &EffectState) -> Option<EffectOutcome> {
    match state {
        EffectState::Done { .. } => Some(EffectOutcome::Done),
        EffectState::Dead { .. } => Some(EffectOutcome::Dead),
        EffectState::Review { .. } => Some(EffectOutcome::Review),
        EffectState::Expired { .. } => Some(EffectOutcome::Expired),
        EffectState::Shadow { .. } => Some(EffectOutcome::Shadow),
        EffectState::Claimed
        | EffectState::Sending
        | EffectState::Retry { .. }
        | EffectState::Held { .. } => None,
    }
}
