//! A claim that was written and whose caller never heard of it.

use std::time::Duration;

use google::firestore::{FirestoreSettings, FirestoreStore};
use store::{Claim, ClaimRequest, EffectState, EventQuery, Ledger};
use testing::{eventually, firestore_emulator};

use crate::slow_proxy::SlowProxy;
use crate::support::{
    DONE, GRACE, LEASE, NOW, advance, changes, claim, granted, record, request, settings,
};

const SOON: Duration = Duration::from_millis(500);

struct Scene {
    proxy: SlowProxy,
    /// Behind the proxy.
    store: FirestoreStore,
    /// Another process, not behind it.
    other: FirestoreStore,
}

async fn scene(request_timeout: Duration) -> Scene {
    let settings = settings();
    let proxy = SlowProxy::start(firestore_emulator()).await;
    let store = FirestoreStore::new(FirestoreSettings {
        emulator_host: Some(proxy.address()),
        request_timeout,
        ..settings.clone()
    });
    store.ready().await.expect("it answers");
    Scene {
        proxy,
        store,
        other: FirestoreStore::new(settings),
    }
}

/// Claims until nobody waits for the answer any more. The claim is written all the same, with that fence.
async fn claim_unheard(scene: &Scene, request: &ClaimRequest, fence: u64) {
    scene.proxy.hold_back_after(&format!("\"fence\":{fence},"));
    let claiming = tokio::time::timeout(2 * SOON, scene.store.claim(request.clone())).await;
    assert!(!matches!(claiming, Ok(Ok(_))), "no answer: {claiming:?}");
    let query = EventQuery::Identity(request.event.identity.clone());
    eventually("the claim", async || {
        let found = scene.other.find(&query).await.expect("the store answers");
        found
            .first()
            .filter(|record| record.fence == fence)
            .cloned()
    })
    .await;
    scene.proxy.release();
}

async fn assert_busy(store: &FirestoreStore, request: &ClaimRequest) {
    let answer = claim(store, request).await;
    assert!(matches!(answer, Claim::Busy { .. }), "{answer:?}");
}

#[tokio::test]
async fn its_process_claims_the_event_again_at_once_and_nobody_else_does() {
    // The answer is late; nobody waits for it.
    for request_timeout in [SOON, 100 * SOON] {
        let scene = scene(request_timeout).await;
        let request = request("purchase:unheard", "first");
        claim_unheard(&scene, &request, 1).await;
        assert_busy(&scene.other, &request).await;
        let lease = granted(&scene.store, &request).await;
        assert_eq!(lease.fence, 2);
        // This claim was heard: whoever comes now is told to wait, as by any other.
        assert_busy(&scene.store, &request).await;
        assert_busy(&scene.other, &request).await;
        let done = advance(&scene.store, &lease, changes(&request, &DONE), None).await;
        done.expect("the lease holds");
        assert_eq!(claim(&scene.other, &request).await, Claim::Settled);
    }
}

#[tokio::test]
async fn an_abandoned_call_is_still_told_of_after_an_unheard_takeover() {
    let scene = scene(SOON).await;
    let early = request("purchase:sending", "other");
    let lease = granted(&scene.other, &early).await;
    let sending = changes(&early, &EffectState::Sending);
    let written = advance(&scene.other, &lease, sending, Some(lease.until)).await;
    written.expect("the lease holds");

    let mut late = request("purchase:sending", "first");
    late.now = NOW.plus(LEASE + GRACE);
    claim_unheard(&scene, &late, 2).await;
    match claim(&scene.store, &late).await {
        Claim::Granted { work, .. } => {
            assert_eq!(work.len(), 2);
            assert!(work.iter().all(|work| work.abandoned_while_sending));
        }
        other => panic!("expected a grant, got {other:?}"),
    }
}

#[tokio::test]
async fn what_was_written_unheard_under_a_lease_is_written_once() {
    let scene = scene(SOON).await;
    let request = request("purchase:twice", "first");
    let lease = granted(&scene.store, &request).await;
    scene.proxy.hold_back();
    let unheard = advance(
        &scene.store,
        &lease,
        changes(&request, &DONE),
        Some(lease.until),
    )
    .await;
    unheard.expect_err("no answer");
    scene.proxy.release();
    let again = advance(&scene.store, &lease, changes(&request, &DONE), None).await;
    again.expect("the lease holds");
    let record = record(&scene.other, "purchase:twice").await;
    assert_eq!((record.fence, record.lease), (1, None));
}

/// A call was made that must not be made again: one lost answer must not leave its outcome in doubt.
#[tokio::test]
async fn what_became_of_an_event_is_written_again_where_nobody_knows_whether_it_was() {
    let request_timeout = 2 * SOON;
    let scene = scene(request_timeout).await;
    let request = request("purchase:again", "first");
    let lease = granted(&scene.store, &request).await;
    scene.proxy.hold_back();
    let done = changes(&request, &DONE);
    let mut advancing = std::pin::pin!(advance(&scene.store, &lease, done, None));
    let given_up = tokio::time::timeout(request_timeout + SOON / 2, &mut advancing).await;
    assert!(given_up.is_err(), "after one answer: {given_up:?}");
    scene.proxy.release();
    advancing.await.expect("the lease holds");
    let record = record(&scene.other, "purchase:again").await;
    assert!(record.effects.values().all(|effect| effect.state == DONE));
    assert_eq!((record.fence, record.lease), (1, None));
}
