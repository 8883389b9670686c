//! Firestore is gone for a while.

use std::time::Duration;

use google::firestore::{FirestoreSettings, FirestoreStore};
use store::{
    DeadLetterFilter, DeadLetters, DestinationReports, EventQuery, Ledger, StoreUnavailable,
};
use testing::{Proxy, eventually, firestore_emulator};

use crate::slow_proxy::SlowProxy;
use crate::support::{DONE, NOW, advance, changes, granted, letter, request, settings};

/// For all that is asked during an outage: many times the longest time of one request.
const BOUND: Duration = Duration::from_secs(10);

fn store_at(address: String) -> FirestoreStore {
    FirestoreStore::new(FirestoreSettings {
        emulator_host: Some(address),
        request_timeout: Duration::from_millis(400),
        ..settings()
    })
}

/// Everything fails, and says so in time.
async fn assert_unavailable(store: &FirestoreStore) {
    let asking = async {
        let query = EventQuery::EventId("evt_1".into());
        let failures = [
            store.ready().await.err(),
            store.claim(request("purchase:new", "first")).await.err(),
            store.find(&query).await.err(),
            store.bury(letter("new", "{}")).await.err(),
            store.list(&DeadLetterFilter::default()).await.err(),
            store.get("new").await.err(),
            store.mark_replayed("new", NOW).await.err(),
            store.reports().await.err(),
            Ledger::purge(store, NOW).await.err(),
        ];
        for (number, failure) in failures.into_iter().enumerate() {
            let failure: Option<StoreUnavailable> = failure;
            assert!(failure.is_some(), "question {number} was answered");
        }
    };
    let asked = tokio::time::timeout(BOUND, asking).await;
    asked.expect("errors come in time");
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
