//! The one document of all time: its totals, the version, and a counter of every hour and day that was written.

use super::super::super::client::Client;
use super::super::super::names::field_path;
use super::super::all_time::{VERSION, document};
use super::super::change::Change;
use super::super::figures::numbers_of_totals;
use super::super::steps::Period;
use super::item::ALL_TIME;
use super::shards::WRITTEN;
use super::{Batch, Counter, NoPlan, Plan};

impl Plan {
    pub(super) fn add_counters(
        &mut self,
        client: &Client,
        batch: &Batch<'_>,
        periods: Vec<Period>,
    ) -> Result<(), NoPlan> {
        let mut change = Change::of(document(client));
        let mut counters = vec![Counter::Version];
        change.add(VERSION.into(), 1);
        if let Some(totals) = batch.additions.totals.get(&ALL_TIME) {
            batch.totals.clone().add(totals)?;
            for (number, more) in numbers_of_totals(totals) {
                change.add(field_path(&number.name()), more);
                counters.push(Counter::Total(number));
            }
        }
        for period in &periods {
            change.add(field_path(&[WRITTEN, &period.key()]), 1);
            counters.push(Counter::Other);
        }
        for period in batch.forgotten {
            if !periods.contains(period) {
                change.remove(&[WRITTEN, &period.key()]);
            }
        }
        let place = self.push(change)?;
        self.all_time = Some((place, counters));
        Ok(())
    }
}
