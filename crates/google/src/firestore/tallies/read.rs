//! Sums and series: from the document of all time to the hours or days that were written since, to the shards that were
//! written since, to the items that were.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use events::Timestamp;
use firestore::gcloud_sdk::prost_types;
use store::StoreUnavailable;
use store::tallies::{
    Figures, ItemFigures, Overflow, Point, Range, Resolution, Step, Sums, Totals,
};
use tokio::sync::Mutex;

use super::super::client::Client;
use super::Shared;
use super::cached::Cached;
use super::items::{Items, Reading};
use super::kept::{ShardItems, StepHead, Steps};
use super::listen::Listener;
use super::moment::{Moment, Moments};
use super::steps::hash;

/// Hours and days that are kept in memory.
const PERIODS: usize = 512;
/// Shards that are kept in memory.
const SHARDS: usize = 2_000;

/// Answers what was counted.
pub(super) struct Reader {
    client: Arc<Client>,
    shared: Arc<Shared>,
    moments: Moments,
    steps: Cached<Steps>,
    shards: Cached<ShardItems>,
    items: Mutex<Items>,
    /// When the document of all time was made, as last seen.
    created: std::sync::Mutex<Option<prost_types::Timestamp>>,
}

impl Reader {
    pub(super) fn new(client: Arc<Client>, shared: Arc<Shared>) -> Self {
        Self {
            client,
            shared,
            moments: Moments::default(),
            steps: Cached::new(PERIODS),
            shards: Cached::new(SHARDS),
            items: Mutex::new(Items::new()),
            created: std::sync::Mutex::default(),
        }
    }

    /// The state now: what the listener heard if that holds all that this instance added, else what is read.
    pub(super) async fn moment(&self, listener: &Listener) -> Result<Moment, StoreUnavailable> {
        let heard = listener.heard();
        let own = self.shared.own_version();
        let moment = match heard {
            Some(moment) if moment.all_time.version >= own => moment,
            _ => self.moments.read(&self.client).await?,
        };
        if self.is_emptied(&moment) {
            self.shared.is_emptied.store(true, Ordering::Relaxed);
            self.steps.clear().await;
            self.shards.clear().await;
            *self.items.lock().await = Items::new();
        }
        Ok(moment)
    }

    fn is_emptied(&self, moment: &Moment) -> bool {
        let created = moment.all_time.created;
        let mut before = self
            .created
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let is_emptied = before.is_some() && *before != created;
        *before = created;
        is_emptied
    }

    pub(super) async fn sums(
        &self,
        moment: &Moment,
        range: Range,
    ) -> Result<Sums, StoreUnavailable> {
        if range.resolution == Resolution::AllTime {
            let reading = self.reading(moment);
            let mut items = self.items.lock().await;
            let all = items.all(&reading).await?;
            let has_any = |item: &&ItemFigures| item.figures != Figures::default();
            return Ok(Sums {
                totals: moment.all_time.totals.clone(),
                items: all.filter(has_any).cloned().collect(),
            });
        }
        // Before any shard is read: what it held until now tells which items have changed.
        let reading = self.reading(moment);
        self.items.lock().await.look_for_changes(&reading).await?;
        let steps = self.steps_within(moment, range).await?;
        let mut totals = Totals::default();
        let mut shards = Vec::new();
        for (step, head) in steps.iter().flat_map(|steps| within(steps, range)) {
            totals.add(&head.totals).map_err(too_large)?;
            shards.extend(head.shards(*step));
        }
        let shards = self.shards.get(&self.client, moment, shards).await?;
        let mut figures: HashMap<&str, Figures> = HashMap::new();
        for (item_id, more) in shards.values().flat_map(|shard| &shard.0) {
            let sum = figures.entry(item_id).or_default();
            sum.add(more).map_err(too_large)?;
        }
        figures.retain(|_, figures| *figures != Figures::default());
        let items = self.named(moment, figures).await?;
        Ok(Sums { totals, items })
    }

    /// With what is known of each item.
    async fn named(
        &self,
        moment: &Moment,
        figures: HashMap<&str, Figures>,
    ) -> Result<Vec<ItemFigures>, StoreUnavailable> {
        if figures.is_empty() {
            return Ok(Vec::new());
        }
        let mut items = self.items.lock().await;
        let item_ids = figures.keys().copied();
        let known = items.get(&self.reading(moment), item_ids).await?;
        let details = |item_id| known.get(item_id).map(|item| item.details.clone());
        let named = figures.iter().map(|(item_id, figures)| ItemFigures {
            item_id: (*item_id).to_owned(),
            details: details(item_id).unwrap_or_default(),
            figures: figures.clone(),
        });
        Ok(named.collect())
    }

    pub(super) async fn series(
        &self,
        moment: &Moment,
        range: Range,
        item: Option<&str>,
    ) -> Result<Vec<Point>, StoreUnavailable> {
        let point = |start, totals| Point { start, totals };
        let mut points = Vec::new();
        if range.resolution == Resolution::AllTime {
            let totals = match item {
                None => moment.all_time.totals.clone(),
                Some(item_id) => self.all_time_of(moment, item_id).await?,
            };
            points.push(point(Timestamp::from_millis(0), totals));
        } else {
            let steps = self.steps_within(moment, range).await?;
            for (step, head) in steps.iter().flat_map(|steps| within(steps, range)) {
                let totals = match item {
                    None => head.totals.clone(),
                    Some(item_id) => self.step_of(moment, *step, head, item_id).await?,
                };
                points.push(point(step.start, totals));
            }
        }
        points.retain(|point| point.totals != Totals::default());
        points.sort_by_key(|point| point.start);
        Ok(points)
    }

    async fn all_time_of(
        &self,
        moment: &Moment,
        item_id: &str,
    ) -> Result<Totals, StoreUnavailable> {
        let mut items = self.items.lock().await;
        let wanted = std::iter::once(item_id);
        let found = items.get(&self.reading(moment), wanted).await?;
        let figures = found.get(item_id).map(|item| item.figures.clone());
        Ok(of_item(figures.unwrap_or_default()))
    }

    /// Of one item in one step; only the documents are read that may hold it.
    async fn step_of(
        &self,
        moment: &Moment,
        step: Step,
        head: &StepHead,
        item_id: &str,
    ) -> Result<Totals, StoreUnavailable> {
        let hash = hash(item_id);
        let own = head.shards(step).filter(|(of, _)| of.shard.may_hold(hash));
        let shards = self
            .shards
            .get(&self.client, moment, own.collect::<Vec<_>>())
            .await?;
        let mut sum = Figures::default();
        for figures in shards.values().filter_map(|shard| shard.0.get(item_id)) {
            sum.add(figures).map_err(too_large)?;
        }
        Ok(of_item(sum))
    }

    async fn steps_within(
        &self,
        moment: &Moment,
        range: Range,
    ) -> Result<Vec<Arc<Steps>>, StoreUnavailable> {
        let periods = moment.all_time.periods(range);
        let steps = self.steps.get(&self.client, moment, periods).await?;
        Ok(steps.into_values().collect())
    }

    fn reading<'a>(&'a self, moment: &'a Moment) -> Reading<'a> {
        Reading {
            client: &self.client,
            moment,
            steps: &self.steps,
            shards: &self.shards,
        }
    }
}

fn within(steps: &Steps, range: Range) -> impl Iterator<Item = (&Step, &StepHead)> {
    let is_within =
        move |(step, _): &(&Step, &StepHead)| range.from <= step.start && step.start < range.to;
    steps.0.iter().filter(is_within)
}

fn of_item(figures: Figures) -> Totals {
    Totals {
        items: figures,
        ..Totals::default()
    }
}

/// Sums of all time are checked before they are added to, and a range's can exceed them only where refunds or negative
/// amounts are as large.
fn too_large(overflow: Overflow) -> StoreUnavailable {
    StoreUnavailable::new(format!("a range can't be added up: {overflow}"))
}
