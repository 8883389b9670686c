//! The ledger's rules, as plain functions that a backend runs inside its atomic step.

use std::time::Duration;

use events::Timestamp;

use super::record::Holder;
use super::{
    Advance, AdvanceError, Change, Claim, ClaimRequest, EffectRecord, EffectState, Lease,
    LedgerRecord, Reopened, RequestedEffect, Work,
};

/// Decides a claim. Returns the answer and, where something changes, the record to write.
pub fn claim(
    existing: Option<LedgerRecord>,
    request: &ClaimRequest,
) -> (Claim, Option<LedgerRecord>) {
    let mut record = existing.unwrap_or_else(|| new_record(request));
    if record.event.content_hash != request.event.content_hash {
        return (Claim::Conflict, None);
    }
    if let Some(until) = respected_until(&record, request.now, request.grace) {
        return (Claim::Busy { until }, None);
    }
    let held = is_held(&record);
    let mut work = Vec::new();
    let mut later: Option<Timestamp> = None;
    for requested in &request.effects {
        let effect = record
            .effects
            .entry(requested.key.clone())
            .or_insert_with(|| new_effect(requested, request.now));
        if let Some(due) = effect.state.due().filter(|due| *due > request.now) {
            later = Some(later.map_or(due, |earliest| earliest.min(due)));
            continue;
        }
        match &effect.state {
            state if state.is_settled() => {}
            state => {
                // An abandoned call stays `sending` until its fate is written, so that a second crash changes nothing.
                let abandoned_while_sending = *state == EffectState::Sending;
                work.push(work_of(&requested.key, effect, true));
                if !abandoned_while_sending {
                    effect.state = EffectState::Claimed;
                }
            }
        }
    }
    work.extend(unwanted(&record, request));
    if work.is_empty() {
        return (
            later.map_or(Claim::Settled, |at| Claim::NotBefore { at, held }),
            None,
        );
    }
    let lease = grant(&mut record, request);
    let granted = Claim::Granted {
        lease,
        work,
        later,
        held,
    };
    (granted, Some(record))
}

/// Applies an advance. Returns the record to write.
pub fn advance(
    existing: Option<LedgerRecord>,
    advance: &Advance,
) -> Result<LedgerRecord, AdvanceError> {
    let lost = || AdvanceError::LeaseLost {
        destination: advance.lease.destination.clone(),
    };
    let mut record = existing.ok_or_else(lost)?;
    if record.fence != advance.lease.fence {
        return Err(lost());
    }
    for change in &advance.changes {
        let effect = record.effects.get_mut(&change.key).ok_or_else(lost)?;
        apply(effect, change);
    }
    record.lease = advance.until.map(|until| Holder {
        owner: advance.lease.owner.clone(),
        until,
    });
    Ok(record)
}

/// Opens the effect that a letter is about. Returns the answer and, where something changes, the record to write.
///
/// A definitely refused effect gets a new generation, and with it a new idempotency key, because some APIs answer the
/// old key with the refusal they kept. One that may have been done keeps its key, so that an API that honours it does
/// nothing twice.
pub fn reopen(
    existing: Option<LedgerRecord>,
    effect: &str,
    letter: &str,
    now: Timestamp,
) -> (Reopened, Option<LedgerRecord>) {
    let Some(mut record) = existing else {
        return (Reopened::Unknown, None);
    };
    let Some(effect) = record.effects.get_mut(effect) else {
        return (Reopened::Unknown, None);
    };
    match &effect.state {
        EffectState::Dead { letter: of } | EffectState::Review { letter: of } if of != letter => {
            (Reopened::Superseded { by: of.clone() }, None)
        }
        EffectState::Dead { .. } | EffectState::Review { .. } => {
            if effect.was_definitely_refused() {
                effect.generation += 1;
            }
            effect.state = EffectState::Retry { not_before: now };
            // Its time to be given up begins anew, or it would be given up at once.
            effect.first_claimed = now;
            effect.decided_attempts = effect.attempts;
            (Reopened::Opened, Some(record))
        }
        EffectState::Retry { .. } | EffectState::Held { .. } => (Reopened::AlreadyOpen, None),
        EffectState::Claimed | EffectState::Sending => (Reopened::InWork, None),
        EffectState::Done { .. } | EffectState::Expired { .. } | EffectState::Shadow { .. } => {
            (Reopened::Settled, None)
        }
    }
}

/// The end of a lease that still counts. A safe takeover waits for `grace` after it, since clocks differ.
fn respected_until(record: &LedgerRecord, now: Timestamp, grace: Duration) -> Option<Timestamp> {
    let until = record.lease.as_ref()?.until.plus(grace);
    (until > now).then_some(until)
}

/// Whether the event's message is kept for the destination.
fn is_held(record: &LedgerRecord) -> bool {
    let mut effects = record.effects.values();
    effects.any(|effect| matches!(effect.state, EffectState::Held { .. }))
}

fn new_record(request: &ClaimRequest) -> LedgerRecord {
    LedgerRecord {
        event: request.event.clone(),
        destination: request.destination.clone(),
        fence: 0,
        lease: None,
        effects: Default::default(),
        expires: request.expires,
    }
}

fn new_effect(requested: &RequestedEffect, now: Timestamp) -> EffectRecord {
    EffectRecord {
        route: requested.route.clone(),
        element: requested.element.clone(),
        state: EffectState::Claimed,
        first_claimed: now,
        generation: 1,
        attempts: 0,
        decided_attempts: 0,
        history: Vec::new(),
        forgotten_doubt: None,
    }
}

/// What is unsettled and no longer asked for: its route is gone, or means other events now. It must not be forgotten, so
/// whoever has the lease settles it.
fn unwanted(record: &LedgerRecord, request: &ClaimRequest) -> Vec<Work> {
    let is_wanted = |key: &str| request.effects.iter().any(|effect| effect.key == key);
    let left = record
        .effects
        .iter()
        .filter(|(key, effect)| !effect.state.is_settled() && !is_wanted(key));
    left.map(|(key, effect)| work_of(key, effect, false))
        .collect()
}

fn work_of(key: &str, effect: &EffectRecord, wanted: bool) -> Work {
    Work {
        key: key.to_owned(),
        route: effect.route.clone(),
        wanted,
        attempts: effect.attempts,
        generation: effect.generation,
        first_claimed: effect.first_claimed,
        abandoned_while_sending: effect.state == EffectState::Sending,
        may_be_done: effect.may_be_done(),
    }
}

fn grant(record: &mut LedgerRecord, request: &ClaimRequest) -> Lease {
    let until = request.now.plus(request.lease);
    record.fence += 1;
    // What was worked lately can still come again: as a held message, or as a letter that is replayed.
    record.expires = record.expires.max(request.expires);
    record.lease = Some(Holder {
        owner: request.owner.clone(),
        until,
    });
    Lease {
        identity: request.event.identity.clone(),
        destination: request.destination.clone(),
        owner: request.owner.clone(),
        fence: record.fence,
        until,
    }
}

fn apply(effect: &mut EffectRecord, change: &Change) {
    effect.state = change.state.clone();
    let Some(attempt) = &change.attempt else {
        return;
    };
    // The same advance can be written twice, when the first answer was lost; the attempt is then there already.
    if attempt.number <= effect.attempts {
        return;
    }
    effect.note(attempt.clone());
}
