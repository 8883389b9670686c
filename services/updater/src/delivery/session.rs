//! The work under one lease.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::future::join_all;
use store::{
    Advance, AdvanceError, Attempt, Change, EffectState, Lease, Outcome, StoreUnavailable, Work,
};
use tokio::time::Instant;

use super::{Deliverer, Disposition, LEASE_MARGIN};
use crate::destination::{CallResult, Limiter, Slot};
use crate::effect::{PlannedCall, PlannedEffect};
use crate::message::IncomingEvent;
use crate::routes::{Destination, Repeat};

/// One lease on one record, from the claim until it is given up.
pub(super) struct Session<'a> {
    pub(super) deliverer: &'a Deliverer,
    pub(super) event: &'a IncomingEvent,
    pub(super) destination: &'a Destination,
    effects: HashMap<&'a str, &'a PlannedEffect>,
    lease: Lease,
    /// When the lease ends, by the clock that can't be set.
    lease_ends: Instant,
    out_of_time: Instant,
    /// Written with the next advance.
    settled: Vec<Change>,
    refuse: bool,
}

/// An effect that is to be called, with all it takes.
#[derive(Clone)]
pub(super) struct Due<'a> {
    pub(super) work: Work,
    pub(super) effect: &'a PlannedEffect,
    pub(super) call: &'a PlannedCall,
}

impl<'a> Session<'a> {
    pub(super) fn new(
        deliverer: &'a Deliverer,
        event: &'a IncomingEvent,
        destination: &'a Destination,
        effects: &'a [PlannedEffect],
        lease: Lease,
        lease_ends: Instant,
        out_of_time: Instant,
    ) -> Self {
        let effects = effects
            .iter()
            .map(|effect| (effect.key.as_str(), effect))
            .collect();
        let (settled, refuse) = (Vec::new(), false);
        Self {
            deliverer,
            event,
            destination,
            effects,
            lease,
            lease_ends,
            out_of_time,
            settled,
            refuse,
        }
    }

    /// Works everything that can be worked now. `more_later`: the record has effects that are not yet due.
    pub(super) async fn run(
        mut self,
        work: Vec<Work>,
        more_later: bool,
    ) -> Result<Disposition, StoreUnavailable> {
        self.refuse = more_later;
        match self.work_through(work).await {
            Ok(()) if self.refuse => Ok(Disposition::Refuse),
            Ok(()) => Ok(Disposition::Acknowledge),
            Err(AdvanceError::LeaseLost { destination }) => {
                tracing::warn!(
                    destination,
                    identity = self.event.identity(),
                    "lost the lease; its new owner goes on"
                );
                Ok(Disposition::Refuse)
            }
            Err(AdvanceError::Unavailable(error)) => Err(error),
        }
    }

    async fn work_through(&mut self, work: Vec<Work>) -> Result<(), AdvanceError> {
        let mut due = Vec::new();
        for work in work {
            let Some(effect) = self.effects.get(work.key.as_str()).copied() else {
                let change = self.settle_unwanted(&work).await?;
                self.settled.push(change);
                continue;
            };
            match self.settle_without_call(&work, effect).await? {
                Some(change) => self.settled.push(change),
                None => {
                    if let Ok(call) = &effect.call {
                        due.push(Due { work, effect, call });
                    }
                }
            }
        }
        let limiter = self.deliverer.limiters.of(self.destination);
        let mut rest = due.as_slice();
        while let Some(slots) = self.slots(&limiter, rest.len()).await {
            let (now, later) = rest.split_at(slots.len());
            self.call_all(now, slots).await?;
            rest = later;
        }
        // Without a slot in time the rest stays claimed; without a lease that means free for the next delivery.
        self.refuse |= !rest.is_empty();
        self.advance(Vec::new(), None).await
    }

    /// Slots for at least one and at most `wanted` calls; `None` when none is wanted or none comes in time. The
    /// first is waited for; more are taken only if they are free, so that messages never wait for each other's.
    async fn slots(&self, limiter: &Limiter, wanted: usize) -> Option<Vec<Slot>> {
        let latest = self.out_of_time.checked_sub(self.destination.timeout)?;
        if wanted == 0 || Instant::now() > latest {
            return None;
        }
        let mut slots = vec![limiter.acquire(latest).await?];
        while slots.len() < wanted.min(self.deliverer.settings.calls_at_once) {
            match limiter.try_acquire() {
                Some(slot) => slots.push(slot),
                None => break,
            }
        }
        Some(slots)
    }

    /// Makes these calls at the same time. Their outcomes are written with the next advance.
    async fn call_all(&mut self, due: &[Due<'a>], slots: Vec<Slot>) -> Result<(), AdvanceError> {
        let must_mark = self.destination.repeat == Repeat::Unsafe;
        if must_mark || !self.lease_outlasts_a_call() {
            let marks = if must_mark {
                due.iter().map(sending).collect()
            } else {
                Vec::new()
            };
            self.advance(marks, Some(self.lease_length())).await?;
        }
        let calls = due.iter().zip(slots).map(async |(due, slot)| {
            let result = self.call(due).await;
            drop(slot);
            result
        });
        let results = join_all(calls).await;
        let mut unkept = None;
        for (due, (result, attempt)) in due.iter().zip(results) {
            match self.settle_call(due, result, attempt).await {
                Ok(change) => {
                    self.refuse |= !change.state.is_settled();
                    self.settled.push(change);
                }
                Err(error) => unkept = Some(error),
            }
        }
        match unkept {
            None => Ok(()),
            // A letter that can't be kept must not cost the other calls what became of them: they would be made again.
            Some(error) => {
                self.advance(Vec::new(), None).await?;
                Err(error.into())
            }
        }
    }

    async fn call(&self, due: &Due<'a>) -> (CallResult, Attempt) {
        let at = self.deliverer.clock.now();
        let began = Instant::now();
        let key = due.effect.idempotency_key_for(due.work.generation);
        let statistics = &self.deliverer.statistics;
        let under_way = statistics.begin(&self.destination.id);
        let result = self
            .deliverer
            .caller
            .call(self.destination, due.call, key, self.event.trace())
            .await;
        let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let number = due.work.attempts + 1;
        let attempt = Attempt {
            number,
            generation: due.work.generation,
            may_be_done: result.may_be_done,
            at,
            took_ms,
            outcome: result.outcome,
            status: result.status(),
            note: result.note.clone(),
        };
        drop(under_way);
        statistics.note(&self.destination.id, &attempt, self.deliverer.clock.now());
        self.log_call(due, &attempt);
        (result, attempt)
    }

    /// What worked is told in detail only when asked; the ledger has it.
    fn log_call(&self, due: &Due<'_>, attempt: &Attempt) {
        let (destination, route) = (&self.destination.id, &due.effect.route.name);
        let (identity, number, took_ms) = (self.event.identity(), attempt.number, attempt.took_ms);
        if attempt.outcome == Outcome::Done {
            tracing::debug!(
                destination,
                route,
                identity,
                number,
                took_ms,
                "{}",
                attempt.note
            );
        } else {
            tracing::warn!(destination, route, identity, number, took_ms, outcome = ?attempt.outcome, "{}", attempt.note);
        }
    }

    /// Writes what is settled and `marks`, and prolongs the lease by `length` or gives it up.
    async fn advance(
        &mut self,
        marks: Vec<Change>,
        length: Option<Duration>,
    ) -> Result<(), AdvanceError> {
        let written_at = Instant::now();
        let until = length.map(|length| self.deliverer.clock.now().plus(length));
        let mut changes = std::mem::take(&mut self.settled);
        changes.extend(marks);
        self.deliverer
            .ledger
            .advance(Advance {
                lease: self.lease.clone(),
                changes,
                until,
            })
            .await?;
        if let (Some(until), Some(length)) = (until, length) {
            self.lease.until = until;
            self.lease_ends = written_at + length;
        }
        Ok(())
    }

    fn lease_length(&self) -> Duration {
        self.destination.timeout + LEASE_MARGIN
    }

    fn lease_outlasts_a_call(&self) -> bool {
        Instant::now() + self.destination.timeout < self.lease_ends
    }
}

fn sending(due: &Due<'_>) -> Change {
    Change {
        key: due.work.key.clone(),
        state: EffectState::Sending,
        attempt: None,
    }
}
