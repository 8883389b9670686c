//! Plans, without a database.

mod indexes;
mod limits;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use events::{Currency, Identity, Money, Timestamp};
use firestore::gcloud_sdk::google::firestore::v1::document_transform::field_transform::TransformType;
use firestore::gcloud_sdk::google::firestore::v1::write::Operation;
use store::tallies::{Counted, ItemDetails, ItemTally, OrderRecord, OrderTally, Tally};

use super::super::super::FirestoreSettings;
use super::super::super::value::integer;
use super::super::markers::Markers;
use super::*;

const AT: Timestamp = Timestamp::from_millis(1_764_060_301_502);

fn euros(micros: i64) -> Money {
    Money::from_micros(micros, Currency::parse("EUR").expect("a currency"))
}

fn purchase(name: &str, items: &[String]) -> Tally {
    let line = |item: &String| ItemTally {
        item_id: item.clone(),
        details: ItemDetails {
            name: Some(item.clone()),
            category: Some("Kitchen".into()),
            brand: Some("Acme".into()),
            price: Some(euros(4_000_000)),
            at: None,
        },
        quantity: 2,
        revenue: Some(euros(8_000_000)),
        profit: Some(euros(1_000_000)),
    };
    Tally {
        identity: format!("purchase:{name}"),
        counted: Counted::Purchase,
        at: AT,
        expires: AT.plus(Duration::from_secs(60)),
        items: items.iter().map(line).collect(),
        order: Some(OrderTally::Purchase {
            transaction: Some(name.to_owned()),
            value: Some(euros(8_000_000)),
        }),
    }
}

fn refund(name: &str, transaction: &str) -> Tally {
    Tally {
        identity: format!("refund:{name}"),
        counted: Counted::Refund,
        order: Some(OrderTally::RefundOfOrder {
            transaction: transaction.to_owned(),
            value: Some(euros(1)),
        }),
        ..purchase(name, &[])
    }
}

fn items(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("item {number}")).collect()
}

struct Given {
    items: BTreeMap<String, KnownItem>,
    totals: Totals,
    forgotten: Vec<Period>,
}

impl Given {
    fn nothing() -> Self {
        Self {
            items: BTreeMap::new(),
            totals: Totals::default(),
            forgotten: Vec::new(),
        }
    }

    fn plan(&self, tallies: &[Tally]) -> Result<Plan, NoPlan> {
        let mut additions = Additions::default();
        let markers = Markers::default();
        let mut changes = markers.change();
        for tally in tallies {
            changes.count(
                &Identity::from_text(tally.identity.as_str()).digest(),
                tally,
            );
            let mut unremembered = OrderRecord::default();
            let order = match tally.transaction() {
                Some(transaction) => changes.order(transaction),
                None => &mut unremembered,
            };
            additions.gather(tally, order)?;
        }
        let batch = Batch {
            markers: &changes.into_changes(),
            additions: &additions,
            items: &self.items,
            totals: &self.totals,
            shards: 4,
            forgotten: &self.forgotten,
        };
        Plan::of(&Client::new(FirestoreSettings::new("p")), &batch)
    }
}

/// The document's path.
fn path(write: &Write) -> &str {
    let Some(Operation::Update(document)) = &write.operation else {
        panic!("{write:?} is no update");
    };
    let (_, path) = document
        .name
        .split_once("/documents/")
        .expect("a full name");
    path
}

#[test]
fn every_document_has_one_write_and_few_additions() {
    let events: Vec<Tally> = (0..400)
        .map(|number: usize| purchase(&number.to_string(), &items(150)[number % 100..][..3]))
        .collect();
    let plan = Given::nothing().plan(&events).expect("it fits");
    let paths: Vec<&str> = plan.writes.iter().map(path).collect();
    let distinct: BTreeSet<&str> = paths.iter().copied().collect();
    assert_eq!(distinct.len(), paths.len());
    let of = |collection: &str| {
        paths
            .iter()
            .filter(|path| path.starts_with(collection))
            .count()
    };
    let counts = ["markers/", "items/", "hours/", "days/", "totals/"].map(of);
    assert_eq!(counts, [400, 102, 1, 1, 1]);
    for write in &plan.writes {
        assert!(
            write.update_transforms.len() <= MAX_ADDITIONS,
            "{}",
            path(write)
        );
    }
}

#[test]
fn a_commit_counts_up_whatever_it_writes() {
    let plan = Given::nothing()
        .plan(&[purchase("A", &items(60))])
        .expect("it fits");
    let transforms = |start: &str| -> Vec<String> {
        let writes = plan
            .writes
            .iter()
            .filter(|write| path(write).starts_with(start));
        let transforms = writes.flat_map(|write| &write.update_transforms);
        transforms
            .map(|transform| transform.field_path.clone())
            .collect()
    };
    for (collection, period, map) in [
        ("minutes", "hours/", "minutes.m45."),
        ("quarters", "days/", "quarters.q35."),
    ] {
        let counted = transforms(period);
        let shards: Vec<&str> = plan
            .writes
            .iter()
            .map(path)
            .filter_map(|path| {
                path.strip_prefix(collection)?
                    .strip_prefix("/2025-11-25T08:45.")
            })
            .collect();
        assert_eq!(shards.len(), 4);
        for shard in shards {
            let counter = format!("{map}written.s{shard}");
            assert!(counted.contains(&counter), "{counter} in {counted:?}");
        }
    }
    let all_time = transforms("totals/");
    for counter in ["version", "written.h490016", "written.d20417"] {
        assert!(all_time.iter().any(|path| path == counter), "{counter}");
    }
}

#[test]
fn what_was_just_written_is_not_forgotten() {
    let given = Given {
        forgotten: vec![Period::hour(490_016), Period::hour(480_000), Period::day(5)],
        ..Given::nothing()
    };
    let plan = given.plan(&[purchase("A", &items(1))]).expect("it fits");
    let all_time = plan.writes.last().expect("the last is of all time");
    let removed = all_time.update_mask.as_ref().expect("a mask");
    assert_eq!(removed.field_paths, ["written.h480000", "written.d5"]);
}

#[test]
fn an_event_that_adds_nothing_leaves_a_marker_alone() {
    let events = [purchase("A", &items(1)), refund("1", "A"), refund("2", "A")];
    let [both, all] =
        [&events[..2], &events[..]].map(|events| Given::nothing().plan(events).expect("it fits"));
    assert_eq!(all.writes.len(), both.writes.len() + 1);

    let mut order = OrderRecord::default();
    let mut additions = Additions::default();
    for event in &events[..2] {
        additions.gather(event, &mut order).expect("small numbers");
    }
    let mut nothing = Additions::default();
    nothing
        .gather(&events[2], &mut order)
        .expect("small numbers");
    assert!(nothing.is_empty());
}

/// The database adds up; here 1,000 was there already of everything.
#[test]
fn sums_are_known_from_the_results() {
    let plan = Given::nothing()
        .plan(&[purchase("A", &items(2))])
        .expect("it fits");
    let increment = |transform: &Option<TransformType>| match transform {
        Some(TransformType::Increment(Value {
            value_type:
                Some(firestore::gcloud_sdk::google::firestore::v1::value::ValueType::IntegerValue(by)),
        })) => integer(1_000 + by),
        other => panic!("{other:?} is no increment"),
    };
    let results: Vec<WriteResult> = plan
        .writes
        .iter()
        .map(|write| WriteResult {
            transform_results: write
                .update_transforms
                .iter()
                .map(|transform| increment(&transform.transform_type))
                .collect(),
            ..WriteResult::default()
        })
        .collect();
    let applied = plan.applied(&results, Totals::default()).expect("results");
    let (version, totals) = applied.all_time.expect("something was added");
    assert_eq!(version, 1_001);
    assert_eq!(totals.orders.orders, 1_001);
    assert_eq!(totals.items.units, [(Counted::Purchase, 1_004)].into());
    assert_eq!(applied.items.len(), 2);
    for (_, item) in applied.items {
        assert!(item.exists);
        assert_eq!(item.sums.units, [(Counted::Purchase, 1_002)].into());
        let money = item.sums.money[&euros(0).currency()];
        assert_eq!(money.sold_micros, 8_001_000);
        assert_eq!(
            item.details().name.as_deref().map(|name| &name[..4]),
            Some("item")
        );
    }
}
