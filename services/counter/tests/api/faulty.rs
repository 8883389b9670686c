//! Tallies that fail when told.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use embedded::EmbeddedStore;
use events::Timestamp;
use store::StoreUnavailable;
use store::tallies::{Point, Range, Sums, Tallied, Tallies, Tally, TallyError};

/// The embedded store's tallies, which can be cut off.
pub struct Faulty {
    pub store: Arc<EmbeddedStore>,
    is_down: AtomicBool,
}

impl Faulty {
    pub fn new(store: Arc<EmbeddedStore>) -> Self {
        Self {
            store,
            is_down: AtomicBool::new(false),
        }
    }

    /// From now on, everything fails, or nothing.
    pub fn set_down(&self, is_down: bool) {
        self.is_down.store(is_down, Ordering::SeqCst);
    }

    fn tallies(&self) -> Result<&dyn Tallies, StoreUnavailable> {
        if self.is_down.load(Ordering::SeqCst) {
            Err(StoreUnavailable::new("cut off by the test"))
        } else {
            Ok(&*self.store)
        }
    }
}

#[async_trait]
impl Tallies for Faulty {
    async fn tally(&self, batch: &[Tally]) -> Result<Vec<Tallied>, TallyError> {
        self.tallies()?.tally(batch).await
    }

    async fn known(&self, identity: &str) -> Result<bool, StoreUnavailable> {
        self.tallies()?.known(identity).await
    }

    async fn sums(&self, range: Range) -> Result<Sums, StoreUnavailable> {
        self.tallies()?.sums(range).await
    }

    async fn series(
        &self,
        range: Range,
        item: Option<&str>,
    ) -> Result<Vec<Point>, StoreUnavailable> {
        self.tallies()?.series(range, item).await
    }

    async fn version(&self) -> Result<u64, StoreUnavailable> {
        self.tallies()?.version().await
    }

    async fn changed(&self, seen: u64) -> Result<u64, StoreUnavailable> {
        self.tallies()?.changed(seen).await
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreUnavailable> {
        self.tallies()?.purge(now).await
    }
}
