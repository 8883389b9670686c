//! Large batches, large items, full documents, full numbers.

use std::time::Duration;

use google::firestore::{FirestoreSettings, FirestoreStore};
use sha2::{Digest, Sha256};
use store::tallies::{Tallies, Tally, TallyError};

use crate::shop::{
    add, assert_exact, euros, fields_of, minute, purchase, put, refund, refund_of_items, settings,
    unique_store, view,
};

/// As the counter does: what is too large is halved.
async fn add_halving(store: &FirestoreStore, batch: &[Tally]) {
    let mut parts = vec![batch];
    while let Some(part) = parts.pop() {
        match store.tally(part).await {
            Ok(_) => {}
            Err(TallyError::TooLarge { reason }) if part.len() > 1 => {
                assert!(!reason.is_empty());
                let (first, second) = part.split_at(part.len() / 2);
                parts.extend([second, first]);
            }
            Err(error) => panic!("{} events: {error}", part.len()),
        }
    }
}

fn items(count: usize) -> Vec<String> {
    (0..count)
        .map(|number| format!("SKU-{number}/a.b"))
        .collect()
}

fn texts(items: &[String]) -> Vec<&str> {
    items.iter().map(String::as_str).collect()
}

#[tokio::test]
async fn an_event_of_500_items_is_added_and_refunded_whole() {
    let store = unique_store();
    let items = items(500);
    let events = [
        purchase("A", minute(0), &texts(&items)),
        refund("A", minute(1), "A"),
        refund_of_items("A-1", minute(2), "A", &texts(&items[..400])),
        refund("A-earlier", minute(0), "A"),
    ];
    for event in &events {
        add(store.as_ref(), std::slice::from_ref(event)).await;
    }
    assert_exact(store.as_ref(), &events, "500 items").await;
}

#[tokio::test]
async fn items_that_all_fall_in_one_shard_are_spread_wider() {
    let store = unique_store();
    let falls_in_first = |item: &String| {
        let digest = Sha256::digest(item.as_str());
        digest[7] % 16 == 0
    };
    let items: Vec<String> = items(6_000).into_iter().filter(falls_in_first).collect();
    assert!(items.len() > 250);
    let events = [
        purchase("A", minute(0), &texts(&items)),
        view("1", minute(0), &texts(&items[..50])),
    ];
    for event in &events {
        add(store.as_ref(), std::slice::from_ref(event)).await;
    }
    assert_exact(store.as_ref(), &events, "one shard").await;
    let series = store.series(crate::shop::ranges()[1], Some(items[0].as_str()));
    assert_eq!(series.await.expect("the store answers").len(), 1);
}

#[tokio::test]
async fn a_batch_that_is_spread_over_hours_is_added_in_pieces() {
    let store = unique_store();
    let items = items(40);
    let events: Vec<Tally> = (0..490)
        .map(|number| {
            let name = number.to_string();
            let own = texts(&items);
            let own = &own[number % 30..][..5];
            purchase(&name, minute(i64::try_from(number).expect("few") % 75), own)
        })
        .collect();
    let all_at_once = store.tally(&events).await;
    assert!(
        matches!(all_at_once, Err(TallyError::TooLarge { .. })),
        "{all_at_once:?}"
    );
    assert_exact(store.as_ref(), &[], "nothing was added").await;
    add_halving(&store, &events).await;
    assert_exact(store.as_ref(), &events, "in pieces").await;
}

#[tokio::test]
async fn more_than_500_events_are_too_many() {
    let store = unique_store();
    let events: Vec<Tally> = (0..501)
        .map(|number| view(&number.to_string(), minute(0), &["mug"]))
        .collect();
    let refused = store.tally(&events).await;
    assert!(
        matches!(refused, Err(TallyError::TooLarge { .. })),
        "{refused:?}"
    );
    add(store.as_ref(), &events[1..]).await;
    assert_exact(store.as_ref(), &events[1..], "500 events").await;
}

/// The publisher lets events be three days late.
#[tokio::test]
async fn late_events_are_counted_where_they_happened() {
    let store = unique_store();
    let events: Vec<Tally> = (0..=72)
        .map(|hours| {
            let at = minute(hours * -60);
            purchase(&hours.to_string(), at, &["mug", "lid"])
        })
        .collect();
    add_halving(&store, &events).await;
    assert_exact(store.as_ref(), &events, "late").await;
}

/// Firestore takes a mebibyte a document: then the step goes on in others.
#[tokio::test]
async fn a_step_whose_document_is_full_goes_on_in_more() {
    let store = FirestoreStore::new(FirestoreSettings {
        shards: 1,
        request_timeout: Duration::from_secs(20),
        ..settings()
    });
    let items: Vec<String> = (0..900)
        .map(|number| format!("{number} {}", "x".repeat(1_350)))
        .collect();
    let mut events = Vec::new();
    for (number, items) in items.chunks(100).enumerate() {
        let event = view(&number.to_string(), minute(0), &texts(items));
        add(&store, std::slice::from_ref(&event)).await;
        events.push(event);
    }
    assert_exact(&store, &events, "more than a mebibyte").await;
}

/// Another instance, or this one before it was started again, has filled the documents of several spreadings.
#[tokio::test]
async fn an_instance_that_begins_where_documents_are_full_goes_on_in_more() {
    let settings = FirestoreSettings {
        shards: 1,
        ..settings()
    };
    let filler = "x".repeat(1_048_487);
    for full in ["0of1", "0of2", "1of2", "0of4", "1of4", "2of4", "3of4"] {
        let document = format!("minutes/2025-11-25T09:00.{full}");
        put(&settings.project, &document, &filler).await;
    }
    let events: Vec<Tally> = (0..3)
        .map(|number| view(&number.to_string(), minute(0), &["mug", "lid"]))
        .collect();
    let store = FirestoreStore::new(settings.clone());
    add(&store, &events[..2]).await;
    add(&store, &events[2..]).await;
    assert_exact(&store, &events, "in other documents").await;
    for (shards, is_used) in [(8, true), (16, false)] {
        let mut used = false;
        for shard in 0..shards {
            let document = format!("minutes/2025-11-25T09:00.{shard}of{shards}");
            used |= fields_of(&settings.project, &document).await.is_some();
        }
        assert_eq!(used, is_used, "{shards} documents");
    }
}

/// Firestore adds up to the end of 64 bits and no further, and says nothing of it.
#[tokio::test]
async fn a_sum_that_others_brought_near_its_end_is_read_before_it_is_added_to() {
    let settings = settings();
    let [one, other] = [(); 2].map(|()| FirestoreStore::new(settings.clone()));
    const TENTH: i64 = i64::MAX / 10;
    let large = |name: &str, tenths: i64| {
        let mut event = purchase(name, minute(0), &["gold"]);
        event.items[0].revenue = Some(euros(tenths * TENTH));
        event.items[0].profit = None;
        event.order = None;
        event
    };
    let events = [large("1", 4), large("2", 1), large("3", 4)];
    add(&one, &events[..1]).await;
    add(&other, &events[1..2]).await;
    add(&one, &events[2..]).await;
    // To the other it was half full when it saw it last.
    let refused = other.tally(&[large("4", 3)]).await;
    assert!(
        matches!(refused, Err(TallyError::Refused { .. })),
        "{refused:?}"
    );
    assert_exact(&other, &events, "nothing was added").await;
}

#[tokio::test]
async fn a_sum_that_would_not_fit_is_refused_and_a_known_event_is_not() {
    let settings = settings();
    let [one, other] = [(); 2].map(|()| FirestoreStore::new(settings.clone()));
    let large = |name: &str| {
        let mut event = purchase(name, minute(0), &["gold"]);
        event.items[0].revenue = Some(euros(i64::MAX - 5_000_000));
        event
    };
    let events = [large("1"), purchase("2", minute(0), &["lid"])];
    add(&one, &events).await;
    for store in [&one, &other, &FirestoreStore::new(settings.clone())] {
        let refused = store.tally(&[large("3")]).await;
        assert!(
            matches!(refused, Err(TallyError::Refused { .. })),
            "{refused:?}"
        );
        let again = store.tally(&events).await.expect("they were added before");
        assert_eq!(again, [store::tallies::Tallied::Known; 2]);
    }
    assert_exact(&other, &events, "nothing was added").await;
}
