//! What the ledger costs in reads, which Google counts one by one. Runs against Google's emulator.

use std::time::Duration;

use events::Timestamp;
use store::{
    Advance, Change, Claim, ClaimRequest, EffectState, EventReference, Lease, Ledger,
    RequestedEffect,
};
use testing::{firestore_emulator, unique_project};

use crate::firestore::{FirestoreSettings, FirestoreStore};

const NOW: Timestamp = Timestamp::from_millis(1_764_060_000_000);
const SECOND: Duration = Duration::from_secs(1);
const DONE: EffectState = EffectState::Done { at: NOW };

fn store() -> FirestoreStore {
    FirestoreStore::new(FirestoreSettings {
        emulator_host: Some(firestore_emulator()),
        ..FirestoreSettings::new(unique_project())
    })
}

fn request() -> ClaimRequest {
    ClaimRequest {
        event: EventReference {
            identity: "purchase:ORD-1".into(),
            content_hash: "content".into(),
            event_id: None,
            event_type: None,
            received: NOW,
        },
        destination: "loyalty".into(),
        effects: vec![RequestedEffect {
            key: "effect".into(),
            route: "route".into(),
            element: None,
        }],
        owner: "first".into(),
        now: NOW,
        lease: SECOND,
        grace: SECOND,
        expires: NOW.plus(60 * SECOND),
    }
}

async fn claimed(store: &FirestoreStore) -> Lease {
    match store.claim(request()).await.expect("the store answers") {
        Claim::Granted { lease, .. } => lease,
        other => panic!("expected a grant, got {other:?}"),
    }
}

async fn advance(store: &FirestoreStore, lease: &Lease, state: EffectState, prolonged: bool) {
    let change = Change {
        key: "effect".into(),
        state,
        attempt: None,
    };
    let step = Advance {
        lease: lease.clone(),
        changes: vec![change],
        until: prolonged.then(|| lease.until.plus(SECOND)),
    };
    store.advance(step).await.expect("the lease holds");
}

#[tokio::test]
async fn an_event_that_is_new_is_worked_without_a_read() {
    let store = store();
    let lease = claimed(&store).await;
    advance(&store, &lease, EffectState::Sending, true).await;
    let retry = EffectState::Retry { not_before: NOW };
    advance(&store, &lease, retry, false).await;
    assert_eq!(store.client.documents_read(), 0);
    // It comes again: one read finds out where it stands.
    let lease = claimed(&store).await;
    advance(&store, &lease, DONE, false).await;
    assert_eq!(store.client.documents_read(), 1);
    let settled = store.claim(request()).await.expect("the store answers");
    assert_eq!(settled, Claim::Settled);
    assert_eq!(store.client.documents_read(), 2);
}

#[tokio::test]
async fn what_was_forgotten_of_a_lease_is_read_again() {
    let store = store();
    let lease = claimed(&store).await;
    let id = super::document::id("purchase:ORD-1", "loyalty");
    assert!(store.held_records.take(&id, lease.fence).is_some());
    advance(&store, &lease, EffectState::Sending, true).await;
    assert_eq!(store.client.documents_read(), 1);
    assert!(
        store.held_records.take(&id, lease.fence + 1).is_none(),
        "that lease is another's"
    );
    advance(&store, &lease, DONE, false).await;
    assert_eq!(store.client.documents_read(), 2);
    assert!(
        store.held_records.take(&id, lease.fence).is_none(),
        "given up"
    );
}
