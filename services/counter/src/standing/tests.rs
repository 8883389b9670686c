//! Many who ask at once.

use std::sync::atomic::AtomicUsize;

use async_trait::async_trait;
use embedded::{EmbeddedStore, StoreSettings};
use events::FixedClock;
use futures_util::future::join_all;
use futures_util::poll;
use tempfile::TempDir;
use tokio::sync::Semaphore;

use super::*;

/// Counts how often it is asked. An answer takes one of the turns and is an error once they are no more.
struct Reports {
    asked: AtomicUsize,
    turns: Semaphore,
}

#[async_trait]
impl DestinationReports for Reports {
    async fn report(&self, _reports: Vec<DestinationReport>) -> Result<(), StoreUnavailable> {
        Ok(())
    }

    async fn reports(&self) -> Result<Vec<DestinationReport>, StoreUnavailable> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        match self.turns.acquire().await {
            Ok(turn) => turn.forget(),
            Err(_) => return Err(StoreUnavailable::new("it is away")),
        }
        Ok(Vec::new())
    }

    async fn purge(&self, _before: Timestamp) -> Result<u64, StoreUnavailable> {
        Ok(0)
    }
}

fn standing() -> (Standing, Arc<Reports>, TempDir) {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("store.sqlite");
    let store = Arc::new(EmbeddedStore::open(&file, StoreSettings::default()).expect("a store"));
    let reports = Arc::new(Reports {
        asked: AtomicUsize::new(0),
        turns: Semaphore::new(0),
    });
    let clock = Arc::new(FixedClock::new(Timestamp::from_millis(0)));
    let standing = Standing::new(store.clone(), store, reports.clone(), clock);
    (standing, reports, directory)
}

/// One may have asked the store just before something changed, so that those who come later wait for one more.
#[tokio::test]
async fn those_who_come_while_the_store_is_asked_share_one_more_answer() {
    for is_away in [false, true] {
        let (standing, reports, _directory) = standing();
        let mut asking: Vec<_> = (0..6).map(|_| Box::pin(standing.found())).collect();
        for one in &mut asking {
            assert!(poll!(one).is_pending());
        }
        assert_eq!(reports.asked.load(Ordering::SeqCst), 1);
        match is_away {
            false => reports.turns.add_permits(10),
            true => reports.turns.close(),
        }
        for answer in join_all(asking).await {
            match answer {
                Ok(_) => assert!(!is_away),
                Err(error) => assert!(is_away && error.reason == "it is away", "{error}"),
            }
        }
        assert_eq!(reports.asked.load(Ordering::SeqCst), 2);
        let _ = standing.found().await;
        assert_eq!(reports.asked.load(Ordering::SeqCst), 3, "few documents");
    }
}
