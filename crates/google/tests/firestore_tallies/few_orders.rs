//! Few orders and many instances: each event meets the others' of its order in every way there is.

use std::sync::Arc;

use events::Timestamp;
use fastrand::Rng;
use google::firestore::FirestoreStore;
use store::tallies::{Tallied, Tallies, Tally, TallyError};
use tokio::task::JoinSet;

use crate::shop::{assert_exact, minute, purchase, refund, refund_of_items, settings};

const ORDERS: [&str; 3] = ["A", "B", "C"];
const BATCHES: usize = 24;

/// All that may happen to an order; one bought again under another event's name, too.
fn events_of(order: &str) -> [Tally; 6] {
    let at = |number: i64| -> Timestamp { minute(number * 7) };
    let again = Tally {
        identity: format!("purchase:{order} again"),
        ..purchase(order, at(3), &["mug"])
    };
    [
        purchase(order, at(0), &["mug", "lid"]),
        again,
        refund_of_items(&format!("{order}-1"), at(1), order, &["mug"]),
        refund_of_items(&format!("{order}-2"), at(2), order, &["lid"]),
        refund(&format!("{order}-3"), at(5), order),
        refund(&format!("{order}-4"), at(4), order),
    ]
}

/// Small batches of one order's events that overlap, and one of all events at last.
fn batches(events: &[Tally], random: &mut Rng) -> Vec<Vec<Tally>> {
    let of_one_order: Vec<&[Tally]> = events.chunks(events.len() / ORDERS.len()).collect();
    let mut batches: Vec<Vec<Tally>> = (1..BATCHES)
        .map(|_| {
            let order = random.usize(..of_one_order.len());
            let size = random.usize(1..=3);
            (0..size)
                .filter_map(|_| random.choice(of_one_order[order]).cloned())
                .collect()
        })
        .collect();
    let mut all = events.to_vec();
    random.shuffle(&mut all);
    batches.push(all);
    batches
}

/// How many of the batch this instance has added. What is not known to be counted comes again, as the bus would have it.
async fn added(store: &FirestoreStore, batch: &[Tally]) -> usize {
    let outcomes = loop {
        match store.tally(batch).await {
            Ok(outcomes) => break outcomes,
            Err(TallyError::Unavailable(_)) => {}
            Err(error) => panic!("{error}"),
        }
    };
    let is_added = |outcome: &&Tallied| **outcome == Tallied::Added;
    outcomes.iter().filter(is_added).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_of_few_orders_in_overlapping_batches_count_once_each() {
    let events = ORDERS.map(events_of).concat();
    for seed in 0..12 {
        let mut random = Rng::with_seed(seed);
        let settings = settings();
        // Some batches meet an instance that remembers, others one that was just started.
        let old = Arc::new(FirestoreStore::new(settings.clone()));
        let batches = batches(&events, &mut random);
        let mut sum = 0;
        for at_once in batches.chunks(3) {
            let mut adding = JoinSet::new();
            for batch in at_once {
                let batch = batch.clone();
                let store = match random.bool() {
                    true => Arc::clone(&old),
                    false => Arc::new(FirestoreStore::new(settings.clone())),
                };
                adding.spawn(async move { added(&store, &batch).await });
            }
            sum += adding.join_all().await.into_iter().sum::<usize>();
        }
        assert_eq!(sum, events.len(), "seed {seed}");
        assert_exact(old.as_ref(), &events, &format!("seed {seed}")).await;
    }
}
