//! Several instances write the same documents, and production lets only one of them at a time.

use std::time::Duration;

use firestore::gcloud_sdk::tonic::Code;
use google::firestore::{FirestoreSettings, FirestoreStore};
use store::tallies::{Tallied, Tallies, TallyError};
use testing::{eventually, firestore_emulator};

use crate::grpc_proxy::{CONTENTION, GrpcProxy, refused};
use crate::shop::{add, assert_exact, minute, purchase, refund, settings};
use crate::statuses::{LONG, Scene, scene, views};

#[tokio::test]
async fn a_commit_that_lost_a_lock_is_made_again_and_counts_once() {
    let Scene {
        proxy,
        store,
        other,
    } = scene(LONG).await;
    let events = views("contended", 10);
    for (lost, batch) in [1, 4].into_iter().zip(events.chunks(5)) {
        proxy.calls();
        for _ in 0..lost {
            proxy.next("Commit", refused(Code::Aborted, CONTENTION));
        }
        assert_eq!(add(&store, batch).await, [Tallied::Added; 5]);
        assert_eq!(proxy.count("Commit"), lost + 1);
    }
    assert_exact(&other, &events, "contended").await;
}

/// Whoever had the lock has counted the same events.
#[tokio::test]
async fn a_lock_that_was_lost_to_the_same_events_leaves_them_counted_once() {
    let Scene {
        proxy,
        store,
        other,
    } = scene(LONG).await;
    let events = [
        purchase("A", minute(0), &["mug"]),
        refund("A", minute(1), "A"),
        purchase("B", minute(1), &["mug"]),
    ];
    add(&other, &events[..2]).await;
    for _ in 0..2 {
        proxy.next("Commit", refused(Code::Aborted, CONTENTION));
    }
    let outcomes = add(&store, &events).await;
    let expected = [Tallied::Known, Tallied::Known, Tallied::Added];
    assert_eq!(outcomes, expected);
    assert_eq!(
        proxy.count("Commit"),
        4,
        "two lost, one refused, one written"
    );
    for store in [&store, &other] {
        assert_exact(store, &events, "both").await;
    }
}

/// Two instances, one popular item, every message twice, and a lock that only one of them has.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn instances_that_take_each_others_locks_count_each_event_once() {
    let settings = settings();
    let proxy = GrpcProxy::start(firestore_emulator()).await;
    let behind = FirestoreSettings {
        emulator_host: Some(proxy.address()),
        ..settings.clone()
    };
    proxy.contend();
    let events = views("storm", 400);
    let offering = [0, 1].map(|first| {
        let store = FirestoreStore::new(behind.clone());
        let mut offered = events.clone();
        offered.rotate_left(first * 100);
        tokio::spawn(async move {
            for batch in offered.chunks(10) {
                while let Err(error) = store.tally(batch).await {
                    assert!(matches!(error, TallyError::Unavailable(_)), "{error}");
                }
            }
        })
    });
    for offering in offering {
        offering.await.expect("no panic");
    }
    assert!(proxy.lost_locks() > 0);
    assert_exact(&FirestoreStore::new(settings), &events, "the storm").await;
}

#[tokio::test]
async fn contention_that_does_not_end_is_told_in_time_and_counts_nothing() {
    // There is time for all tries, and for a few.
    for (request_timeout, most) in [(LONG, 5), (Duration::from_millis(140), 4)] {
        let Scene {
            proxy,
            store,
            other,
        } = scene(request_timeout).await;
        let events = views("contended", 5);
        // On a busy machine the little time may be over before the first try.
        let tries = eventually("a try", async || {
            for _ in 0..5 {
                proxy.next("Commit", refused(Code::Aborted, CONTENTION));
            }
            proxy.calls();
            let unavailable = store.tally(&events).await;
            assert!(
                matches!(unavailable, Err(TallyError::Unavailable(_))),
                "{unavailable:?}"
            );
            let tries = proxy.count("Commit");
            (tries > 0).then_some(tries)
        });
        let tries = tries.await;
        assert!(tries <= most, "{tries} tries");
        assert_exact(&other, &[], "nothing").await;
    }
}

/// Its markers are looked up each time, and are not there.
#[tokio::test]
async fn a_batch_that_is_said_to_be_there_and_is_not_is_given_up_after_three_rounds() {
    let Scene {
        proxy,
        store,
        other,
    } = scene(LONG).await;
    let events = views("said to be there", 5);
    proxy.calls();
    for _ in 0..4 {
        let exists = refused(Code::AlreadyExists, "Document already exists: it");
        proxy.next("Commit", exists);
    }
    let given_up = store.tally(&events).await;
    assert!(
        matches!(given_up, Err(TallyError::Unavailable(_))),
        "{given_up:?}"
    );
    assert_eq!(proxy.count("Commit"), 4);
    assert_exact(&other, &[], "nothing").await;
    assert_eq!(add(&store, &events).await, [Tallied::Added; 5]);
}
