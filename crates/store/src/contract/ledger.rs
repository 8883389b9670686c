//! Who may work on what, and when.

use std::collections::BTreeSet;
use std::time::Duration;

use events::Timestamp;

use super::StoreHarness;
use crate::{
    Advance, AdvanceError, Attempt, Change, Claim, ClaimRequest, EffectState, EventQuery,
    EventReference, Lease, Ledger, LedgerRecord, Outcome, RequestedEffect, Work,
};

pub(super) const NOW: Timestamp = Timestamp::from_millis(1_764_060_000_000);
pub(super) const LEASE: Duration = Duration::from_secs(15);
pub(super) const GRACE: Duration = Duration::from_secs(10);
const KEPT: Duration = Duration::from_secs(45 * 24 * 60 * 60);

/// A request for the effects of routes `points` and `stock`.
pub(super) fn request(identity: &str) -> ClaimRequest {
    let effect = |route: &str| RequestedEffect {
        key: format!("{identity}/{route}"),
        route: route.to_owned(),
        element: None,
    };
    ClaimRequest {
        event: EventReference {
            identity: identity.to_owned(),
            content_hash: "content".into(),
            event_id: Some(format!("event of {identity}")),
            event_type: Some("purchase".into()),
            received: NOW,
        },
        destination: "loyalty".into(),
        effects: vec![effect("points"), effect("stock")],
        owner: "first".into(),
        now: NOW,
        lease: LEASE,
        grace: GRACE,
        expires: NOW.plus(KEPT),
    }
}

/// The same request by somebody else at another moment.
pub(super) fn later(request: &ClaimRequest, after: Duration) -> ClaimRequest {
    ClaimRequest {
        owner: "second".into(),
        now: NOW.plus(after),
        ..request.clone()
    }
}

pub(super) async fn claim(ledger: &dyn Ledger, request: &ClaimRequest) -> Claim {
    ledger
        .claim(request.clone())
        .await
        .expect("the ledger answers")
}

pub(super) async fn granted(ledger: &dyn Ledger, request: &ClaimRequest) -> (Lease, Vec<Work>) {
    match claim(ledger, request).await {
        Claim::Granted { lease, work, .. } => (lease, work),
        other => panic!("expected a grant, got {other:?}"),
    }
}

pub(super) async fn advance(
    ledger: &dyn Ledger,
    lease: &Lease,
    changes: &[Change],
    until: Option<Timestamp>,
) {
    let step = Advance {
        lease: lease.clone(),
        changes: changes.to_vec(),
        until,
    };
    ledger.advance(step).await.expect("the lease holds");
}

pub(super) fn change(request: &ClaimRequest, effect: usize, state: EffectState) -> Change {
    Change {
        key: request.effects[effect].key.clone(),
        state,
        attempt: None,
    }
}

pub(super) fn attempt(outcome: Outcome) -> Attempt {
    Attempt {
        number: 1,
        generation: 1,
        may_be_done: outcome != Outcome::Reject,
        at: NOW,
        took_ms: 12,
        outcome,
        status: Some(200),
        note: "answered".into(),
    }
}

pub(super) async fn record(ledger: &dyn Ledger, identity: &str) -> LedgerRecord {
    let query = EventQuery::Identity(identity.to_owned());
    let found = ledger.find(&query).await.expect("the ledger answers");
    assert_eq!(found.len(), 1, "one record of {identity}");
    found.into_iter().next().expect("one record")
}

pub(super) const DONE: EffectState = EffectState::Done { at: NOW };

/// The first claim grants everything; what is settled is not worked again, and all settled means nothing to do.
pub async fn a_claim_grants_all_effects_and_settled_ones_are_not_granted_again(
    harness: &impl StoreHarness,
) {
    let (ledger, request) = (
        harness.ledger(),
        request(&harness.unique("purchase:grants")),
    );
    let (lease, work) = granted(ledger.as_ref(), &request).await;
    let keys: BTreeSet<_> = work.iter().map(|work| &work.key).collect();
    assert_eq!(
        keys,
        request.effects.iter().map(|effect| &effect.key).collect()
    );
    assert!(
        work.iter()
            .all(|work| work.attempts == 0 && work.generation == 1 && work.first_claimed == NOW)
    );
    assert!(work.iter().all(|work| !work.abandoned_while_sending));
    assert_eq!(
        (lease.until, lease.owner.as_str()),
        (NOW.plus(LEASE), "first")
    );

    let done = Change {
        attempt: Some(attempt(Outcome::Done)),
        ..change(&request, 0, DONE)
    };
    advance(ledger.as_ref(), &lease, &[done], None).await;
    let (lease, work) = granted(ledger.as_ref(), &request).await;
    assert_eq!(work.len(), 1, "the done effect is not granted again");
    assert_eq!(work[0].key, request.effects[1].key);

    advance(ledger.as_ref(), &lease, &[change(&request, 1, DONE)], None).await;
    for _ in 0..2 {
        assert_eq!(claim(ledger.as_ref(), &request).await, Claim::Settled);
    }
    let record = record(ledger.as_ref(), &request.event.identity).await;
    assert_eq!(
        (record.fence, record.lease),
        (2, None),
        "asking for nothing changes nothing"
    );
    assert_eq!(
        record.effects[&request.effects[0].key].history,
        [attempt(Outcome::Done)]
    );
}

/// The others are told to come later.
pub async fn of_many_claimers_at_once_exactly_one_is_granted(harness: &impl StoreHarness) {
    let request = request(&harness.unique("purchase:many"));
    let claiming: Vec<_> = (0..16)
        .map(|number| {
            let ledger = harness.ledger();
            let request = ClaimRequest {
                owner: format!("owner {number}"),
                ..request.clone()
            };
            tokio::spawn(async move { claim(ledger.as_ref(), &request).await })
        })
        .collect();
    let mut grants = 0;
    for task in claiming {
        match task.await.expect("claiming doesn't panic") {
            Claim::Granted { .. } => grants += 1,
            Claim::Busy { .. } => {}
            other => panic!("expected a grant or busy, got {other:?}"),
        }
    }
    assert_eq!(grants, 1);
}

/// Whoever lost its lease can't write over its successor, nor prolong what it lost.
pub async fn a_lost_lease_writes_nothing(harness: &impl StoreHarness) {
    let (ledger, request) = (harness.ledger(), request(&harness.unique("purchase:lost")));
    let (lost, _) = granted(ledger.as_ref(), &request).await;
    let (lease, _) = granted(ledger.as_ref(), &later(&request, LEASE + GRACE)).await;
    assert!(lease.fence > lost.fence);
    let before = record(ledger.as_ref(), &request.event.identity).await;
    let step = Advance {
        lease: lost,
        changes: vec![change(&request, 0, DONE)],
        until: Some(NOW.plus(2 * LEASE)),
    };
    let refused = ledger.advance(step).await.expect_err("the lease is lost");
    assert!(
        matches!(refused, AdvanceError::LeaseLost { ref destination } if destination == "loyalty")
    );
    assert_eq!(
        record(ledger.as_ref(), &request.event.identity).await,
        before
    );
    advance(ledger.as_ref(), &lease, &[change(&request, 0, DONE)], None).await;
}

/// Until the grace after its end has passed a lease keeps others out: clocks differ.
pub async fn an_expired_lease_is_taken_over_after_its_grace(harness: &impl StoreHarness) {
    let (ledger, request) = (harness.ledger(), request(&harness.unique("purchase:grace")));
    granted(ledger.as_ref(), &request).await;
    let free = NOW.plus(LEASE + GRACE);
    let moment = Duration::from_millis(1);
    for after in [Duration::ZERO, LEASE, LEASE + GRACE - moment] {
        let answer = claim(ledger.as_ref(), &later(&request, after)).await;
        assert_eq!(
            answer,
            Claim::Busy { until: free },
            "{after:?} after the claim"
        );
    }
    let (lease, work) = granted(ledger.as_ref(), &later(&request, LEASE + GRACE)).await;
    assert_eq!(lease.owner, "second");
    assert_eq!(work.len(), 2);
    assert!(
        work.iter()
            .all(|work| work.first_claimed == NOW && !work.abandoned_while_sending)
    );
}

/// What is due is granted, what isn't is named with its time.
pub async fn a_retry_is_not_granted_before_its_time(harness: &impl StoreHarness) {
    let (ledger, request) = (harness.ledger(), request(&harness.unique("purchase:retry")));
    let (lease, _) = granted(ledger.as_ref(), &request).await;
    let wait = |seconds| Duration::from_secs(seconds);
    let retry = |effect, seconds| Change {
        attempt: Some(attempt(Outcome::Retry)),
        ..change(
            &request,
            effect,
            EffectState::Retry {
                not_before: NOW.plus(wait(seconds)),
            },
        )
    };
    advance(ledger.as_ref(), &lease, &[retry(0, 60), retry(1, 30)], None).await;
    let early = claim(ledger.as_ref(), &later(&request, wait(29))).await;
    assert_eq!(
        early,
        Claim::NotBefore {
            at: NOW.plus(wait(30)),
            held: false,
        }
    );
    match claim(ledger.as_ref(), &later(&request, wait(30))).await {
        Claim::Granted {
            work, later, held, ..
        } => {
            assert_eq!(work.len(), 1);
            assert_eq!(
                (work[0].key.as_str(), work[0].attempts),
                (request.effects[1].key.as_str(), 1)
            );
            assert_eq!((later, held), (Some(NOW.plus(wait(60))), false));
        }
        other => panic!("expected a grant, got {other:?}"),
    }
}

/// The second of two different events under one identity is refused, and the first is as it was.
pub async fn other_content_under_the_same_identity_is_a_conflict(harness: &impl StoreHarness) {
    let (ledger, request) = (
        harness.ledger(),
        request(&harness.unique("purchase:conflict")),
    );
    let (lease, _) = granted(ledger.as_ref(), &request).await;
    let before = record(ledger.as_ref(), &request.event.identity).await;
    let mut other = later(&request, LEASE + GRACE);
    other.event.content_hash = "other content".into();
    assert_eq!(claim(ledger.as_ref(), &other).await, Claim::Conflict);
    assert_eq!(
        record(ledger.as_ref(), &request.event.identity).await,
        before
    );
    advance(ledger.as_ref(), &lease, &[change(&request, 0, DONE)], None).await;
    other.destination = "erp".into();
    granted(ledger.as_ref(), &other).await;
}
