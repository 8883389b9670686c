//! Readers beside writers: what they read, and what they notice.

use google::firestore::FirestoreStore;
use store::tallies::{Range, Resolution, Sums, Tallied, Tallies};

use crate::shop::{
    add, assert_exact, empty, fields_of, minute, purchase, range, settings, sums, two_stores, view,
};

/// Several answers of a page are asked for at once; the document of all time is read once or twice for all of them.
#[tokio::test]
async fn readers_at_the_same_time_share_what_is_read() {
    let [writer, reader] = two_stores();
    let events: Vec<_> = (0..60)
        .map(|number| view(&number.to_string(), minute(number), &["mug", "lid"]))
        .collect();
    add(&writer, &events).await;
    let asking = (0..60).map(|number| reader.sums(range(Resolution::Minute, number, number + 1)));
    let answers = futures_util::future::join_all(asking).await;
    for answer in answers {
        assert_eq!(answer.expect("the store answers").items.len(), 2);
    }
    let cold = reader.documents_read();
    // An hour, a day, at most two shards for each of 60 minutes, two items, and the document of all time.
    assert!(cold <= 60 * 2 + 12, "{cold} documents");
    let asking = (0..60).map(|number| reader.sums(range(Resolution::Minute, number, number + 1)));
    futures_util::future::join_all(asking).await;
    let warm = reader.documents_read() - cold;
    assert!(warm <= 2, "{warm} documents");
}

#[tokio::test]
async fn an_item_that_was_read_is_read_again_only_when_it_was_written() {
    let [writer, reader] = two_stores();
    let mut events = vec![purchase("A", minute(0), &["mug", "lid", "box"])];
    add(&writer, &events).await;
    assert_exact(&reader, &events, "cold").await;
    for number in 0..10 {
        // Late ones too: what an item is called changes although nothing of its range does.
        let event = view(&number.to_string(), minute(number * -200), &["lid"]);
        add(&writer, std::slice::from_ref(&event)).await;
        events.push(event);
        let before = reader.documents_read();
        assert_exact(&reader, &events, "warm").await;
        let read = reader.documents_read() - before;
        assert!(read <= 10, "{read} documents for one item");
    }
}

/// Google's emulator is emptied between runs, and an operator may empty a database to begin anew.
#[tokio::test]
async fn a_database_that_was_emptied_begins_anew() {
    let settings = settings();
    let [one, other] = [(); 2].map(|()| FirestoreStore::new(settings.clone()));
    let events: Vec<_> = (0..9)
        .map(|number| purchase(&number.to_string(), minute(number), &["mug", "lid"]))
        .collect();
    for event in &events {
        add(&one, std::slice::from_ref(event)).await;
    }
    assert_exact(&one, &events, "before").await;
    assert_exact(&other, &events, "before").await;
    empty(&settings.project).await;
    assert_eq!(sums(&one, Range::all_time()).await, Sums::default());
    assert_eq!(sums(&other, Range::all_time()).await, Sums::default());
    let outcomes = add(&one, &events[..2]).await;
    assert_eq!(outcomes, [Tallied::Added; 2], "its memory is emptied too");
    assert_exact(&one, &events[..2], "after").await;
    assert_exact(&other, &events[..2], "after").await;
}

/// An instance that only writes finds out by what its commits answer.
#[tokio::test]
async fn a_writer_notices_that_the_database_was_emptied() {
    let settings = settings();
    let store = FirestoreStore::new(settings.clone());
    let events: Vec<_> = (0..4)
        .map(|number| purchase(&number.to_string(), minute(number), &["mug"]))
        .collect();
    add(&store, &events[..1]).await;
    add(&store, &events[1..2]).await;
    empty(&settings.project).await;
    add(&store, &events[2..3]).await;
    add(&store, &events[3..]).await;
    let again = add(&store, &events[..1]).await;
    assert_eq!(again, [Tallied::Added]);
    let all = sums(&store, Range::all_time()).await;
    assert_eq!(all.totals.orders.orders, 3);
}

#[tokio::test]
async fn what_one_instance_forgets_is_gone_for_the_other() {
    let [one, other] = two_stores();
    let events = [
        view("early", minute(0), &["mug"]),
        view("late", minute(30), &["mug", "lid"]),
    ];
    add(&one, &events).await;
    let minutes = range(Resolution::Minute, -60, 600);
    assert_eq!(sums(&other, minutes).await.items.len(), 2);
    one.purge(minute(3 * 60 + 10)).await.expect("purged");
    for store in [&one, &other] {
        let left = sums(store, minutes).await;
        let views: Vec<i64> = left.totals.items.events.into_values().collect();
        assert_eq!(views, [1]);
        let series = store.series(minutes, Some("mug")).await;
        assert_eq!(series.expect("the store answers").len(), 1);
    }
    one.purge(minute(9 * 24 * 60)).await.expect("purged");
    for store in [&one, &other] {
        assert_eq!(sums(store, minutes).await, Sums::default());
        assert_eq!(sums(store, Range::all_time()).await.items.len(), 2);
    }
}

/// Or the one document that every reader reads would grow for ever.
#[tokio::test]
async fn hours_and_days_that_are_long_past_are_no_longer_looked_at() {
    const DAY: i64 = 24 * 60;
    let settings = settings();
    let store = FirestoreStore::new(settings.clone());
    let written = async || {
        let all_time = fields_of(&settings.project, "totals/all_time").await;
        let all_time = all_time.expect("a document");
        let written = all_time["written"]["mapValue"]["fields"].clone();
        let written = written.as_object().expect("counters").clone();
        written.into_iter().map(|(key, _)| key).collect::<Vec<_>>()
    };
    let (first_hour, first_day) = ("h490017", "d20417");
    add(&store, &[view("first", minute(0), &["mug"])]).await;
    assert_eq!(written().await, [first_day, first_hour]);
    for (days, known) in [(12, true), (13, false)] {
        let event = view(&days.to_string(), minute(days * DAY), &["mug"]);
        add(&store, &[event]).await;
        let written = written().await;
        assert_eq!(written.iter().any(|key| key == first_hour), known, "{days}");
        assert!(written.iter().any(|key| key == first_day), "{days}");
    }
    add(&store, &[view("last", minute(21 * DAY), &["mug"])]).await;
    assert!(!written().await.iter().any(|key| key == first_day));
    let all = sums(&store, Range::all_time()).await;
    let views: Vec<i64> = all.totals.items.events.into_values().collect();
    assert_eq!(views, [4], "of all time everything stays");
}
