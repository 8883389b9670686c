//! How destinations do is written to the store, where the operators' page reads it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use events::Clock;
use store::DestinationReports;
use tokio::sync::Mutex;
use tokio::time::MissedTickBehavior;

use crate::startup::Dependencies;
use crate::statistics::{Counts, Statistics};

/// What has changed is written at the end within this time: it is told to people, and nothing waits for it.
const LAST_WITHIN: Duration = Duration::from_secs(1);

/// Writes what has changed since it last wrote.
pub(crate) struct Reporter {
    statistics: Arc<Statistics>,
    reports: Arc<dyn DestinationReports>,
    clock: Arc<dyn Clock>,
    reported: Mutex<BTreeMap<String, Counts>>,
}

impl Reporter {
    pub(crate) fn of(dependencies: &Dependencies, statistics: Arc<Statistics>) -> Self {
        Self {
            statistics,
            reports: Arc::clone(&dependencies.destination_reports),
            clock: Arc::clone(&dependencies.clock),
            reported: Mutex::default(),
        }
    }

    /// Reports every `interval`, until aborted.
    pub(crate) async fn watch(self: Arc<Self>, interval: Duration) {
        let mut ticks = tokio::time::interval(interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.report(self.statistics.counts()).await;
        }
    }

    /// Reports for the last time: whoever starts next counts from nothing.
    pub(crate) async fn finish(&self) {
        let reporting = self.report(self.statistics.last_counts());
        if tokio::time::timeout(LAST_WITHIN, reporting).await.is_err() {
            tracing::warn!("the destinations' last state could not be reported in time");
        }
    }

    async fn report(&self, counts: BTreeMap<String, Counts>) {
        let mut reported = self.reported.lock().await;
        if counts == *reported {
            return;
        }
        let reports = self.statistics.reports(&counts, self.clock.now());
        match self.reports.report(reports).await {
            Ok(()) => *reported = counts,
            Err(error) => {
                tracing::warn!(%error, "the destinations' state could not be reported; trying again")
            }
        }
    }
}
