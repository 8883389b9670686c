//! Commits of the plainest kind, for benches: what the store's way of writing is compared with. They go through the same
//! client, so that nothing else differs.

use std::collections::BTreeMap;

use store::StoreUnavailable;

use super::client::Client;
use super::value::{Fields, fields, integer_of, text};
use super::{FirestoreSettings, write};

const MARKERS: &str = "bare_markers";
const COUNTS: &str = "bare_counts";
const TEXTS: &str = "bare_texts";
const COUNT: &str = "count";

/// Writes one event at a time to a database.
pub struct BareCommits {
    client: Client,
}

impl BareCommits {
    /// Connects at the first call.
    pub fn new(settings: FirestoreSettings) -> Self {
        Self {
            client: Client::new(settings),
        }
    }

    /// One commit: an event's marker, which must not be there, and an increment for each item of it.
    pub async fn count(
        &self,
        event: &str,
        items: &[(String, i64)],
    ) -> Result<(), StoreUnavailable> {
        let marker = self.client.document(MARKERS, event);
        let mut writes = vec![write::create(marker, Fields::new())];
        writes.extend(items.iter().map(|(item, by)| {
            let name = self.client.document(COUNTS, item);
            let increment = write::increment(COUNT.to_owned(), *by);
            write::merge(name, Fields::new(), Vec::new(), vec![increment])
        }));
        self.client.commit(writes).await?;
        Ok(())
    }

    /// What was counted of items; those that were never counted are left out.
    pub async fn counted(
        &self,
        items: &[String],
    ) -> Result<BTreeMap<String, i64>, StoreUnavailable> {
        let mut counted = BTreeMap::new();
        for item in items {
            let name = self.client.document(COUNTS, item);
            if let Some(document) = self.client.get_one(name).await? {
                let count = integer_of(&document.fields, COUNT)?.unwrap_or_default();
                counted.insert(item.clone(), count);
            }
        }
        Ok(counted)
    }

    /// One commit of one document, whatever was there.
    pub async fn put(&self, id: &str, content: &str) -> Result<(), StoreUnavailable> {
        let name = self.client.document(TEXTS, id);
        let written = write::replace(name, fields([("text", text(content))]));
        self.client.commit(vec![written]).await?;
        Ok(())
    }
}
