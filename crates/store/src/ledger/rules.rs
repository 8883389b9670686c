//! The ledger's rules, as plain functions that a backend runs inside its atomic step.

use std::time::Duration;

use events::Timestamp;

use super::record::{ATTEMPTS_KEPT, Holder};
use super::{
    Advance, AdvanceError, Change, Claim, ClaimRequest, EffectRecord, EffectState, Lease,
    LedgerRecord, RequestedEffect, Work,
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
    let mut work = Vec::new();
    let mut later: Option<Timestamp> = None;
    for requested in &request.effects {
        let effect = record
            .effects
            .entry(requested.key.clone())
            .or_insert_with(|| new_effect(requested, request.now));
        match &effect.state {
            EffectState::Retry { not_before } if *not_before > request.now => {
                later = Some(later.map_or(*not_before, |earliest| earliest.min(*not_before)));
            }
            state if state.is_settled() => {}
            state => {
                let abandoned_while_sending = *state == EffectState::Sending;
                // An abandoned call stays `sending` until its fate is written, so that a second crash changes nothing.
                if !abandoned_while_sending {
                    effect.state = EffectState::Claimed;
                }
                work.push(work_of(requested, effect, abandoned_while_sending));
            }
        }
    }
    if work.is_empty() {
        return (
            later.map_or(Claim::Settled, |at| Claim::NotBefore { at }),
            None,
        );
    }
    let lease = grant(&mut record, request);
    (Claim::Granted { lease, work, later }, Some(record))
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

/// Opens a dead or reviewed effect again. Returns the record to write, or `None` if there is nothing to open.
pub fn reopen(
    existing: Option<LedgerRecord>,
    effect: &str,
    refused: bool,
    now: Timestamp,
) -> Option<LedgerRecord> {
    let mut record = existing?;
    let effect = record.effects.get_mut(effect)?;
    if !matches!(
        effect.state,
        EffectState::Dead { .. } | EffectState::Review { .. }
    ) {
        return None;
    }
    effect.state = EffectState::Retry { not_before: now };
    if refused {
        effect.generation += 1;
    }
    Some(record)
}

/// The end of a lease that still counts. A safe takeover waits for `grace` after it, since clocks differ.
fn respected_until(record: &LedgerRecord, now: Timestamp, grace: Duration) -> Option<Timestamp> {
    let until = record.lease.as_ref()?.until.plus(grace);
    (until > now).then_some(until)
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
        history: Vec::new(),
    }
}

fn work_of(
    requested: &RequestedEffect,
    effect: &EffectRecord,
    abandoned_while_sending: bool,
) -> Work {
    Work {
        key: requested.key.clone(),
        attempts: effect.attempts,
        generation: effect.generation,
        first_claimed: effect.first_claimed,
        abandoned_while_sending,
    }
}

fn grant(record: &mut LedgerRecord, request: &ClaimRequest) -> Lease {
    let until = request.now.plus(request.lease);
    record.fence += 1;
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
    effect.attempts = attempt.number;
    effect.history.push(attempt.clone());
    if effect.history.len() > ATTEMPTS_KEPT {
        effect.history.remove(0);
    }
}
