//! Orders as this batch has read them and changes them.

use std::collections::BTreeMap;

use events::Identity;
use firestore::gcloud_sdk::google::firestore::v1::Document;
use firestore::gcloud_sdk::prost_types;
use store::StoreUnavailable;
use store::tallies::OrderRecord;

use super::super::value::text_of;
use super::plan::{OrderChange, RECORD};

/// What was found under a transaction.
#[derive(Clone, Default)]
struct Kept {
    record: OrderRecord,
    read: Option<prost_types::Timestamp>,
}

/// What was read, by the digest of the transaction. One that was never looked for is taken for a new one: should it be
/// there, the commit fails and it is looked for.
#[derive(Default)]
pub(super) struct Orders(BTreeMap<String, Kept>);

/// The name of a transaction's document.
pub(super) fn digest_of(transaction: &str) -> String {
    Identity::from_text(transaction).digest()
}

impl Orders {
    /// Whether it was looked for.
    pub(super) fn has(&self, digest: &str) -> bool {
        self.0.contains_key(digest)
    }

    /// Remembers what was found under the digest.
    pub(super) fn found(
        &mut self,
        digest: String,
        document: Option<&Document>,
    ) -> Result<(), StoreUnavailable> {
        let kept = document.map(read).transpose()?.unwrap_or_default();
        self.0.insert(digest, kept);
        Ok(())
    }

    /// Begins to change orders; what was read stays as it is, should the batch have to be tried again.
    pub(super) fn change(&self) -> Changes<'_> {
        Changes {
            orders: self,
            changed: BTreeMap::new(),
        }
    }
}

fn read(document: &Document) -> Result<Kept, StoreUnavailable> {
    let text = text_of(&document.fields, RECORD)?.unwrap_or_default();
    let record = serde_json::from_str(text).map_err(|error| {
        StoreUnavailable::new(format!(
            "an order in Firestore can't be read ({error}): somebody else wrote it"
        ))
    })?;
    Ok(Kept {
        record,
        read: document.update_time,
    })
}

/// Orders as the events of a batch change them.
pub(super) struct Changes<'a> {
    orders: &'a Orders,
    changed: BTreeMap<String, OrderRecord>,
}

impl Changes<'_> {
    /// The record of a transaction as it is so far.
    pub(super) fn record(&mut self, transaction: &str) -> &mut OrderRecord {
        let digest = digest_of(transaction);
        let kept = self.orders.0.get(&digest);
        let first = || kept.map(|kept| kept.record.clone()).unwrap_or_default();
        self.changed.entry(digest).or_insert_with(first)
    }

    pub(super) fn into_changes(self) -> Vec<OrderChange> {
        let orders = self.orders;
        let change = |(digest, record)| OrderChange {
            read: orders.0.get(&digest).and_then(|kept| kept.read),
            digest,
            record,
        };
        self.changed.into_iter().map(change).collect()
    }
}
