//! The tallies and the destinations' reports: their contracts, and what they promise for one machine.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ::store::contract::tallies::TalliesHarness;
use ::store::contract::{
    a_report_replaces_the_earlier_one_of_its_instance,
    reports_are_forgotten_by_the_time_they_were_made,
};
use ::store::tallies::{
    Counted, ItemDetails, ItemTally, OrderTally, Range, Resolution, Tallied, Tallies, Tally,
    TallyError,
};
use embedded::{EmbeddedStore, StoreSettings};
use events::{Currency, Money, Timestamp};
use tempfile::TempDir;

const NOW: Timestamp = Timestamp::from_millis(1_764_060_000_000);

::store::tallies_contract_tests!(harness);

struct Harness {
    store: Arc<EmbeddedStore>,
    directory: TempDir,
}

fn open(directory: &Path) -> EmbeddedStore {
    let path = directory.join("store.sqlite");
    EmbeddedStore::open(&path, StoreSettings::default()).expect("the file opens")
}

async fn harness() -> Harness {
    let directory = tempfile::tempdir().expect("a directory");
    Harness {
        store: Arc::new(open(directory.path())),
        directory,
    }
}

impl TalliesHarness for Harness {
    fn tallies(&self) -> Arc<dyn Tallies> {
        self.store.clone()
    }
}

#[tokio::test]
async fn a_report_replaces_the_earlier_one() {
    a_report_replaces_the_earlier_one_of_its_instance(harness().await.store.as_ref()).await;
}

#[tokio::test]
async fn reports_are_forgotten() {
    reports_are_forgotten_by_the_time_they_were_made(harness().await.store.as_ref()).await;
}

fn purchase(name: &str, micros: i64) -> Tally {
    let price = Some(Money::from_micros(micros, Currency::NONE));
    Tally {
        identity: format!("purchase:{name}"),
        counted: Counted::Purchase,
        at: NOW,
        expires: NOW.plus(Duration::from_secs(3_600)),
        items: vec![ItemTally {
            item_id: "mug".into(),
            details: ItemDetails::default(),
            quantity: 1,
            revenue: price,
            profit: price,
        }],
        order: Some(OrderTally::Purchase {
            transaction: Some(name.to_owned()),
            value: price,
        }),
    }
}

async fn views_and_orders(store: &EmbeddedStore) -> (i64, i64) {
    let sums = store
        .sums(Range::all_time())
        .await
        .expect("the store answers");
    let events = sums.totals.items.events;
    let views = events.get(&Counted::ViewItem).copied();
    (views.unwrap_or_default(), sums.totals.orders.orders)
}

#[tokio::test]
async fn tallies_survive_the_process_and_so_do_their_markers_and_orders() {
    let Harness { store, directory } = harness().await;
    store.tally(&[purchase("A", 5)]).await.expect("tallied");
    let version = store.version().await.expect("the store answers");
    drop(store);
    let store = open(directory.path());
    assert_eq!(store.version().await.expect("the store answers"), version);
    let again = store.tally(&[purchase("A", 5)]).await.expect("tallied");
    assert_eq!(again, [Tallied::Known]);
    let refund = Tally {
        identity: "refund:1".into(),
        counted: Counted::Refund,
        items: Vec::new(),
        order: Some(OrderTally::RefundOfOrder {
            transaction: "A".into(),
            value: None,
        }),
        ..purchase("A", 5)
    };
    store.tally(&[refund]).await.expect("tallied");
    let sums = store
        .sums(Range::all_time())
        .await
        .expect("the store answers");
    let money = sums.items[0].figures.money[&Currency::NONE];
    assert_eq!((money.sold_micros, money.refunded_micros), (5, 5));
}

#[tokio::test]
async fn who_waits_hears_of_what_another_process_adds() {
    let harness = harness().await;
    let other = open(harness.directory.path());
    let before = harness.store.version().await.expect("the store answers");
    let views = [VIEW];
    let (told, added) = tokio::join!(harness.store.changed(before), other.tally(&views));
    added.expect("tallied");
    assert_eq!(told.expect("the store answers"), before + 1);
    assert_eq!(views_and_orders(&harness.store).await, (1, 0));
}

/// An event without items.
const VIEW: Tally = Tally {
    identity: String::new(),
    counted: Counted::ViewItem,
    at: NOW,
    expires: NOW,
    items: Vec::new(),
    order: None,
};

#[tokio::test]
async fn a_sum_beyond_64_bits_is_refused_in_both_directions() {
    let harness = harness().await;
    let store = &harness.store;
    for (name, most, more) in [("high", i64::MAX, 1), ("low", i64::MIN + 1, -2)] {
        let harness_of_one = self::harness().await;
        let store = &harness_of_one.store;
        store.tally(&[purchase(name, most)]).await.expect("tallied");
        let refused = store.tally(&[purchase("more", more)]).await;
        let Err(TallyError::Refused { reason }) = refused else {
            panic!("{name}: {refused:?}")
        };
        assert!(reason.contains("too large"), "{reason}");
        assert_eq!(views_and_orders(store).await, (0, 1), "{name}");
        let less = store.tally(&[purchase("less", -more)]).await;
        assert_eq!(less.expect("tallied"), [Tallied::Added], "{name}");
    }
    assert_eq!(views_and_orders(store).await, (0, 0));
}

#[tokio::test]
async fn a_refused_batch_takes_no_other_of_its_commit_with_it() {
    let harness = harness().await;
    let store = &harness.store;
    store
        .tally(&[purchase("most", i64::MAX)])
        .await
        .expect("tallied");
    let (before, refused, after) = (
        [VIEW],
        [purchase("more", 1)],
        [Tally {
            identity: "2".into(),
            ..VIEW
        }],
    );
    let answers = tokio::join!(
        store.tally(&before),
        store.tally(&refused),
        store.tally(&after)
    );
    assert_eq!(answers.0.expect("tallied"), [Tallied::Added]);
    assert!(matches!(answers.1, Err(TallyError::Refused { .. })));
    assert_eq!(answers.2.expect("tallied"), [Tallied::Added]);
    assert_eq!(views_and_orders(store).await, (2, 1));
}

#[tokio::test]
async fn what_is_forgotten_in_many_pieces_is_forgotten_whole() {
    let harness = harness().await;
    let batch: Vec<Tally> = (0..2_500)
        .map(|number| Tally {
            identity: number.to_string(),
            ..VIEW
        })
        .collect();
    harness.store.tally(&batch).await.expect("tallied");
    let forgotten = Tallies::purge(harness.store.as_ref(), NOW).await;
    assert_eq!(forgotten.expect("purged"), 2_500);
    let later = NOW.plus(Duration::from_secs(4 * 3_600));
    let forgotten = Tallies::purge(harness.store.as_ref(), later).await;
    assert_eq!(
        forgotten.expect("purged"),
        1,
        "the one minute of the totals"
    );
    let quarters = Range {
        resolution: Resolution::Quarter,
        from: NOW.minus(Duration::from_secs(3_600)),
        to: later,
    };
    let sums = harness
        .store
        .sums(quarters)
        .await
        .expect("the store answers");
    assert_eq!(
        sums.totals.items.events,
        [(Counted::ViewItem, 2_500)].into()
    );
}
