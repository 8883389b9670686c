//! The tallies on Firestore: `store`'s rules gather a batch in memory, one commit adds it, and readers look only at what
//! was written since they looked last.
//!
//! Instances know nothing of each other. Numbers are only ever added to by the database, what is known of items
//! converges whoever writes it, and an event's marker is created in the same commit that adds what the event adds.

mod all_time;
mod cached;
mod change;
mod commit;
mod details;
mod figures;
mod items;
mod kept;
mod known_items;
mod listen;
mod markers;
mod moment;
mod plan;
mod purge;
mod read;
mod recent;
mod steps;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use async_trait::async_trait;
use events::{Identity, Timestamp};
use store::StoreUnavailable;
use store::tallies::{Point, Range, Sums, Tallied, Tallies, Tally, TallyError};
use tokio::sync::{Mutex, watch};

use super::FirestoreStore;
use super::client::Client;
use commit::Writer;
use listen::Listener;
use read::Reader;

/// What writing and reading tell each other.
struct Shared {
    /// The version that this instance's last commit made.
    own_version: watch::Sender<u64>,
    /// Somebody has emptied the database since the writer looked.
    is_emptied: AtomicBool,
}

impl Shared {
    fn own_version(&self) -> u64 {
        *self.own_version.borrow()
    }

    /// Takes note of the version of a commit; false if it is none that can follow the last.
    fn is_new_version(&self, version: u64) -> bool {
        self.own_version.send_replace(version) < version
    }
}

/// One instance's tallies.
pub(super) struct FirestoreTallies {
    client: Arc<Client>,
    shared: Arc<Shared>,
    /// One commit is in flight at a time: no document is written more often than that.
    writer: Mutex<Writer>,
    reader: Reader,
    listener: Listener,
}

impl FirestoreTallies {
    pub(super) fn new(client: &Arc<Client>) -> Self {
        let shared = Arc::new(Shared {
            own_version: watch::channel(0).0,
            is_emptied: AtomicBool::new(false),
        });
        Self {
            writer: Mutex::new(Writer::new(Arc::clone(client), Arc::clone(&shared))),
            reader: Reader::new(Arc::clone(client), Arc::clone(&shared)),
            listener: Listener::new(Arc::clone(client)),
            client: Arc::clone(client),
            shared,
        }
    }
}

#[async_trait]
impl Tallies for FirestoreStore {
    async fn tally(&self, batch: &[Tally]) -> Result<Vec<Tallied>, TallyError> {
        self.tallies.writer.lock().await.tally(batch).await
    }

    async fn known(&self, identity: &str) -> Result<bool, StoreUnavailable> {
        let digest = Identity::from_text(identity).digest();
        let client = &self.tallies.client;
        let marker = client.get_one(markers::document(client, &digest)).await?;
        Ok(marker.as_ref().is_some_and(markers::is_counted))
    }

    async fn sums(&self, range: Range) -> Result<Sums, StoreUnavailable> {
        let FirestoreTallies {
            reader, listener, ..
        } = &self.tallies;
        let moment = reader.moment(listener).await?;
        reader.sums(&moment, range).await
    }

    async fn series(
        &self,
        range: Range,
        item: Option<&str>,
    ) -> Result<Vec<Point>, StoreUnavailable> {
        let FirestoreTallies {
            reader, listener, ..
        } = &self.tallies;
        let moment = reader.moment(listener).await?;
        reader.series(&moment, range, item).await
    }

    async fn version(&self) -> Result<u64, StoreUnavailable> {
        let FirestoreTallies {
            reader, listener, ..
        } = &self.tallies;
        Ok(reader.moment(listener).await?.all_time.version)
    }

    async fn changed(&self, seen: u64) -> Result<u64, StoreUnavailable> {
        let own = self.tallies.shared.own_version.subscribe();
        self.tallies.listener.changed(seen, own).await
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreUnavailable> {
        // Markers that are gone must not be remembered, and none may be added meanwhile.
        let mut writer = self.tallies.writer.lock().await;
        writer.forget();
        purge::purge(&self.tallies.client, now).await
    }
}
