//! The rules, without a backend: what a contract's tests can't reach, or can't tell apart.

use std::time::Duration;

use events::Timestamp;

use super::record::{ATTEMPTS_KEPT, Holder};
use super::{
    Advance, AdvanceError, Attempt, Change, Claim, ClaimRequest, EffectState, EventReference,
    Lease, LedgerRecord, Outcome, Reopened, RequestedEffect, Work, advance, claim, reopen,
};

const NOW: Timestamp = Timestamp::from_millis(1_000_000);
const LEASE: Duration = Duration::from_secs(15);

fn effect(key: &str) -> RequestedEffect {
    RequestedEffect {
        key: key.into(),
        route: "route".into(),
        element: None,
    }
}

fn request(effects: &[&str]) -> ClaimRequest {
    ClaimRequest {
        event: EventReference {
            identity: "purchase:ORD-1".into(),
            content_hash: "content".into(),
            event_id: None,
            event_type: None,
            received: NOW,
        },
        destination: "loyalty".into(),
        effects: effects.iter().map(|key| effect(key)).collect(),
        owner: "owner".into(),
        now: NOW,
        lease: LEASE,
        grace: Duration::from_secs(10),
        expires: NOW.plus(Duration::from_secs(1_000)),
    }
}

fn granted(
    existing: Option<LedgerRecord>,
    request: &ClaimRequest,
) -> (Lease, Vec<Work>, LedgerRecord) {
    match claim(existing, request) {
        (Claim::Granted { lease, work, .. }, Some(record)) => (lease, work, record),
        other => panic!("expected a grant and a record, got {other:?}"),
    }
}

fn step(lease: &Lease, key: &str, state: EffectState) -> Advance {
    Advance {
        lease: lease.clone(),
        changes: vec![Change {
            key: key.into(),
            state,
            attempt: None,
        }],
        until: None,
    }
}

/// A record with one effect in `state`, whose lease was given up.
fn record_in(state: EffectState) -> LedgerRecord {
    let (lease, _, record) = granted(None, &request(&["a"]));
    advance(Some(record), &step(&lease, "a", state)).expect("the lease holds")
}

fn letter() -> String {
    "letter".into()
}

#[test]
fn only_unsettled_and_due_effects_are_worked() {
    let soon = NOW.plus(Duration::from_millis(1));
    let cases = [
        (EffectState::Claimed, "granted"),
        (EffectState::Sending, "granted"),
        (EffectState::Retry { not_before: NOW }, "granted"),
        (EffectState::Retry { not_before: soon }, "not before"),
        (EffectState::Held { due: NOW }, "granted"),
        (EffectState::Held { due: soon }, "not before"),
        (EffectState::Done { at: NOW }, "settled"),
        (EffectState::Dead { letter: letter() }, "settled"),
        (EffectState::Review { letter: letter() }, "settled"),
        (EffectState::Expired { at: NOW }, "settled"),
        (EffectState::Shadow { at: NOW }, "settled"),
    ];
    for (state, expected) in cases {
        let name = state.name();
        let (answer, changed) = claim(Some(record_in(state)), &request(&["a"]));
        let what = match answer {
            Claim::Granted { .. } => "granted",
            Claim::NotBefore { at, .. } if at == soon => "not before",
            Claim::Settled => "settled",
            other => panic!("{name}: {other:?}"),
        };
        assert_eq!(what, expected, "{name}");
        assert_eq!(
            changed.is_some(),
            expected == "granted",
            "{name}: only a grant is written"
        );
    }
}

#[test]
fn a_route_that_was_added_later_is_worked_beside_settled_ones() {
    let record = record_in(EffectState::Done { at: NOW });
    let (_, work, record) = granted(Some(record), &request(&["a", "b"]));
    let keys: Vec<_> = work.iter().map(|work| work.key.as_str()).collect();
    assert_eq!(keys, ["b"]);
    assert_eq!(record.effects["a"].state, EffectState::Done { at: NOW });
}

#[test]
fn a_record_that_is_worked_is_remembered_from_then_on() {
    let at = |seconds| NOW.plus(Duration::from_secs(seconds));
    for (before, asked, expected) in [(1_000, 5_000, 5_000), (5_000, 10, 5_000)] {
        let mut record = record_in(EffectState::Retry { not_before: NOW });
        record.expires = at(before);
        let mut request = request(&["a"]);
        request.expires = at(asked);
        let (_, _, record) = granted(Some(record), &request);
        assert_eq!(record.expires, at(expected));
    }
}

#[test]
fn a_lease_keeps_its_own_owner_out_too() {
    let (_, _, record) = granted(None, &request(&["a"]));
    let (answer, changed) = claim(Some(record), &request(&["a"]));
    let until = NOW.plus(LEASE + Duration::from_secs(10));
    assert_eq!((answer, changed), (Claim::Busy { until }, None));
}

#[test]
fn a_lease_that_ended_still_writes_until_somebody_else_claims() {
    let (lease, _, mut record) = granted(None, &request(&["a"]));
    record.lease = Some(Holder {
        owner: "owner".into(),
        until: Timestamp::from_millis(0),
    });
    let done = step(&lease, "a", EffectState::Done { at: NOW });
    let record = advance(Some(record), &done).expect("nobody else claimed it");
    assert_eq!(record.effects["a"].state, EffectState::Done { at: NOW });
    assert_eq!(record.lease, None);
}

#[test]
fn an_advance_needs_the_record_its_fence_and_its_effects() {
    let (lease, _, record) = granted(None, &request(&["a"]));
    let stale = Lease {
        fence: lease.fence - 1,
        ..lease.clone()
    };
    let done = EffectState::Done { at: NOW };
    let cases = [
        ("no record", None, step(&lease, "a", done.clone())),
        (
            "another fence",
            Some(record.clone()),
            step(&stale, "a", done.clone()),
        ),
        ("an unknown effect", Some(record), step(&lease, "b", done)),
    ];
    for (name, existing, step) in cases {
        let refused = advance(existing, &step).expect_err(name);
        assert!(matches!(refused, AdvanceError::LeaseLost { .. }), "{name}");
    }
}

/// A record of one effect after these attempts; true stands for one that may have been done.
fn attempted(attempts: &[bool]) -> LedgerRecord {
    let (lease, _, mut record) = granted(None, &request(&["a"]));
    for (number, may_be_done) in (1..).zip(attempts) {
        let mut step = step(&lease, "a", EffectState::Retry { not_before: NOW });
        step.changes[0].attempt = Some(Attempt {
            number,
            generation: 1,
            may_be_done: *may_be_done,
            at: NOW,
            took_ms: u64::from(number),
            outcome: Outcome::Retry,
            status: None,
            note: String::new(),
        });
        record = advance(Some(record), &step).expect("the lease holds");
    }
    record
}

#[test]
fn the_oldest_attempts_are_only_counted() {
    let record = attempted(&[true; ATTEMPTS_KEPT + 5]);
    let effect = &record.effects["a"];
    assert_eq!(effect.attempts as usize, ATTEMPTS_KEPT + 5);
    let kept: Vec<_> = effect
        .history
        .iter()
        .map(|attempt| attempt.took_ms)
        .collect();
    assert_eq!(kept, (6..ATTEMPTS_KEPT as u64 + 6).collect::<Vec<_>>());
}

#[test]
fn attempts_without_effect_raise_no_doubt_however_many_there_were() {
    let many = vec![false; ATTEMPTS_KEPT * 3];
    let with = |doubted: usize| {
        let mut attempts = many.clone();
        attempts[doubted] = true;
        attempts
    };
    let last = many.len() - 1;
    for (attempts, expected) in [
        (many.clone(), false),
        (with(0), true),
        (with(ATTEMPTS_KEPT), true),
        (with(last), true),
    ] {
        let mut record = attempted(&attempts);
        let (_, work, _) = granted(Some(record.clone()), &request(&["a"]));
        assert_eq!(work[0].may_be_done, expected, "{attempts:?}");
        let effect = record.effects.get_mut("a").expect("it was claimed");
        effect.decided_attempts = effect.attempts;
        assert!(!effect.may_be_done(), "somebody has decided");
        // An earlier version forgot what they came to.
        effect.decided_attempts = 0;
        effect.forgotten_doubt = None;
        assert!(effect.may_be_done());
    }
}

#[test]
fn an_abandoned_call_stays_in_doubt_until_its_fate_is_written() {
    let record = record_in(EffectState::Sending);
    let (lease, work, record) = granted(Some(record), &request(&["a"]));
    assert!(work[0].abandoned_while_sending);
    assert_eq!(record.effects["a"].state, EffectState::Sending);
    let review = EffectState::Review { letter: letter() };
    let record = advance(Some(record), &step(&lease, "a", review)).expect("the lease holds");
    let (answer, _) = claim(Some(record), &request(&["a"]));
    assert_eq!(answer, Claim::Settled);
}

#[test]
fn only_what_is_dead_or_in_review_opens_again() {
    let cases = [
        (EffectState::Dead { letter: letter() }, Reopened::Opened),
        (EffectState::Review { letter: letter() }, Reopened::Opened),
        (EffectState::Claimed, Reopened::InWork),
        (EffectState::Sending, Reopened::InWork),
        (
            EffectState::Retry { not_before: NOW },
            Reopened::AlreadyOpen,
        ),
        (EffectState::Done { at: NOW }, Reopened::Settled),
        (EffectState::Expired { at: NOW }, Reopened::Settled),
        (EffectState::Shadow { at: NOW }, Reopened::Settled),
    ];
    for (state, expected) in cases {
        let name = state.name();
        let (answer, changed) = reopen(Some(record_in(state)), "a", &letter(), NOW);
        assert_eq!(
            (&answer, changed.is_some()),
            (&expected, expected == Reopened::Opened),
            "{name}"
        );
        if let Some(record) = changed {
            let effect = &record.effects["a"];
            assert_eq!(
                (effect.generation, effect.first_claimed),
                (1, NOW),
                "{name}: no call was refused"
            );
            assert_eq!(effect.state, EffectState::Retry { not_before: NOW });
        }
    }
    assert_eq!(reopen(None, "a", &letter(), NOW), (Reopened::Unknown, None));
    let record = || record_in(EffectState::Dead { letter: letter() });
    assert_eq!(
        reopen(Some(record()), "b", &letter(), NOW).0,
        Reopened::Unknown
    );
    let superseded = Reopened::Superseded { by: letter() };
    assert_eq!(
        reopen(Some(record()), "a", "an older letter", NOW),
        (superseded, None)
    );
}
