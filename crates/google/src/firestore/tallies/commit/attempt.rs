//! One attempt: read what must be known, plan, commit, remember.

use std::collections::BTreeMap;

use store::StoreUnavailable;
use store::tallies::{Additions, OrderRecord, TallyError, Totals};

use super::super::super::client::CommitError;
use super::super::super::collections;
use super::super::all_time::{self, AllTime};
use super::super::figures::are_near_the_end;
use super::super::known_items::KnownItem;
use super::super::markers::{self, MarkerChange, Markers};
use super::super::plan::{Applied, Batch, NoPlan, Plan};
use super::super::steps::Period;
use super::{Event, Failure, Writer, is_refund, orders};

/// Hours of a day that begins so many days before are forgotten, and days; long after Google has deleted them. Only the
/// first commit of a day does it, and for several days, so that quiet days leave nothing behind.
const HOURS_FORGOTTEN: std::ops::RangeInclusive<i64> = 13..=22;
const DAYS_FORGOTTEN: std::ops::RangeInclusive<i64> = 21..=40;
const HOURS_A_DAY: i64 = 24;
/// A step is spread over so many times more documents at once: other instances, or this one before it was started again,
/// may have filled several numbers of them already.
const MOST_WIDER: u16 = 32;

/// What a batch adds, and to what.
struct Work<'a> {
    markers: Vec<MarkerChange<'a>>,
    additions: Additions,
    items: BTreeMap<String, KnownItem>,
    totals: Totals,
}

impl Writer {
    /// Adds all of the events or none, but for those whose markers it comes across: they are left out.
    pub(super) async fn attempt(
        &mut self,
        events: &mut Vec<Event<'_>>,
        markers: &mut Markers,
    ) -> Result<(), Failure> {
        let mut items = BTreeMap::new();
        self.read(events, markers, &mut items).await?;
        self.leave_out_counted(events, markers);
        let mut changes = markers.change();
        let mut additions = Additions::default();
        for event in events.iter() {
            changes.count(&event.digest, event.tally);
            let mut unremembered = OrderRecord::default();
            let order = match event.tally.transaction() {
                Some(transaction) => changes.order(transaction),
                None => &mut unremembered,
            };
            let gathered = additions.gather(event.tally, order);
            gathered.map_err(|overflow| Failure::Refused(refused(overflow)))?;
        }
        let markers = changes.into_changes();
        // A refunded order's items are known only now.
        let refunded = additions.items.keys().map(String::as_str);
        self.read_items(refunded, &mut items).await?;
        let work = Work {
            markers,
            additions,
            items,
            totals: self.totals.take().unwrap_or_default(),
        };
        let answer = self.commit(&work).await;
        if matches!(answer, Err(Failure::Stale(_) | Failure::Refused(_))) {
            // Nothing was written, so what was known is still true. Otherwise it is read again.
            self.totals = Some(work.totals);
            for (item_id, item) in work.items {
                self.items.insert(item_id, item);
            }
        }
        answer
    }

    async fn commit(&mut self, work: &Work<'_>) -> Result<(), Failure> {
        let day = newest_day(&work.additions);
        let forgotten = self.to_forget(day);
        let mut shards = self.shards;
        loop {
            let batch = Batch {
                markers: &work.markers,
                additions: &work.additions,
                items: &work.items,
                totals: &work.totals,
                shards,
                forgotten: &forgotten,
            };
            let mut plan = Plan::of(&self.client, &batch).map_err(no_plan)?;
            let writes = std::mem::take(&mut plan.writes);
            let results = match self.client.commit(writes).await {
                Ok(results) => results,
                Err(CommitError::Precondition(reason)) => return Err(Failure::Stale(reason)),
                Err(CommitError::Unavailable(error)) => return Err(error.into()),
                Err(CommitError::Refused(reason))
                    if is_full(&reason) && shards < self.shards.saturating_mul(MOST_WIDER) =>
                {
                    shards = shards.saturating_mul(2);
                    continue;
                }
                Err(CommitError::Refused(reason)) => {
                    return Err(Failure::Refused(TallyError::Refused { reason }));
                }
            };
            self.spread_over(shards);
            self.forgot_on = self.forgot_on.max(day);
            let applied = plan.applied(&results, work.totals.clone())?;
            self.remember(applied, &work.totals);
            return Ok(());
        }
    }

    /// Keeps what the commit's results tell.
    fn remember(&mut self, applied: Applied, before: &Totals) {
        let Some((version, totals)) = applied.all_time else {
            self.totals = Some(before.clone());
            return;
        };
        if self.shared.is_new_version(version) {
            self.totals = Some(totals);
            for (item_id, item) in applied.items {
                self.items.insert(item_id, item);
            }
        } else {
            // The database was emptied: nothing that is known is true any more.
            self.forget();
        }
    }

    /// A step's document was full. What is written from now on goes to others, at the price of more writes.
    fn spread_over(&mut self, shards: u16) {
        if shards != self.shards {
            self.shards = shards;
            tracing::warn!(
                shards,
                "a document of a step's items was full: spreading over more; set store.shards to begin with so many"
            );
        }
    }

    fn to_forget(&self, day: Option<i64>) -> Vec<Period> {
        let Some(day) = day.filter(|day| self.forgot_on < Some(*day)) else {
            return Vec::new();
        };
        let hours = HOURS_FORGOTTEN
            .flat_map(|days| (0..HOURS_A_DAY).map(move |hour| (day - days) * HOURS_A_DAY + hour))
            .map(Period::hour);
        let days = DAYS_FORGOTTEN.map(|days| Period::day(day - days));
        hours.chain(days).collect()
    }

    /// Reads in one request what isn't known yet: orders that are refunded, items, the totals.
    async fn read(
        &mut self,
        events: &[Event<'_>],
        markers: &mut Markers,
        items: &mut BTreeMap<String, KnownItem>,
    ) -> Result<(), StoreUnavailable> {
        let refunded = orders(events, is_refund).filter(|digest| !markers.has(digest));
        let name = |digest: String| (markers::document(&self.client, &digest), digest);
        let mut wanted: BTreeMap<String, String> = refunded.map(name).collect();
        let lines = events.iter().flat_map(|event| &event.tally.items);
        let mut unknown = self.take_items(lines.map(|line| line.item_id.as_str()), items);
        let all_time = all_time::document(&self.client);
        if self.totals.as_ref().is_some_and(are_near_the_end) {
            self.totals = None;
        }
        let mut names: Vec<String> = wanted.keys().chain(unknown.keys()).cloned().collect();
        if self.totals.is_none() {
            names.push(all_time.clone());
        }
        if names.is_empty() {
            return Ok(());
        }
        let found = self.client.get(&names).await?;
        for document in &found {
            if let Some(digest) = wanted.remove(&document.name) {
                markers.found(digest, Some(document))?;
            } else if let Some(item_id) = unknown.remove(&document.name) {
                items.insert(item_id, KnownItem::read(document)?);
            } else if document.name == all_time {
                self.totals = Some(AllTime::read(Some(document))?.totals);
            }
        }
        for digest in wanted.into_values() {
            markers.found(digest, None)?;
        }
        for item_id in unknown.into_values() {
            items.insert(item_id, KnownItem::default());
        }
        self.totals.get_or_insert_default();
        Ok(())
    }

    async fn read_items<'a>(
        &mut self,
        wanted: impl Iterator<Item = &'a str>,
        items: &mut BTreeMap<String, KnownItem>,
    ) -> Result<(), StoreUnavailable> {
        let mut unknown = self.take_items(wanted, items);
        if unknown.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = unknown.keys().cloned().collect();
        for document in &self.client.get(&names).await? {
            if let Some(item_id) = unknown.remove(&document.name) {
                items.insert(item_id, KnownItem::read(document)?);
            }
        }
        for item_id in unknown.into_values() {
            items.insert(item_id, KnownItem::default());
        }
        Ok(())
    }

    /// Takes what is known of items out of the memory, so that a commit which is given up, or of which nobody learns
    /// the outcome, leaves nothing there that may be wrong. Returns those that must be read, by their documents' names;
    /// among them those whose sums others may have brought to the end of 64 bits meanwhile.
    fn take_items<'a>(
        &mut self,
        wanted: impl Iterator<Item = &'a str>,
        items: &mut BTreeMap<String, KnownItem>,
    ) -> BTreeMap<String, String> {
        let mut unknown = BTreeMap::new();
        for item_id in wanted {
            if items.contains_key(item_id) {
                continue;
            }
            match self.items.remove(item_id) {
                Some(item) if !item.is_near_the_end() => {
                    items.insert(item_id.to_owned(), item);
                }
                _ => {
                    let name = self.client.document(collections::ITEMS, item_id);
                    unknown.insert(name, item_id.to_owned());
                }
            }
        }
        unknown
    }
}

fn newest_day(additions: &Additions) -> Option<i64> {
    let periods = additions.totals.keys().copied().filter_map(Period::of);
    let days = periods.filter(|period| *period == Period::day(period.number));
    days.map(|day| day.number).max()
}

fn refused(reason: impl std::fmt::Display) -> TallyError {
    TallyError::Refused {
        reason: reason.to_string(),
    }
}

fn no_plan(error: NoPlan) -> Failure {
    Failure::Refused(match error {
        NoPlan::TooLarge(reason) => TallyError::TooLarge { reason },
        NoPlan::Overflow(_) | NoPlan::Order(_) => refused(error),
    })
}

/// Firestore and its emulator say it in words of their own, and both name the most that a document may take.
fn is_full(reason: &str) -> bool {
    const MEBIBYTE: &str = "1048576";
    reason.replace(',', "").contains(MEBIBYTE)
}
