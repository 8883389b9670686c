//! Items as readers know them: what they are called, and their sums of all time.
//!
//! Nobody tells which items a commit wrote; but it wrote a shard of the quarter too. So an item that was read is good
//! until its figures differ in a quarter's shard that was written since.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use firestore::gcloud_sdk::google::firestore::v1::StructuredQuery;
use store::StoreUnavailable;
use store::tallies::ItemFigures;

use super::super::client::Client;
use super::super::collections::ITEMS;
use super::super::{query, value};
use super::cached::Cached;
use super::kept::{ShardItems, Steps};
use super::known_items::shown;
use super::moment::Moment;
use super::recent::Recent;
use super::steps::{Period, ShardOf};

/// Items that are kept where not all are asked for.
const MOST: usize = 50_000;
/// Shards whose content is kept for comparing. Without it all of a shard's items are read again.
const SHARDS: usize = 256;
const PAGE: usize = 300;

type Counters = HashMap<ShardOf, i64>;

/// What is known of items.
pub(super) struct Items {
    known: HashMap<String, ItemFigures>,
    /// Whether `known` and `stale` hold every item there is.
    is_complete: bool,
    /// Items that must be read again; only where all are kept.
    stale: BTreeSet<String>,
    /// Counters of days and of their quarters' shards, as of what is known; `None` before anything was read.
    seen: Option<HashMap<Period, (i64, Counters)>>,
    contents: Recent<ShardOf, Arc<ShardItems>>,
}

/// What items are read through.
pub(super) struct Reading<'a> {
    pub(super) client: &'a Client,
    pub(super) moment: &'a Moment,
    pub(super) steps: &'a Cached<Steps>,
    pub(super) shards: &'a Cached<ShardItems>,
}

impl Items {
    pub(super) fn new() -> Self {
        Self {
            known: HashMap::new(),
            is_complete: false,
            stale: BTreeSet::new(),
            seen: None,
            contents: Recent::new(SHARDS),
        }
    }

    /// Items of those ids, as of the moment; one that has no document is not among them.
    pub(super) async fn get<'a>(
        &mut self,
        reading: &Reading<'_>,
        wanted: impl Iterator<Item = &'a str> + Clone,
    ) -> Result<HashMap<&'a str, &ItemFigures>, StoreUnavailable> {
        self.look_for_changes(reading).await?;
        let is_unknown = |item_id: &&str| !self.known.contains_key(*item_id);
        let unknown: BTreeSet<String> = wanted
            .clone()
            .filter(is_unknown)
            .map(str::to_owned)
            .collect();
        if self.known.len() + unknown.len() > MOST && !self.is_complete {
            self.known.clear();
            let all = wanted.clone().map(str::to_owned).collect();
            self.read(reading, all).await?;
        } else {
            self.read(reading, unknown).await?;
        }
        let known = &self.known;
        Ok(wanted
            .filter_map(|item_id| Some((item_id, known.get(item_id)?)))
            .collect())
    }

    /// All items there are, as of the moment.
    pub(super) async fn all(
        &mut self,
        reading: &Reading<'_>,
    ) -> Result<impl Iterator<Item = &ItemFigures>, StoreUnavailable> {
        self.look_for_changes(reading).await?;
        if !self.is_complete {
            self.known.clear();
            self.list(reading.client).await?;
            self.is_complete = true;
        }
        self.read(reading, self.stale.clone()).await?;
        Ok(self.known.values())
    }

    async fn list(&mut self, client: &Client) -> Result<(), StoreUnavailable> {
        let mut page = StructuredQuery {
            order_by: query::by_name(),
            limit: Some(i32::try_from(PAGE).unwrap_or(i32::MAX)),
            ..query::all(ITEMS)
        };
        loop {
            let documents = client.query(page.clone()).await?;
            for document in &documents {
                let item = shown(document)?;
                self.known.insert(item.item_id.clone(), item);
            }
            match documents.last() {
                Some(last) if documents.len() == PAGE => {
                    page.start_at = query::after(vec![value::reference(last.name.as_str())]);
                }
                _ => return Ok(()),
            }
        }
    }

    async fn read(
        &mut self,
        reading: &Reading<'_>,
        item_ids: BTreeSet<String>,
    ) -> Result<(), StoreUnavailable> {
        if item_ids.is_empty() {
            return Ok(());
        }
        let client = reading.client;
        let name = |item_id: &String| client.document(ITEMS, item_id);
        let names: Vec<String> = item_ids.iter().map(name).collect();
        let read_time = reading.moment.read_time;
        for document in client.get_at(&names, read_time).await?.documents {
            let item = shown(&document)?;
            self.known.insert(item.item_id.clone(), item);
        }
        self.stale.retain(|item_id| !item_ids.contains(item_id));
        Ok(())
    }

    /// Forgets items that were written since the last look.
    pub(super) async fn look_for_changes(
        &mut self,
        reading: &Reading<'_>,
    ) -> Result<(), StoreUnavailable> {
        let Reading { client, moment, .. } = reading;
        let written = moment.all_time.written.iter();
        let days: HashMap<Period, i64> = written
            .filter(|(period, _)| **period == Period::day(period.number))
            .map(|(period, count)| (*period, *count))
            .collect();
        let is_changed = |(day, count): &(&Period, &i64)| {
            let seen = self.seen.as_ref().and_then(|seen| seen.get(day));
            seen.is_none_or(|(before, _)| before != *count)
        };
        let changed = days.iter().filter(is_changed);
        let changed: Vec<_> = changed.map(|(day, count)| (*day, *count)).collect();
        if changed.is_empty() && self.seen.is_some() {
            return Ok(());
        }
        let steps = reading.steps.get(client, moment, changed).await?;
        let now = steps.iter();
        let now: HashMap<Period, Counters> = now
            .map(|(day, steps)| (*day, steps.shards().collect()))
            .collect();
        self.compare_with(reading, &now).await?;
        // Only now that nothing can fail any more, or changes would be missed.
        let seen = self.seen.get_or_insert_default();
        seen.retain(|day, _| days.contains_key(day));
        for (day, shards) in now {
            let count = days.get(&day).copied().unwrap_or_default();
            seen.insert(day, (count, shards));
        }
        Ok(())
    }

    /// Looks into the shards whose counters are others than those that were seen.
    async fn compare_with(
        &mut self,
        reading: &Reading<'_>,
        now: &HashMap<Period, Counters>,
    ) -> Result<(), StoreUnavailable> {
        let Some(seen) = &self.seen else {
            return Ok(());
        };
        let mut written = Vec::new();
        for (day, shards) in now {
            let before = seen.get(day).map(|(_, before)| before);
            for (shard, count) in shards {
                let before = before.and_then(|before| before.get(shard)).copied();
                if before != Some(*count) {
                    written.push((*shard, *count, before));
                }
            }
        }
        for (shard, _, before) in &written {
            if let Some(before) = before
                && let Some(content) = reading.shards.kept(*shard, *before).await
            {
                self.contents.insert(*shard, content);
            }
        }
        let written = written.into_iter().map(|(shard, count, _)| (shard, count));
        let Reading { client, moment, .. } = reading;
        for (shard, content) in reading.shards.get(client, moment, written).await? {
            self.compare(shard, content);
        }
        Ok(())
    }

    fn compare(&mut self, shard: ShardOf, content: Arc<ShardItems>) {
        let before = self.contents.get(&shard);
        let changed = content.0.iter().filter(|(item_id, figures)| {
            before.and_then(|before| before.0.get(*item_id)) != Some(figures)
        });
        for (item_id, _) in changed {
            self.known.remove(item_id);
            if self.is_complete {
                self.stale.insert(item_id.clone());
            }
        }
        self.contents.insert(shard, content);
    }
}
