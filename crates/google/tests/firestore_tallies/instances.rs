//! Several instances on one database, which know nothing of each other.

use std::sync::Arc;

use google::firestore::FirestoreStore;
use store::tallies::{Tallied, Tallies, Tally};

use crate::shop::{
    add, assert_exact, fields_of, minute, purchase, refund, refund_of_items, settings, sums,
    two_stores, view,
};

/// A popular item in every event, and a few others; some orders come back.
fn events(count: i64) -> Vec<Tally> {
    let event = |number: i64| {
        let (name, at) = (number.to_string(), minute(number % 40));
        let other = format!("item {}", number % 7);
        let items = ["mug", other.as_str()];
        match number % 5 {
            0 => purchase(&name, at, &items),
            1 => refund(&name, at, &(number - 1).to_string()),
            2 if number % 2 == 0 => {
                refund_of_items(&name, at, &(number - 2).to_string(), &items[..1])
            }
            _ => view(&name, at, &items[..1 + usize::from(number % 2 == 0)]),
        }
    };
    (0..count).map(event).collect()
}

/// Every message twice, half of them to each instance first, in batches of many sizes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_instances_with_every_message_twice_count_each_once() {
    let settings = settings();
    let stores = [(); 2].map(|()| Arc::new(FirestoreStore::new(settings.clone())));
    let events = events(2_000);
    let offering = stores.each_ref().map(Arc::clone);
    let offering: Vec<_> = offering
        .into_iter()
        .zip([0, 700])
        .map(|(store, first)| {
            let mut offered = events.clone();
            offered.rotate_left(first);
            tokio::spawn(async move { offer(&store, &offered).await })
        })
        .collect();
    let mut added = 0;
    for offering in offering {
        added += offering.await.expect("no panic");
    }
    assert_eq!(added, events.len(), "each is added by one instance");
    for store in &stores {
        assert_exact(store.as_ref(), &events, "both").await;
        for event in events.iter().step_by(50) {
            let known = store.known(&event.identity).await;
            assert!(known.expect("the store answers"), "{}", event.identity);
        }
    }

    let mug = fields_of(&settings.project, "items/mug")
        .await
        .expect("a document");
    let said = mug["said"]["mapValue"]["fields"]
        .as_object()
        .expect("candidates");
    assert!(said.len() <= 6, "{} candidates are left", said.len());
}

async fn offer(store: &FirestoreStore, events: &[Tally]) -> usize {
    let mut added = 0;
    for (number, batch) in events.chunks(170).enumerate() {
        let size = 20 + 50 * (number % 3);
        for batch in batch.chunks(size) {
            // As the counter does: what is not known to be counted comes again.
            let outcomes = loop {
                match store.tally(batch).await {
                    Ok(outcomes) => break outcomes,
                    Err(error) => assert_may_come_again(&error),
                }
            };
            let new = outcomes
                .iter()
                .filter(|outcome| **outcome == Tallied::Added);
            added += new.count();
        }
    }
    added
}

fn assert_may_come_again(error: &store::tallies::TallyError) {
    assert!(
        matches!(error, store::tallies::TallyError::Unavailable(_)),
        "{error}"
    );
}

/// Anybody whom the database lets reads items without knowing how they are counted.
#[tokio::test]
async fn an_items_document_can_be_read_by_others() {
    let settings = settings();
    let store = FirestoreStore::new(settings.clone());
    let events = [
        purchase("A", minute(0), &["mug", "mug", "lid"]),
        purchase("B", minute(1), &["mug"]),
        refund("B", minute(2), "B"),
        view("1", minute(3), &["mug"]),
    ];
    add(&store, &events).await;
    let mug = fields_of(&settings.project, "items/mug")
        .await
        .expect("a document");
    for (field, text) in [
        ("item_id", "mug"),
        ("item_name", "mug as of 1"),
        ("item_category", "Kitchen"),
    ] {
        assert_eq!(mug[field]["stringValue"], text, "{field}");
    }
    assert_eq!(mug["counter"]["integerValue"], "3");
    let money = |field: &str| mug[field]["mapValue"]["fields"]["EUR"]["integerValue"].clone();
    assert_eq!(money("revenue_micros"), "2000000", "less what came back");
    assert_eq!(money("profit_micros"), "500000");
    let views = &mug["by_type"]["mapValue"]["fields"]["view_item"]["integerValue"];
    assert_eq!(views, "1");
}

/// An order may be bought at one instance and come back at another, in any order.
#[tokio::test]
async fn a_refund_at_another_instance_finds_its_order() {
    let settings = settings();
    let [one, other] = [(); 2].map(|()| FirestoreStore::new(settings.clone()));
    let events = [
        purchase("A", minute(0), &["mug"]),
        refund("A", minute(1), "A"),
        refund("B", minute(2), "B"),
        purchase("B", minute(3), &["lid", "mug"]),
        Tally {
            identity: "purchase:again".into(),
            ..purchase("C", minute(4), &["box"])
        },
        purchase("C", minute(5), &["box"]),
        refund("C", minute(6), "C"),
        purchase("D", minute(7), &["mug", "lid", "lid"]),
        refund_of_items("D-1", minute(8), "D", &["lid"]),
        refund("D", minute(30), "D"),
        refund_of_items("D-2", minute(9), "D", &["mug"]),
        refund_of_items("E-1", minute(10), "E", &["box"]),
        refund("E", minute(40), "E"),
        refund("E-earlier", minute(20), "E"),
        purchase("E", minute(11), &["box", "mug"]),
    ];
    for (number, event) in events.iter().enumerate() {
        let store = if number % 2 == 0 { &one } else { &other };
        add(store, std::slice::from_ref(event)).await;
        for store in [&one, &other] {
            assert_exact(store, &events[..=number], &event.identity).await;
        }
    }
    let all = sums(&one, store::tallies::Range::all_time()).await;
    assert_eq!(all.totals.orders.unallocated_refunds, 0);
}

/// An order that comes back is known more often than not: it is read before, and the commit holds at once.
#[tokio::test]
async fn a_refund_reads_its_order_and_nothing_else() {
    let store = FirestoreStore::new(settings());
    let events = [
        purchase("A", minute(0), &["mug", "lid"]),
        refund_of_items("A-1", minute(1), "A", &["lid"]),
        refund("A", minute(2), "A"),
    ];
    add(&store, &events[..1]).await;
    for event in &events[1..] {
        let before = store.documents_read();
        add(&store, std::slice::from_ref(event)).await;
        assert_eq!(store.documents_read() - before, 1, "{}", event.identity);
    }
    assert_exact(&store, &events, "after both").await;
}

/// The refund has the order read, which is kept where its purchase's marker is.
#[tokio::test]
async fn a_purchase_that_comes_again_beside_its_refund_counts_once() {
    let [one, other] = two_stores();
    let mut events = Vec::new();
    for (name, refund, is_first) in [
        ("A", refund("A", minute(1), "A"), false),
        ("B", refund("B", minute(1), "B"), true),
        ("C", refund_of_items("C", minute(1), "C", &["mug"]), false),
        ("D", refund_of_items("D", minute(1), "D", &["mug"]), true),
    ] {
        let bought = purchase(name, minute(0), &["mug", "lid"]);
        add(&one, std::slice::from_ref(&bought)).await;
        let mut batch = [(bought, Tallied::Known), (refund, Tallied::Added)];
        if is_first {
            batch.reverse();
        }
        let (batch, expected): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
        assert_eq!(add(&other, &batch).await, expected, "{name}");
        assert_eq!(add(&other, &batch).await, [Tallied::Known; 2], "{name}");
        events.extend(batch);
    }
    for store in [&one, &other] {
        assert_exact(store, &events, "each once").await;
    }
}
