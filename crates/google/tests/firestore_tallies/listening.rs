//! Waiting for changes.

use std::sync::Arc;
use std::time::Duration;

use google::firestore::{FirestoreSettings, FirestoreStore};
use store::tallies::{Range, Tallies};
use testing::{PATIENCE, Proxy, firestore_emulator};
use tokio::time::timeout;

use crate::shop::{add, assert_exact, minute, settings, two_stores, view};

async fn version(store: &FirestoreStore) -> u64 {
    store.version().await.expect("the store answers")
}

/// Until the stream is there; before that nothing may be heard.
async fn changed(store: &FirestoreStore, seen: u64) -> u64 {
    let changed = timeout(PATIENCE, store.changed(seen)).await;
    changed.expect("in time").expect("the store answers")
}

#[tokio::test]
async fn what_another_instance_adds_is_heard_of() {
    let [writer, reader] = two_stores();
    let mut events = Vec::new();
    let mut seen = version(&reader).await;
    assert_eq!(seen, 0);
    for number in 0..5 {
        let event = view(&number.to_string(), minute(number), &["mug"]);
        let (told, _) = tokio::join!(
            changed(&reader, seen),
            add(&writer, std::slice::from_ref(&event))
        );
        events.push(event);
        assert!(told > seen, "{seen} then {told}");
        seen = told;
        assert_exact(&reader, &events, "what was told of").await;
    }
    assert_eq!(version(&reader).await, version(&writer).await);
}

/// A page is drawn for every change; it must not read what did not change.
#[tokio::test]
async fn a_page_that_follows_reads_little() {
    let [writer, reader] = two_stores();
    let items: Vec<String> = (0..200).map(|number| format!("item {number}")).collect();
    let items: Vec<&str> = items.iter().map(String::as_str).collect();
    let mut events: Vec<_> = (-100..=0)
        .map(|at| view(&at.to_string(), minute(at), &items))
        .collect();
    add(&writer, &events[..50]).await;
    add(&writer, &events[50..]).await;
    let mut seen = changed(&reader, 0).await;
    assert_exact(&reader, &events, "the first picture").await;
    let before = reader.documents_read();
    const CHANGES: u64 = 20;
    for number in 0..CHANGES {
        let event = view(&format!("next {number}"), minute(1), &items[..2]);
        add(&writer, std::slice::from_ref(&event)).await;
        events.push(event);
        seen = changed(&reader, seen).await;
        for range in crate::shop::ranges() {
            reader.sums(range).await.expect("the store answers");
        }
    }
    let read = reader.documents_read() - before;
    // The document of all time, an hour and a day, at most two shards of each, the two items.
    assert!(
        read <= CHANGES * 10,
        "{read} documents for {CHANGES} changes"
    );
    assert_exact(&reader, &events, "at the end").await;
    let before = reader.documents_read();
    assert_exact(&reader, &events, "unchanged").await;
    assert_eq!(reader.documents_read(), before, "nothing changed");
}

#[tokio::test]
async fn a_stream_that_is_cut_is_told_of_and_comes_back() {
    let proxy = Proxy::start(&firestore_emulator()).await;
    let direct = settings();
    let behind = FirestoreSettings {
        emulator_host: Some(proxy.address()),
        request_timeout: Duration::from_secs(2),
        ..direct.clone()
    };
    let (writer, reader) = (
        FirestoreStore::new(direct),
        Arc::new(FirestoreStore::new(behind)),
    );
    let first = view("1", minute(0), &["mug"]);
    add(&writer, std::slice::from_ref(&first)).await;
    let seen = changed(&reader, 0).await;

    let waiting = tokio::spawn({
        let reader = Arc::clone(&reader);
        async move { reader.changed(seen).await }
    });
    proxy.cut();
    let cut = timeout(PATIENCE, waiting).await.expect("in time");
    let cut = cut.expect("no panic").expect_err("the stream is cut");
    assert!(
        cut.reason.contains("changes are not heard of"),
        "{}",
        cut.reason
    );
    let at_once = timeout(Duration::from_secs(1), reader.changed(seen)).await;
    assert!(at_once.expect("at once").is_err(), "still cut");
    assert!(reader.sums(Range::all_time()).await.is_err());

    let second = view("2", minute(1), &["mug"]);
    add(&writer, std::slice::from_ref(&second)).await;
    proxy.restore();
    // It comes back by itself, and knows what was missed.
    let told = timeout(PATIENCE, async {
        loop {
            match reader.changed(seen).await {
                Ok(version) => return version,
                Err(_) => tokio::task::yield_now().await,
            }
        }
    });
    assert!(told.await.expect("in time") > seen);
    assert_exact(reader.as_ref(), &[first, second], "after the cut").await;
}
