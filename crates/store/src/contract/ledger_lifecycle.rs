//! What becomes of a record between its first claim and its end.

use std::time::Duration;

use events::Timestamp;

use super::StoreHarness;
use super::ledger::{
    DONE, GRACE, LEASE, NOW, advance, attempt, change, claim, granted, later, record, request,
};
use crate::{Change, Claim, ClaimRequest, EffectState, EventQuery, Ledger, Outcome, Reopened};

/// An answer that got lost makes a caller write again; the call it tells of was made once.
pub async fn the_same_advance_twice_leaves_the_record_as_after_the_first(
    harness: &impl StoreHarness,
) {
    let (ledger, request) = (harness.ledger(), request(&harness.unique("purchase:twice")));
    let (lease, _) = granted(ledger.as_ref(), &request).await;
    let done = Change {
        attempt: Some(attempt(Outcome::Done)),
        ..change(&request, 0, EffectState::Done { at: NOW })
    };
    let changes = [done, change(&request, 1, EffectState::Sending)];
    let until = Some(NOW.plus(LEASE * 2));
    advance(ledger.as_ref(), &lease, &changes, until).await;
    let once = record(ledger.as_ref(), &request.event.identity).await;
    assert_eq!(once.effects[&request.effects[0].key].attempts, 1);
    advance(ledger.as_ref(), &lease, &changes, until).await;
    assert_eq!(record(ledger.as_ref(), &request.event.identity).await, once);
}

/// The new end counts, not the one that was granted; giving a lease up lets others in at once.
pub async fn a_prolonged_lease_keeps_others_out(harness: &impl StoreHarness) {
    let (ledger, request) = (
        harness.ledger(),
        request(&harness.unique("purchase:prolonged")),
    );
    let (lease, _) = granted(ledger.as_ref(), &request).await;
    let until = NOW.plus(LEASE * 4);
    advance(ledger.as_ref(), &lease, &[], Some(until)).await;
    let answer = claim(ledger.as_ref(), &later(&request, LEASE + GRACE)).await;
    assert_eq!(
        answer,
        Claim::Busy {
            until: until.plus(GRACE)
        }
    );
    advance(ledger.as_ref(), &lease, &[], None).await;
    granted(ledger.as_ref(), &later(&request, Duration::ZERO)).await;
}

/// Whoever takes over is told that the call may have arrived, as often as it is taken over.
pub async fn an_abandoned_call_is_granted_as_such(harness: &impl StoreHarness) {
    let (ledger, request) = (
        harness.ledger(),
        request(&harness.unique("purchase:abandoned")),
    );
    let (lease, _) = granted(ledger.as_ref(), &request).await;
    let sending = change(&request, 0, EffectState::Sending);
    advance(ledger.as_ref(), &lease, &[sending], Some(NOW.plus(LEASE))).await;
    for takeover in 1..=2 {
        let request = later(&request, (LEASE + GRACE) * takeover);
        let (_, work) = granted(ledger.as_ref(), &request).await;
        let abandoned: Vec<_> = work
            .iter()
            .filter(|work| work.abandoned_while_sending)
            .collect();
        assert_eq!(abandoned.len(), 1, "takeover {takeover}");
        assert_eq!(abandoned[0].key, request.effects[0].key);
        assert_eq!(work.len(), 2);
    }
}

/// Its message is kept, so whoever brings the message again may let it go.
pub async fn a_held_effect_is_granted_when_it_is_due_and_told_as_held(harness: &impl StoreHarness) {
    let (ledger, request) = (harness.ledger(), request(&harness.unique("purchase:held")));
    let (lease, _) = granted(ledger.as_ref(), &request).await;
    let due = NOW.plus(Duration::from_secs(60));
    let held = change(&request, 0, EffectState::Held { due });
    let done = change(&request, 1, DONE);
    advance(ledger.as_ref(), &lease, &[held, done], None).await;
    let early = claim(ledger.as_ref(), &later(&request, Duration::from_secs(59))).await;
    let expected = Claim::NotBefore {
        at: due,
        held: true,
    };
    assert_eq!(early, expected);
    match claim(ledger.as_ref(), &later(&request, Duration::from_secs(60))).await {
        Claim::Granted {
            work, later, held, ..
        } => {
            assert_eq!((work.len(), later, held), (1, None, true));
            assert_eq!(work[0].key, request.effects[0].key);
        }
        other => panic!("expected a grant, got {other:?}"),
    }
}

/// Once, by its latest letter alone, and under a new generation only when it was definitely refused.
pub async fn a_dead_effect_is_opened_again(harness: &impl StoreHarness) {
    let (ledger, request) = (
        harness.ledger(),
        request(&harness.unique("purchase:reopened")),
    );
    let (lease, _) = granted(ledger.as_ref(), &request).await;
    let letter = || "letter".to_owned();
    let refused = Change {
        attempt: Some(attempt(Outcome::Reject)),
        ..change(&request, 0, EffectState::Dead { letter: letter() })
    };
    let in_doubt = Change {
        attempt: Some(attempt(Outcome::Unknown)),
        ..change(&request, 1, EffectState::Review { letter: letter() })
    };
    let opened = reopen(ledger.as_ref(), &request, 0, "letter").await;
    assert_eq!(opened, Reopened::InWork, "somebody has it");
    advance(ledger.as_ref(), &lease, &[refused, in_doubt], None).await;
    assert_eq!(claim(ledger.as_ref(), &request).await, Claim::Settled);
    for (effect, generation) in [(0, 2), (1, 1)] {
        let superseded = Reopened::Superseded { by: letter() };
        assert_eq!(
            reopen(ledger.as_ref(), &request, effect, "an older letter").await,
            superseded
        );
        assert_eq!(
            reopen(ledger.as_ref(), &request, effect, "letter").await,
            Reopened::Opened
        );
        assert_eq!(
            reopen(ledger.as_ref(), &request, effect, "letter").await,
            Reopened::AlreadyOpen
        );
        let (lease, work) = granted(ledger.as_ref(), &request).await;
        assert_eq!(work.len(), 1);
        assert_eq!(
            (&work[0].key, work[0].generation),
            (&request.effects[effect].key, generation)
        );
        assert!(!work[0].may_be_done, "whoever opened it has decided");
        let done = change(&request, effect, EffectState::Done { at: NOW });
        advance(ledger.as_ref(), &lease, &[done], None).await;
        assert_eq!(
            reopen(ledger.as_ref(), &request, effect, "letter").await,
            Reopened::Settled
        );
    }
    let unknown = harness.unique("purchase:never-seen");
    let opened = ledger
        .reopen(&unknown, "loyalty", "no effect", "letter", NOW)
        .await;
    assert_eq!(opened.expect("the ledger answers"), Reopened::Unknown);
}

/// Effects that are waiting and that nobody asks for any more are handed out to be settled; settled ones are not.
pub async fn what_is_no_longer_wanted_is_handed_out(harness: &impl StoreHarness) {
    let (ledger, request) = (
        harness.ledger(),
        request(&harness.unique("purchase:unwanted")),
    );
    let (lease, _) = granted(ledger.as_ref(), &request).await;
    let done = change(&request, 0, EffectState::Done { at: NOW });
    let waiting = change(&request, 1, EffectState::Retry { not_before: NOW });
    advance(ledger.as_ref(), &lease, &[done, waiting], None).await;
    let nothing = ClaimRequest {
        effects: Vec::new(),
        ..request.clone()
    };
    let (lease, work) = granted(ledger.as_ref(), &nothing).await;
    assert_eq!(work.len(), 1);
    assert_eq!(
        (&work[0].key, work[0].wanted),
        (&request.effects[1].key, false)
    );
    let dead = change(
        &request,
        1,
        EffectState::Dead {
            letter: "letter".into(),
        },
    );
    advance(ledger.as_ref(), &lease, &[dead], None).await;
    assert_eq!(claim(ledger.as_ref(), &nothing).await, Claim::Settled);
}

async fn reopen(
    ledger: &dyn Ledger,
    request: &ClaimRequest,
    effect: usize,
    letter: &str,
) -> Reopened {
    let (identity, key) = (&request.event.identity, &request.effects[effect].key);
    ledger
        .reopen(identity, &request.destination, key, letter, NOW)
        .await
        .expect("the ledger answers")
}

/// One record a destination, in the destinations' order; nothing of other events.
pub async fn records_are_found_by_event_id_and_by_identity(harness: &impl StoreHarness) {
    let ledger = harness.ledger();
    let to_loyalty = request(&harness.unique("purchase:found"));
    let to_erp = ClaimRequest {
        destination: "erp".into(),
        ..to_loyalty.clone()
    };
    let mut same_event_id = request(&harness.unique("purchase:same-event-id"));
    same_event_id.event.event_id = to_loyalty.event.event_id.clone();
    let unrelated = request(&harness.unique("purchase:unrelated"));
    for request in [&to_loyalty, &to_erp, &same_event_id, &unrelated] {
        granted(ledger.as_ref(), request).await;
    }
    let identity = to_loyalty.event.identity.clone();
    let event_id = to_loyalty.event.event_id.clone().expect("it has one");
    let queries = [
        (EventQuery::Identity(identity), vec!["erp", "loyalty"]),
        (
            EventQuery::EventId(event_id),
            vec!["erp", "loyalty", "loyalty"],
        ),
        (EventQuery::EventId(harness.unique("nobody's")), vec![]),
    ];
    for (query, expected) in queries {
        let found = ledger.find(&query).await.expect("the ledger answers");
        let destinations: Vec<_> = found
            .iter()
            .map(|record| record.destination.as_str())
            .collect();
        assert_eq!(destinations, expected, "{query:?}");
    }
}

/// At their time, and not before.
pub async fn records_are_forgotten_once_their_time_has_passed(harness: &impl StoreHarness) {
    let ledger = harness.ledger();
    // Long before all other tests' times, so that only these two records can be due.
    let expires = Timestamp::from_millis(1_000);
    let mut short = request(&harness.unique("purchase:short"));
    short.expires = expires;
    let mut long = request(&harness.unique("purchase:long"));
    long.expires = expires.plus(Duration::from_millis(1));
    for request in [&short, &long] {
        granted(ledger.as_ref(), request).await;
    }
    assert_eq!(
        ledger
            .purge(Timestamp::from_millis(999))
            .await
            .expect("purged"),
        0
    );
    assert_eq!(ledger.purge(expires).await.expect("purged"), 1);
    let query = EventQuery::Identity(short.event.identity.clone());
    assert!(
        ledger
            .find(&query)
            .await
            .expect("the ledger answers")
            .is_empty()
    );
    record(ledger.as_ref(), &long.event.identity).await;
    let (_, work) = granted(ledger.as_ref(), &short).await;
    assert_eq!(work.len(), 2, "what is forgotten begins anew");
}
