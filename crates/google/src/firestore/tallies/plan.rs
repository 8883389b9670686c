//! What a batch adds, as the writes of one commit; pure.
//!
//! Every document has one write: a marker an event, the item's sums of all time, a shard of each step for the items that
//! fall in it, the step's hour or day, and the one document that says what was written at all.

mod counters;
mod item;
mod shards;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use firestore::gcloud_sdk::google::firestore::v1::{Value, Write, WriteResult};
use firestore::gcloud_sdk::prost::Message;
use store::StoreUnavailable;
use store::tallies::{Additions, Overflow, Totals};

use super::super::client::Client;
use super::all_time::VERSION;
use super::change::Change;
use super::figures::{Number, set, set_of_item};
use super::known_items::KnownItem;
use super::markers::MarkerChange;
use super::steps::Period;

pub(super) use shards::{ITEMS, WRITTEN};

/// Markers of one commit.
pub(super) const MAX_EVENTS: usize = 500;
/// Numbers of one document that a commit adds to; Firestore takes 500.
const MAX_ADDITIONS: usize = 400;
/// Firestore takes 10 MiB.
const MAX_BYTES: usize = 8 << 20;
/// The emulator takes 4 MiB, the frame included.
const MAX_BYTES_OF_EMULATOR: usize = (4 << 20) - (64 << 10);

/// A batch of events of which none was added before, and what is known of all that they touch.
pub(super) struct Batch<'a> {
    pub(super) markers: &'a [MarkerChange<'a>],
    pub(super) additions: &'a Additions,
    pub(super) items: &'a BTreeMap<String, KnownItem>,
    pub(super) totals: &'a Totals,
    /// Documents that a step's items are spread over at least.
    pub(super) shards: u16,
    /// Long past, and no longer to be looked at.
    pub(super) forgotten: &'a [Period],
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoPlan {
    #[error(transparent)]
    Overflow(#[from] Overflow),
    #[error("{0}")]
    TooLarge(String),
    #[error("an order can't be written down: {0}")]
    Order(#[from] serde_json::Error),
}

/// The writes, and what their results will say.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) writes: Vec<Write>,
    items: Vec<PlannedItem>,
    /// The place among the writes.
    all_time: Option<(usize, Vec<Counter>)>,
}

/// What a number of the document of all time is.
#[derive(Clone, Copy, Debug)]
enum Counter {
    Version,
    Total(Number),
    Other,
}

#[derive(Debug)]
struct PlannedItem {
    item_id: String,
    write: usize,
    /// In the order of the additions; `None` for those that say nothing new.
    numbers: Vec<Option<Number>>,
    after: KnownItem,
}

/// What is known after a commit.
pub(super) struct Applied {
    pub(super) items: Vec<(String, KnownItem)>,
    /// `None` if nothing was added.
    pub(super) all_time: Option<(u64, Totals)>,
}

impl Plan {
    pub(super) fn of(client: &Client, batch: &Batch<'_>) -> Result<Self, NoPlan> {
        let counted = batch.markers.iter().filter_map(|marker| marker.counted);
        if counted.count() > MAX_EVENTS {
            let most = format!("a commit takes {MAX_EVENTS} events at most");
            return Err(NoPlan::TooLarge(most));
        }
        let mut plan = Self {
            writes: Vec::with_capacity(batch.markers.len() + 64),
            items: Vec::new(),
            all_time: None,
        };
        for marker in batch.markers {
            plan.writes.push(marker.write(client)?);
        }
        if !batch.additions.is_empty() {
            plan.add_items(client, batch)?;
            let periods = shards::add(client, batch, &mut plan.writes)?;
            plan.add_counters(client, batch, periods)?;
        }
        let bytes: usize = plan.writes.iter().map(Message::encoded_len).sum();
        let most = match client.settings().emulator_host {
            None => MAX_BYTES,
            Some(_) => MAX_BYTES_OF_EMULATOR,
        };
        if bytes > most {
            let large = format!("the commit would take {bytes} bytes; {most} are the most");
            return Err(NoPlan::TooLarge(large));
        }
        Ok(plan)
    }

    fn push(&mut self, change: Change) -> Result<usize, NoPlan> {
        self.writes.push(write_of(change)?);
        Ok(self.writes.len() - 1)
    }

    /// Reads the results of the commit. Sums that other instances added to meanwhile are in them.
    pub(super) fn applied(
        self,
        results: &[WriteResult],
        mut totals: Totals,
    ) -> Result<Applied, StoreUnavailable> {
        let mut items = Vec::with_capacity(self.items.len());
        for item in self.items {
            let mut after = item.after;
            for (number, sum) in item.numbers.iter().zip(sums_of(results, item.write)) {
                if let (Some(number), Some(sum)) = (number, sum) {
                    set_of_item(&mut after.sums, *number, sum);
                }
            }
            items.push((item.item_id, after));
        }
        let Some((place, counters)) = self.all_time else {
            let all_time = None;
            return Ok(Applied { items, all_time });
        };
        let mut version = None;
        for (counter, sum) in counters.iter().zip(sums_of(results, place)) {
            match (counter, sum) {
                (Counter::Version, Some(sum)) => version = Some(sum.unsigned_abs()),
                (Counter::Total(number), Some(sum)) => set(&mut totals, *number, sum),
                _ => {}
            }
        }
        let Some(version) = version else {
            let none = format!("Firestore answered a commit without the new {VERSION}");
            return Err(StoreUnavailable::new(none));
        };
        let all_time = Some((version, totals));
        Ok(Applied { items, all_time })
    }
}

fn sums_of(results: &[WriteResult], write: usize) -> impl Iterator<Item = Option<i64>> {
    use firestore::gcloud_sdk::google::firestore::v1::value::ValueType;
    let results = results.get(write).map(|result| &result.transform_results);
    let integer = |value: &Value| match value.value_type {
        Some(ValueType::IntegerValue(sum)) => Some(sum),
        _ => None,
    };
    results.into_iter().flatten().map(integer)
}

fn write_of(change: Change) -> Result<Write, NoPlan> {
    let additions = change.additions();
    if additions > MAX_ADDITIONS {
        let many = format!("{additions} additions to one document; {MAX_ADDITIONS} are the most");
        return Err(NoPlan::TooLarge(many));
    }
    Ok(change.into_write())
}
