//! Firestore is gone for a while.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};
use google::firestore::{FirestoreSettings, FirestoreStore};
use store::{
    DeadLetterFilter, DeadLetters, DestinationReports, EventQuery, Ledger, StoreUnavailable,
};
use testing::{Proxy, eventually, firestore_emulator};

use crate::slow_proxy::SlowProxy;
use crate::support::{DONE, NOW, advance, changes, granted, letter, request, settings};

/// Many times the longest time of one request.
const BOUND: Duration = Duration::from_secs(10);

fn store_at(address: String) -> FirestoreStore {
    FirestoreStore::new(FirestoreSettings {
        emulator_host: Some(address),
        request_timeout: Duration::from_secs(1),
        ..settings()
    })
}

/// A service's readiness is mostly asked first, by a worker of its server; what is written down last is not.
#[test]
fn a_connection_outlives_the_worker_that_asked_first() {
    let runtime = || {
        tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
    };
    let home = runtime().expect("a runtime");
    let store = Arc::new(home.block_on(async { FirestoreStore::new(settings()) }));
    let asked = Arc::clone(&store);
    let worker = std::thread::spawn(move || {
        let worker = runtime().expect("a runtime");
        worker.block_on(asked.ready())
    });
    worker
        .join()
        .expect("no panic")
        .expect("the emulator answers");
    home.block_on(store.ready())
        .expect("the store still answers");
}

/// Everything fails, and says so in time.
async fn assert_unavailable(store: &FirestoreStore) {
    let asking = async {
        let query = EventQuery::EventId("evt_1".into());
        let filter = DeadLetterFilter::default();
        let questions: [BoxFuture<'_, Option<StoreUnavailable>>; 9] = [
            store.ready().map(Result::err).boxed(),
            store
                .claim(request("purchase:new", "first"))
                .map(Result::err)
                .boxed(),
            store.find(&query).map(Result::err).boxed(),
            store.bury(letter("new", "{}")).map(Result::err).boxed(),
            store.list(&filter).map(Result::err).boxed(),
            store.get("new").map(Result::err).boxed(),
            store.mark_replayed("new", NOW).map(Result::err).boxed(),
            store.reports().map(Result::err).boxed(),
            Ledger::purge(store, NOW).map(Result::err).boxed(),
        ];
        join_all(questions).await
    };
    let asked = tokio::time::timeout(BOUND, asking).await;
    let failures = asked.expect("errors come in time");
    for (number, failure) in failures.into_iter().enumerate() {
        assert!(failure.is_some(), "question {number} was answered");
    }
}

async fn assert_available(store: &FirestoreStore) {
    eventually("the store", async || store.ready().await.ok()).await;
    let request = request("purchase:after", "first");
    let lease = granted(store, &request).await;
    let done = advance(store, &lease, changes(&request, &DONE), None).await;
    done.expect("the lease holds");
    assert!(store.bury(letter("after", "{}")).await.expect("kept"));
}

#[tokio::test]
async fn a_cut_connection_is_an_error_in_time_and_heals_by_itself() {
    let proxy = Proxy::start(&firestore_emulator()).await;
    let store = store_at(proxy.address());
    let request = request("purchase:cut", "first");
    let lease = granted(&store, &request).await;
    for _ in 0..2 {
        proxy.cut();
        assert_unavailable(&store).await;
        let lost = advance(&store, &lease, changes(&request, &DONE), None).await;
        lost.expect_err("nobody answers");
        proxy.restore();
        eventually("the store", async || store.ready().await.ok()).await;
    }
    let done = advance(&store, &lease, changes(&request, &DONE), None).await;
    done.expect("the lease holds");
    assert_available(&store).await;
}

#[tokio::test]
async fn a_store_can_be_made_before_its_database_is_there() {
    let proxy = Proxy::start(&firestore_emulator()).await;
    proxy.cut();
    let store = store_at(proxy.address());
    assert_unavailable(&store).await;
    proxy.restore();
    assert_available(&store).await;
}

#[tokio::test]
async fn a_server_that_says_nothing_is_an_error_in_time() {
    let proxy = SlowProxy::start(firestore_emulator()).await;
    let store = store_at(proxy.address());
    store.ready().await.expect("it answers");
    proxy.hold_back();
    assert_unavailable(&store).await;
    proxy.release();
    assert_available(&store).await;
}
