//! Items' figures by step, spread over shards; and what each step's hour or day is told.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use events::Timestamp;
use firestore::gcloud_sdk::google::firestore::v1::Write;
use store::tallies::{Figures, Resolution, Step};

use super::super::super::client::Client;
use super::super::super::expiry::EXPIRES_AT;
use super::super::super::names::{escaped, field_path, unescaped};
use super::super::super::value::{text, time};
use super::super::change::Change;
use super::super::figures::{numbers_of, numbers_of_totals};
use super::super::known_items::ITEM_ID;
use super::super::steps::{Period, Shard, ShardOf, hash, step_key};
use super::{Batch, MAX_ADDITIONS, NoPlan, write_of};

/// The map of a shard's items.
pub(in super::super) const ITEMS: &str = "items";
/// The map of counters that say what was written.
pub(in super::super) const WRITTEN: &str = "written";
/// More shards than this never help: then some item has too many figures by itself.
const MAX_SHARDS: u16 = 4_096;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Google deletes what has expired within a day. A period's document must outlive all that is written to it late, or its
/// counters would begin again and tell a reader that nothing was written.
const PERIOD_LEEWAY: Duration = Duration::from_secs(4 * 24 * 60 * 60);

struct Item<'a> {
    item_id: &'a str,
    hash: u64,
    figures: &'a Figures,
}

/// Adds the writes of all shards and of all hours and days; returns those hours and days.
pub(super) fn add(
    client: &Client,
    batch: &Batch<'_>,
    writes: &mut Vec<Write>,
) -> Result<Vec<Period>, NoPlan> {
    let mut items = items_by_step(batch);
    let mut periods: BTreeMap<Period, Change> = BTreeMap::new();
    let totals = &batch.additions.totals;
    // What comes to nothing altogether need not do so for each item.
    let steps: BTreeSet<Step> = totals.keys().chain(items.keys()).copied().collect();
    for step in steps {
        let Some(period) = Period::of(step) else {
            continue;
        };
        let step_name = step_key(step);
        let items = items.remove(&step).unwrap_or_default();
        let numbers = totals.get(&step).map(numbers_of_totals);
        let numbers = numbers.unwrap_or_default();
        if items.is_empty() && numbers.is_empty() {
            continue;
        }
        let period_change = periods
            .entry(period)
            .or_insert_with(|| period_change(client, period));
        for (number, more) in numbers {
            let [map, name] = number.name();
            period_change.add(field_path(&[period.map(), &step_name, map, name]), more);
        }
        for (shard, change) in spread(client, step, &items, batch.shards)? {
            let counter = [period.map(), &step_name, WRITTEN, &shard.key()];
            period_change.add(field_path(&counter), 1);
            writes.push(write_of(change)?);
        }
    }
    let touched = periods.keys().copied().collect();
    for change in periods.into_values() {
        writes.push(write_of(change)?);
    }
    Ok(touched)
}

fn items_by_step<'a>(batch: &Batch<'a>) -> BTreeMap<Step, Vec<Item<'a>>> {
    let mut steps: BTreeMap<Step, Vec<Item<'a>>> = BTreeMap::new();
    for (item_id, additions) in &batch.additions.items {
        let hash = hash(item_id);
        for (step, figures) in &additions.steps {
            let item = Item {
                item_id,
                hash,
                figures,
            };
            steps.entry(*step).or_default().push(item);
        }
    }
    steps
}

fn period_change(client: &Client, period: Period) -> Change {
    let mut change = Change::of(period.document(client));
    let expires = expiry(period.resolution, period.end()).plus(PERIOD_LEEWAY);
    change.set(&[EXPIRES_AT], time(expires));
    change
}

/// A day more than steps are asked for.
fn expiry(resolution: Resolution, end: Timestamp) -> Timestamp {
    end.plus(resolution.kept().unwrap_or_default()).plus(DAY)
}

/// Spreads a step's items over `of` documents, or over as many more as it takes.
fn spread(
    client: &Client,
    step: Step,
    items: &[Item<'_>],
    of: u16,
) -> Result<Vec<(Shard, Change)>, NoPlan> {
    let mut of = of.max(1);
    loop {
        let mut additions: BTreeMap<Shard, usize> = BTreeMap::new();
        for item in items {
            let shard = Shard::for_hash(item.hash, of);
            *additions.entry(shard).or_default() += numbers_of(item.figures).len();
        }
        if additions
            .values()
            .all(|additions| *additions <= MAX_ADDITIONS)
        {
            return Ok(shards(client, step, items, of));
        }
        of = of.saturating_mul(2);
        if of > MAX_SHARDS {
            let many = format!("too many figures for {MAX_SHARDS} documents a step");
            return Err(NoPlan::TooLarge(many));
        }
    }
}

fn shards(client: &Client, step: Step, items: &[Item<'_>], of: u16) -> Vec<(Shard, Change)> {
    let mut shards: BTreeMap<Shard, Change> = BTreeMap::new();
    for item in items {
        let shard = Shard::for_hash(item.hash, of);
        let change = shards.entry(shard).or_insert_with(|| {
            let name = ShardOf { step, shard }.document(client);
            let mut change = Change::of(name);
            let expires = expiry(step.resolution, step.start);
            change.set(&[EXPIRES_AT], time(expires));
            change
        });
        let name = escaped(item.item_id);
        if unescaped(&name).is_none() {
            change.set(&[ITEMS, &name, ITEM_ID], text(item.item_id));
        }
        for (number, more) in numbers_of(item.figures) {
            let [map, number_name] = number.name();
            change.add(field_path(&[ITEMS, &name, map, number_name]), more);
        }
    }
    shards.into_iter().collect()
}
