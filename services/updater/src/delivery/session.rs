//! The work under one lease.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use events::Timestamp;
use futures_util::future::join_all;
use store::{
    Advance, AdvanceError, Change, EffectState, HoldReason, Lease, StoreUnavailable, Work,
};
use tokio::time::Instant;

use super::leaving::Open;
use super::{Deliverer, Disposition, LEASE_MARGIN, Source};
use crate::destination::{Limiter, Slot};
use crate::effect::{PlannedCall, PlannedEffect};
use crate::message::IncomingEvent;
use crate::routes::{Destination, Mode, Repeat};

/// One lease on one record, from the claim until it is given up.
pub(super) struct Session<'a> {
    pub(super) deliverer: &'a Deliverer,
    pub(super) event: &'a IncomingEvent,
    pub(super) destination: &'a Destination,
    pub(super) source: Source,
    /// Whether the message is held already.
    pub(super) is_held: bool,
    effects: HashMap<&'a str, &'a PlannedEffect>,
    lease: Lease,
    deadlines: Deadlines,
    /// Written with the next advance.
    settled: Vec<Change>,
    /// What stays to be done.
    pub(super) open: Vec<Open>,
    /// The names of the paused routes that something of it waits for.
    pub(super) paused: BTreeSet<&'a str>,
    /// Why the message has to be held, if it has.
    pub(super) hold: Option<HoldReason>,
    /// Whether something was left that must come again by the bus.
    pub(super) refuse: bool,
    /// Whether a dead letter was kept.
    pub(super) buried: bool,
}

/// By the clock that can't be set.
pub(super) struct Deadlines {
    /// When the lease ends.
    pub lease_ends: Instant,
    /// When the last call must have ended.
    pub out_of_time: Instant,
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
        deadlines: Deadlines,
        (source, was_held): (Source, bool),
    ) -> Self {
        let effects = effects
            .iter()
            .map(|effect| (effect.key.as_str(), effect))
            .collect();
        Self {
            deliverer,
            event,
            destination,
            source,
            is_held: was_held || matches!(source, Source::Held { .. }),
            effects,
            lease,
            deadlines,
            settled: Vec::new(),
            open: Vec::new(),
            paused: BTreeSet::new(),
            hold: None,
            refuse: false,
            buried: false,
        }
    }

    /// Works everything that can be worked now. `later`: when effects of the record are due that are not in `work`.
    pub(super) async fn run(
        mut self,
        work: Vec<Work>,
        later: Option<Timestamp>,
    ) -> Result<Disposition, StoreUnavailable> {
        let worked = match self.work_through(work).await {
            Ok(()) => self.finish(later).await,
            Err(error) => Err(error),
        };
        match worked {
            Ok(disposition) => Ok(disposition),
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
        let due = self.settle_what_needs_no_call(work).await?;
        let is_push = !matches!(self.source, Source::Held { .. });
        if is_push && self.deliverer.breakers.is_open(&self.destination.id) {
            // A drain finds out when the destination works again; meanwhile nobody else's time is spent on it.
            for due in due {
                let now = self.deliverer.clock.now();
                self.leave_open(&due.work.key, now, Some(HoldReason::DestinationFailing));
            }
            return Ok(());
        }
        let limiter = self.deliverer.limiters.of(self.destination);
        let mut rest = due.as_slice();
        while let Some(slots) = self.slots(&limiter, rest.len()).await {
            let (now, later) = rest.split_at(slots.len());
            self.call_all(now, slots).await?;
            rest = later;
        }
        self.leave_without_room(rest);
        Ok(())
    }

    /// Returns what is to be called.
    async fn settle_what_needs_no_call(
        &mut self,
        work: Vec<Work>,
    ) -> Result<Vec<Due<'a>>, StoreUnavailable> {
        let mut due = Vec::new();
        for work in work {
            let Some(effect) = self.effects.get(work.key.as_str()).copied() else {
                let change = self.settle_unwanted(&work).await?;
                self.note(change);
                continue;
            };
            match self.settle_without_call(&work, effect).await? {
                Some(change) => self.note(change),
                None if effect.mode() == Mode::Paused => self.leave_paused(&work, effect),
                None => {
                    if let Ok(call) = &effect.call {
                        due.push(Due { work, effect, call });
                    }
                }
            }
        }
        Ok(due)
    }

    fn note(&mut self, change: Change) {
        self.buried |= matches!(
            change.state,
            EffectState::Dead { .. } | EffectState::Review { .. }
        );
        self.settled.push(change);
    }

    /// Slots for at least one and at most `wanted` calls; `None` when none is wanted or none comes in time. The
    /// first is waited for; more are taken only if they are free, so that messages never wait for each other's.
    async fn slots(&self, limiter: &Limiter, wanted: usize) -> Option<Vec<Slot>> {
        let latest = self
            .deadlines
            .out_of_time
            .checked_sub(self.destination.timeout)?;
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
                Ok(change) => self.note(change),
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

    /// Writes what is settled and `marks`, and prolongs the lease by `length` or gives it up.
    pub(super) async fn advance(
        &mut self,
        marks: Vec<Change>,
        length: Option<Duration>,
    ) -> Result<(), AdvanceError> {
        let written_at = Instant::now();
        let until = length.map(|length| self.deliverer.clock.now().plus(length));
        let mut changes = std::mem::take(&mut self.settled);
        changes.extend(marks);
        let lease = self.lease.clone();
        let advance = Advance {
            lease,
            changes,
            until,
        };
        self.write(advance).await?;
        if let (Some(until), Some(length)) = (until, length) {
            self.lease.until = until;
            self.deadlines.lease_ends = written_at + length;
        }
        Ok(())
    }

    fn lease_length(&self) -> Duration {
        self.destination.timeout + LEASE_MARGIN
    }

    fn lease_outlasts_a_call(&self) -> bool {
        Instant::now() + self.destination.timeout < self.deadlines.lease_ends
    }
}

fn sending(due: &Due<'_>) -> Change {
    Change {
        key: due.work.key.clone(),
        state: EffectState::Sending,
        attempt: None,
    }
}
