//! The tallies on SQLite: `store`'s rules gather a batch in memory, one transaction adds it.

mod items;
mod pieces;
mod purge;
mod read;
mod rows;
mod schema;
#[cfg(test)]
mod tests;
mod write;

use std::sync::Arc;
use std::time::Duration;

use ::store::StoreUnavailable;
use ::store::tallies::{Point, Range, Sums, Tallied, Tallies, Tally, TallyError};
use async_trait::async_trait;
use events::Timestamp;

use crate::EmbeddedStore;
use crate::store::{PURGED_AT_ONCE, rows as row_count};
pub(crate) use schema::TABLES;

/// What another process added is seen this late, and so is what a caller added who didn't wait for the answer.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

#[async_trait]
impl Tallies for EmbeddedStore {
    async fn tally(&self, batch: &[Tally]) -> Result<Vec<Tallied>, TallyError> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        let batch = batch.to_vec();
        let answer = self
            .write(move |connection| write::add(connection, &batch))
            .await?;
        let (outcomes, is_changed) = answer.map_err(|reason| TallyError::Refused { reason })?;
        if is_changed {
            self.tallied().send_replace(());
        }
        Ok(outcomes)
    }

    async fn known(&self, identity: &str) -> Result<bool, StoreUnavailable> {
        let identity = identity.to_owned();
        self.read(move |connection| read::known(connection, &identity))
            .await
    }

    async fn sums(&self, range: Range) -> Result<Sums, StoreUnavailable> {
        self.read(move |connection| read::sums(connection, range))
            .await
    }

    async fn series(
        &self,
        range: Range,
        item: Option<&str>,
    ) -> Result<Vec<Point>, StoreUnavailable> {
        let item = item.map(str::to_owned);
        self.read(move |connection| read::series(connection, range, item.as_deref()))
            .await
    }

    async fn version(&self) -> Result<u64, StoreUnavailable> {
        self.read(|connection| {
            let version: i64 = connection
                .prepare_cached("SELECT version FROM tallies_version")?
                .query_row([], |row| row.get(0))?;
            Ok(version.unsigned_abs())
        })
        .await
    }

    async fn changed(&self, seen: u64) -> Result<u64, StoreUnavailable> {
        // Before the first look, so that nothing that comes between the look and the wait is missed.
        let mut tallied = self.tallied().subscribe();
        loop {
            let version = self.version().await?;
            if version != seen {
                return Ok(version);
            }
            // Whether told or not, the next look decides.
            let told = tokio::time::timeout(LOOK_AGAIN, tallied.changed()).await;
            drop(told);
        }
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreUnavailable> {
        let mut forgotten = 0;
        for purge in purge::all(now) {
            let purge = Arc::new(purge);
            loop {
                let these = Arc::clone(&purge);
                let some = self
                    .write(move |connection| purge::forget_some(connection, &these))
                    .await?;
                forgotten += row_count(some);
                if some < PURGED_AT_ONCE {
                    break;
                }
            }
        }
        Ok(forgotten)
    }
}
