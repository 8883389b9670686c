//! What a reader's answer is of: the document of all time, read now or heard of a moment ago.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use firestore::gcloud_sdk::prost_types;
use store::StoreUnavailable;
use tokio::sync::Mutex;

use super::super::client::Client;
use super::all_time::{self, AllTime};

/// One state of the tallies.
#[derive(Clone)]
pub(super) struct Moment {
    pub(super) all_time: Arc<AllTime>,
    /// Everything else is read as it was at this time, so that an answer is of one moment. `None` where the last change
    /// is long ago: Firestore tells the past of an hour only. Should a commit come just then, the answer mixes two
    /// neighbouring commits; that heals with the next, because its counters differ.
    pub(super) read_time: Option<prost_types::Timestamp>,
}

/// Reads the document of all time, once for all who ask at the same time.
#[derive(Default)]
pub(super) struct Moments {
    /// Reads that were begun.
    begun: AtomicU64,
    /// The last that was read, and which read that was.
    last: Mutex<Option<(u64, Moment)>>,
}

impl Moments {
    /// The state now: one that began to be read after this was called.
    pub(super) async fn read(&self, client: &Client) -> Result<Moment, StoreUnavailable> {
        let begun = self.begun.load(Ordering::SeqCst);
        let mut last = self.last.lock().await;
        if let Some((number, moment)) = &*last
            && *number > begun
        {
            return Ok(moment.clone());
        }
        let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let snapshot = client.get_at(&[all_time::document(client)], None).await?;
        let moment = Moment {
            all_time: Arc::new(AllTime::read(snapshot.documents.first())?),
            read_time: snapshot.read_time,
        };
        *last = Some((number, moment.clone()));
        Ok(moment)
    }
}
