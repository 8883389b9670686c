//! The connection breaks in the middle of commits: nobody knows whether they were written.

use std::sync::Arc;
use std::time::Duration;

use google::firestore::{FirestoreSettings, FirestoreStore};
use store::tallies::{Tallied, Tallies, Tally, TallyError};
use testing::{Proxy, firestore_emulator};

use crate::shop::{add, assert_exact, minute, purchase, settings, view};
use crate::slow_proxy::SlowProxy;

fn batches() -> Vec<Vec<Tally>> {
    let event = |number: i64| {
        let (name, at) = (number.to_string(), minute(number % 9));
        match number % 2 {
            0 => purchase(&name, at, &["mug", "lid"]),
            _ => view(&name, at, &["mug"]),
        }
    };
    let events: Vec<_> = (0..600).map(event).collect();
    events.chunks(20).map(<[Tally]>::to_vec).collect()
}

/// Cuts at many moments, each while a commit is on its way; every batch is offered until it is answered.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn batches_of_unknown_outcome_are_offered_again_and_count_once() {
    let proxy = Arc::new(Proxy::start(&firestore_emulator()).await);
    let settings = FirestoreSettings {
        emulator_host: Some(proxy.address()),
        request_timeout: Duration::from_secs(2),
        ..settings()
    };
    let store = FirestoreStore::new(settings);
    let batches = batches();
    let mut unknown = 0;
    for (number, batch) in batches.iter().enumerate() {
        let cutting = async {
            // From before the request is out until after it is answered.
            for _ in 0..number * 40 {
                tokio::task::yield_now().await;
            }
            proxy.cut();
        };
        let (answer, ()) = tokio::join!(store.tally(batch), cutting);
        proxy.restore();
        match answer {
            Ok(_) => {}
            Err(TallyError::Unavailable(_)) => unknown += 1,
            Err(refused) => panic!("{refused}"),
        }
        while let Err(error) = store.tally(batch).await {
            assert!(matches!(error, TallyError::Unavailable(_)), "{error}");
        }
    }
    assert!(unknown > 0, "no cut came in time");
    assert_exact(&store, &batches.concat(), "after the cuts").await;
}

/// The commit is written, and its answer never comes.
#[tokio::test]
async fn a_commit_whose_answer_is_lost_is_known_when_it_comes_again() {
    let direct = settings();
    let proxy = SlowProxy::start(firestore_emulator()).await;
    let store = FirestoreStore::new(FirestoreSettings {
        emulator_host: Some(proxy.address()),
        request_timeout: Duration::from_millis(500),
        ..direct.clone()
    });
    let batches = batches();
    add(&store, &batches[0]).await;
    for (number, batch) in batches[1..4].iter().enumerate() {
        proxy.hold_back_after("/documents/markers/");
        let unknown = store.tally(batch).await;
        assert!(
            matches!(unknown, Err(TallyError::Unavailable(_))),
            "{unknown:?}"
        );
        // Its answer may be on the way still; all later ones are held back too.
        proxy.hold_back();
        let still = store.tally(batch).await;
        assert!(
            matches!(still, Err(TallyError::Unavailable(_))),
            "{still:?}"
        );
        proxy.release();
        let again = add(&store, batch).await;
        assert_eq!(again, vec![Tallied::Known; batch.len()], "{number}");
        assert_exact(&store, &batches[..number + 2].concat(), "here").await;
    }
    let other = FirestoreStore::new(direct);
    add(&other, &batches[4]).await;
    add(&store, &batches[5]).await;
    assert_exact(&other, &batches[..6].concat(), "elsewhere").await;
}

/// What a call that was given up has left behind is not taken for true.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_that_nobody_waits_for_any_more_counts_once() {
    let store = FirestoreStore::new(settings());
    let batches = batches();
    for (number, batch) in batches.iter().enumerate() {
        let giving_up = async {
            for _ in 0..number * 20 {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            answer = store.tally(batch) => drop(answer.expect("the store answers")),
            () = giving_up => {}
        }
        store.tally(batch).await.expect("the store answers");
    }
    assert_exact(&store, &batches.concat(), "after giving up").await;
}
