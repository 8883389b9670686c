//! Forgets what is past its time.
//!
//! On Google Cloud TTL policies do it and nothing calls this. The emulator has none.

use std::collections::BTreeMap;

use events::Timestamp;
use store::StoreUnavailable;
use store::tallies::Step;

use super::super::client::Client;
use super::super::collections::{DAYS, HOURS, MARKERS, MINUTES, QUARTERS};
use super::super::expiry::forget_expired;
use super::super::names::field_path;
use super::super::write;
use super::all_time::{self, AllTime};
use super::cached::Kept;
use super::change::Change;
use super::kept::{StepHead, Steps};
use super::plan::WRITTEN;
use super::steps::{Period, step_key};

/// Forgets markers and steps; returns how many.
pub(super) async fn purge(client: &Client, now: Timestamp) -> Result<u64, StoreUnavailable> {
    let mut forgotten = 0;
    let document = client.get_one(all_time::document(client)).await?;
    for period in AllTime::read(document.as_ref())?.written.into_keys() {
        forgotten += forget_steps(client, period, now).await?;
    }
    for collection in [MARKERS, MINUTES, QUARTERS, HOURS, DAYS] {
        forgotten += forget_expired(client, collection, now).await?;
    }
    Ok(forgotten)
}

/// Forgets the steps of an hour or a day that began too long ago, to the step.
async fn forget_steps(
    client: &Client,
    period: Period,
    now: Timestamp,
) -> Result<u64, StoreUnavailable> {
    let kept = period.resolution.kept().unwrap_or_default();
    let first_kept = now.minus(kept);
    if period.start() >= first_kept {
        return Ok(0);
    }
    let document = client.get_one(period.document(client)).await?;
    let Steps(steps) = Steps::read(period, document.as_ref())?;
    let (old, left): (BTreeMap<Step, StepHead>, BTreeMap<_, _>) = steps
        .into_iter()
        .partition(|(step, _)| step.start < first_kept);
    if old.is_empty() && !left.is_empty() {
        return Ok(0);
    }
    let mut writes = Vec::new();
    let mut head = Change::of(period.document(client));
    for (step, step_head) in &old {
        let shards = step_head.shards(*step);
        writes.extend(shards.map(|(shard, _)| write::delete(shard.document(client))));
        head.remove(&[period.map(), &step_key(*step)]);
    }
    let mut all_time = Change::of(all_time::document(client));
    if left.is_empty() {
        writes.push(write::delete(period.document(client)));
        all_time.remove(&[WRITTEN, &period.key()]);
    } else {
        writes.push(head.into_write());
        // Readers look at the period again.
        all_time.add(field_path(&[WRITTEN, &period.key()]), 1);
    }
    writes.push(all_time.into_write());
    client.commit(writes).await?;
    Ok(u64::try_from(old.len()).unwrap_or(u64::MAX))
}
