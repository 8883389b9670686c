//! What a page costs in reads, which Google counts one by one.

use std::sync::Arc;
use std::time::Duration;

use google::firestore::FirestoreStore;
use store::tallies::{Range, Resolution, Tallies, Tally};
use testing::PATIENCE;
use tokio::time::timeout;

use crate::shop::{add, minute, range, settings, two_stores, view};

const ITEMS: usize = 2_000;
/// Minutes that a page shows, and as many before.
const WINDOW: i64 = 30;
const CHANGES: u64 = 15;
/// Items that were written by each commit.
const WRITTEN: usize = 40;

async fn changed(store: &FirestoreStore, seen: u64) -> u64 {
    let changed = timeout(PATIENCE, store.changed(seen)).await;
    changed.expect("in time").expect("the store answers")
}

/// All that a page of half an hour asks for: the window, the one before, the curve, and each minute of each item.
async fn look(store: &FirestoreStore) {
    let minutes = |from, to| range(Resolution::Minute, from, to);
    let window = minutes(1 - WINDOW, 1);
    let mut ranges: Vec<Range> = (1 - WINDOW..1)
        .map(|from| minutes(from, from + 1))
        .collect();
    ranges.extend([window, minutes(1 - 2 * WINDOW, 1 - WINDOW)]);
    for range in ranges {
        store.sums(range).await.expect("the store answers");
    }
    let curve = store.series(window, None).await;
    curve.expect("the store answers");
}

/// Half an hour in which each item was looked at once.
async fn half_an_hour(writer: &FirestoreStore, items: &[&str]) {
    let a_minute = items.len().div_ceil(WINDOW as usize);
    let events: Vec<Tally> = items
        .chunks(a_minute)
        .zip(1 - WINDOW..)
        .map(|(items, at)| view(&at.to_string(), minute(at), items))
        .collect();
    for batch in events.chunks(5) {
        add(writer, batch).await;
    }
}

fn names() -> Vec<String> {
    (0..ITEMS).map(|number| format!("item {number}")).collect()
}

/// With a commit a second, 3,600 times this an hour, whatever the shop has of items and the page of readers.
#[tokio::test]
async fn a_page_over_2000_items_reads_what_each_commit_wrote_and_eleven_more() {
    let [writer, reader] = two_stores();
    let names = names();
    let items: Vec<&str> = names.iter().map(String::as_str).collect();
    half_an_hour(&writer, &items).await;
    let mut seen = changed(&reader, 0).await;
    look(&reader).await;
    let opening = reader.documents_read();
    // The items, four shards a minute, and a few hours and days.
    let expected = ITEMS as u64 + 4 * WINDOW as u64;
    assert!(
        (ITEMS as u64..=expected + 20).contains(&opening),
        "{opening} documents to open"
    );
    let mut before = opening;
    for number in 0..=CHANGES {
        let from = 100 * usize::try_from(number).expect("few");
        let events: Vec<Tally> = items[from..from + WRITTEN]
            .iter()
            .map(|item| view(&format!("{number} {item}"), minute(0), &[item]))
            .collect();
        add(&writer, &events).await;
        seen = changed(&reader, seen).await;
        look(&reader).await;
        if number == 0 {
            // What a quarter's shard held was not known, so that all of its items were read again.
            before = reader.documents_read();
        }
    }
    let read = reader.documents_read() - before;
    // The document of all time, an hour, a day, four shards of the minute and four of the quarter; and the items.
    let expected = CHANGES * (11 + WRITTEN as u64);
    assert!(
        (expected - 2..=expected + 2).contains(&read),
        "{read} documents for {CHANGES} commits, not {expected}"
    );
    let before = reader.documents_read();
    look(&reader).await;
    assert_eq!(reader.documents_read(), before, "nothing changed");
}

async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

#[tokio::test]
async fn a_quiet_shop_costs_a_read_a_minute_and_nobody_looking_costs_none() {
    let settings = settings();
    let [writer, reader, witness] =
        [(); 3].map(|()| Arc::new(FirestoreStore::new(settings.clone())));
    let event = |name: &str| view(name, minute(0), &["mug"]);
    add(writer.as_ref(), &[event("first")]).await;
    let seen = changed(&reader, 0).await;
    look(&reader).await;
    let following = tokio::spawn({
        let reader = Arc::clone(&reader);
        async move { reader.changed(seen).await }
    });
    tokio::task::yield_now().await;
    let before = reader.documents_read();
    for minutes in 1..=3 {
        pass(Duration::from_secs(61)).await;
        testing::eventually("a look at a silent stream", async || {
            (reader.documents_read() == before + minutes).then_some(())
        })
        .await;
    }

    following.abort();
    let gone = following.await.expect_err("nobody follows any more");
    assert!(gone.is_cancelled());
    // So long the stream is kept for whoever comes back.
    pass(Duration::from_secs(31)).await;
    tokio::task::yield_now().await;
    let before = reader.documents_read();
    let mut heard = 0;
    for number in 0..5 {
        add(writer.as_ref(), &[event(&number.to_string())]).await;
        heard = changed(&witness, heard).await;
    }
    assert_eq!(reader.documents_read(), before, "nobody looks");
}
