//! The documents that readers keep: hours and days with their steps, and the shards of steps.

use std::collections::{BTreeMap, HashMap};

use firestore::gcloud_sdk::google::firestore::v1::Document;
use store::StoreUnavailable;
use store::tallies::{Figures, Step, Totals};

use super::super::client::Client;
use super::super::names::unescaped;
use super::super::value::{map_of, text_of};
use super::cached::Kept;
use super::figures::{counters, read};
use super::known_items::ITEM_ID;
use super::plan::{ITEMS, WRITTEN};
use super::steps::{Period, Shard, ShardOf};

/// The steps of an hour or a day.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Steps(pub(super) BTreeMap<Step, StepHead>);

/// A step altogether, and what there is more to read of it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct StepHead {
    pub(super) totals: Totals,
    /// How often each of its shards was written.
    pub(super) written: Vec<(Shard, i64)>,
}

impl Steps {
    /// All shards of all its steps, with their counters.
    pub(super) fn shards(&self) -> impl Iterator<Item = (ShardOf, i64)> {
        self.0.iter().flat_map(|(step, head)| head.shards(*step))
    }
}

impl StepHead {
    /// Its shards, with their counters.
    pub(super) fn shards(&self, step: Step) -> impl Iterator<Item = (ShardOf, i64)> {
        let shard = move |(shard, count): &(Shard, i64)| {
            (
                ShardOf {
                    step,
                    shard: *shard,
                },
                *count,
            )
        };
        self.written.iter().map(shard)
    }
}

impl Kept for Steps {
    type Key = Period;

    fn document(key: Period, client: &Client) -> String {
        key.document(client)
    }

    fn read(key: Period, document: Option<&Document>) -> Result<Self, StoreUnavailable> {
        let mut steps = BTreeMap::new();
        let fields = document.map(|document| map_of(&document.fields, key.map()));
        let Some(heads) = fields.transpose()?.flatten() else {
            return Ok(Self::default());
        };
        for name in heads.keys() {
            let (Some(step), Some(head)) = (key.step(name), map_of(heads, name)?) else {
                continue;
            };
            let written = counters(head, WRITTEN)?.into_iter();
            let written = written.filter_map(|(name, count)| Some((Shard::parse(name)?, count)));
            let head = StepHead {
                totals: self::read(head)?,
                written: written.collect(),
            };
            steps.insert(step, head);
        }
        Ok(Self(steps))
    }
}

/// Items' figures of one step, as far as they are in one document.
#[derive(Debug, Default, PartialEq)]
pub(super) struct ShardItems(pub(super) HashMap<String, Figures>);

impl Kept for ShardItems {
    type Key = ShardOf;

    fn document(key: ShardOf, client: &Client) -> String {
        key.document(client)
    }

    fn read(_: ShardOf, document: Option<&Document>) -> Result<Self, StoreUnavailable> {
        let fields = document.map(|document| map_of(&document.fields, ITEMS));
        let Some(items) = fields.transpose()?.flatten() else {
            return Ok(Self::default());
        };
        let mut figures = HashMap::with_capacity(items.len());
        for name in items.keys() {
            let Some(item) = map_of(items, name)? else {
                continue;
            };
            let item_id = match unescaped(name) {
                Some(item_id) => item_id,
                None => text_of(item, ITEM_ID)?.unwrap_or(name).to_owned(),
            };
            figures.insert(item_id, self::read(item)?.items);
        }
        Ok(Self(figures))
    }
}
