//! How destinations stand, as the store has it, for all who ask at once.
//!
//! The page asks every few seconds, and a store may charge for each document of an answer. So an answer of many is kept for
//! as long as it takes to have cost no more than [`DOCUMENTS_A_SECOND`].

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use events::{Clock, Timestamp};
use store::{
    DeadLetterFilter, DeadLetters, DestinationReport, DestinationReports, HeldBacklog,
    HeldMessages, StoreUnavailable,
};
use tokio::sync::Mutex;

/// Letters that are counted at most.
const MAX_LETTERS: usize = 1000;
/// An answer of so few is asked for anew each time.
const FEW: usize = 100;
const DOCUMENTS_A_SECOND: usize = 20;

/// What was found.
#[derive(Debug)]
pub(crate) struct Found {
    pub reports: Vec<DestinationReport>,
    /// Letters by destination that wait for a replay.
    pub letters: BTreeMap<String, u64>,
    pub backlogs: Vec<HeldBacklog>,
}

/// One look at the store, shared.
pub(crate) struct Standing {
    dead_letters: Arc<dyn DeadLetters>,
    held_messages: Arc<dyn HeldMessages>,
    destination_reports: Arc<dyn DestinationReports>,
    clock: Arc<dyn Clock>,
    /// Looks that were begun.
    begun: AtomicU64,
    kept: Mutex<Option<Kept>>,
}

struct Kept {
    /// Which look it is of.
    look: u64,
    /// Or why there is none.
    found: Result<Arc<Found>, String>,
    from: Timestamp,
    until: Timestamp,
}

impl Standing {
    pub(crate) fn new(
        dead_letters: Arc<dyn DeadLetters>,
        held_messages: Arc<dyn HeldMessages>,
        destination_reports: Arc<dyn DestinationReports>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            dead_letters,
            held_messages,
            destination_reports,
            clock,
            begun: AtomicU64::new(0),
            kept: Mutex::default(),
        }
    }

    /// What is known now, or was a little while ago if it was much.
    pub(crate) async fn found(&self) -> Result<Arc<Found>, StoreUnavailable> {
        let begun = self.begun.load(Ordering::SeqCst);
        // Held while the store is asked: all who came before it was share its answer, or a store that is away would keep
        // them waiting one after the other.
        let mut kept = self.kept.lock().await;
        let now = self.clock.now();
        if let Some(kept) = kept.as_ref()
            && (kept.look > begun || (kept.from..kept.until).contains(&now))
        {
            return kept.answer();
        }
        let look = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let (found, documents) = match self.look().await {
            Ok((found, documents)) => (Ok(Arc::new(found)), documents),
            Err(error) => (Err(error.reason), 0),
        };
        let answered = kept.insert(Kept {
            look,
            found,
            from: now,
            until: now.plus(lifetime(documents)),
        });
        answered.answer()
    }

    /// Forgets what was found: somebody has changed it.
    pub(crate) async fn forget(&self) {
        *self.kept.lock().await = None;
    }

    /// Also how many documents it took.
    async fn look(&self) -> Result<(Found, usize), StoreUnavailable> {
        let reports = self.destination_reports.reports().await?;
        let filter = DeadLetterFilter {
            limit: MAX_LETTERS,
            ..DeadLetterFilter::default()
        };
        let listed = self.dead_letters.list(&filter).await?;
        let backlogs = self.held_messages.backlog().await?;
        let documents = reports.len() + listed.len();
        let mut letters = BTreeMap::new();
        let waiting = listed
            .into_iter()
            .filter(|letter| letter.replayed.is_none());
        for destination in waiting.filter_map(|letter| letter.destination) {
            *letters.entry(destination).or_default() += 1;
        }
        let found = Found {
            reports,
            letters,
            backlogs,
        };
        Ok((found, documents))
    }
}

impl Kept {
    fn answer(&self) -> Result<Arc<Found>, StoreUnavailable> {
        let reason = |reason: &String| StoreUnavailable {
            reason: reason.clone(),
        };
        self.found.as_ref().map(Arc::clone).map_err(reason)
    }
}

fn lifetime(documents: usize) -> Duration {
    let counted = documents.saturating_sub(FEW) / DOCUMENTS_A_SECOND;
    Duration::from_secs(u64::try_from(counted).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests;
