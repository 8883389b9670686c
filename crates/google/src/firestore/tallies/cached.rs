//! Documents that were read, each good for as long as its counter is the same.
//!
//! A commit counts up the counter of every document it writes, in another document. Whoever reads that one first never
//! takes an old document for a new one; at worst he reads one again that had not changed.

use std::collections::BTreeMap;
use std::hash::Hash;
use std::sync::Arc;

use firestore::gcloud_sdk::google::firestore::v1::Document;
use store::StoreUnavailable;
use tokio::sync::Mutex;

use super::super::client::Client;
use super::moment::Moment;
use super::recent::Recent;

/// A document in memory.
pub(super) trait Kept: Sized + Send + Sync {
    /// What it is found by.
    type Key: Copy + Eq + Hash + Ord + Send;

    /// Its full name.
    fn document(key: Self::Key, client: &Client) -> String;

    /// Reads it. One that isn't there holds nothing: the counter promises it, but Google has deleted it since.
    fn read(key: Self::Key, document: Option<&Document>) -> Result<Self, StoreUnavailable>;
}

/// With the counters they were read at.
type Entries<V> = Recent<<V as Kept>::Key, (i64, Arc<V>)>;

/// Those of one kind, at most so many.
pub(super) struct Cached<V: Kept> {
    entries: Mutex<Entries<V>>,
}

impl<V: Kept> Cached<V> {
    pub(super) fn new(most: usize) -> Self {
        Self {
            entries: Mutex::new(Recent::new(most)),
        }
    }

    /// Those of the keys as of the counters, which were read at `moment`. Whoever asks at the same time waits for what
    /// this reads.
    pub(super) async fn get(
        &self,
        client: &Client,
        moment: &Moment,
        wanted: impl IntoIterator<Item = (V::Key, i64)>,
    ) -> Result<BTreeMap<V::Key, Arc<V>>, StoreUnavailable> {
        let mut entries = self.entries.lock().await;
        let mut found = BTreeMap::new();
        let mut unknown: BTreeMap<String, (V::Key, i64)> = BTreeMap::new();
        for (key, counter) in wanted {
            match entries.get(&key) {
                Some((same, value)) if *same == counter => {
                    found.insert(key, Arc::clone(value));
                }
                _ => drop(unknown.insert(V::document(key, client), (key, counter))),
            }
        }
        if unknown.is_empty() {
            return Ok(found);
        }
        let names: Vec<String> = unknown.keys().cloned().collect();
        let documents = client.get_at(&names, moment.read_time).await?.documents;
        let documents: BTreeMap<&str, &Document> = documents
            .iter()
            .map(|document| (document.name.as_str(), document))
            .collect();
        for (name, (key, counter)) in unknown {
            let document = documents.get(name.as_str()).copied();
            let value = Arc::new(V::read(key, document)?);
            entries.insert(key, (counter, Arc::clone(&value)));
            found.insert(key, value);
        }
        Ok(found)
    }

    /// That of the key as of the counter, if it is still here.
    pub(super) async fn kept(&self, key: V::Key, counter: i64) -> Option<Arc<V>> {
        let mut entries = self.entries.lock().await;
        let (same, value) = entries.get(&key)?;
        (*same == counter).then(|| Arc::clone(value))
    }

    pub(super) async fn clear(&self) {
        self.entries.lock().await.clear();
    }
}
