//! Markers, as this batch has read them and changes them: which events were counted.
//!
//! What is remembered of an order is kept in its purchase's marker, so that a purchase costs one document and not two.
//! An order may be known before its purchase is counted, since a refund may come first, and is then kept where the
//! purchase's marker will be: a document without [`AT`] marks nothing yet.

use std::collections::BTreeMap;

use events::Identity;
use firestore::gcloud_sdk::google::firestore::v1::{Document, Write};
use firestore::gcloud_sdk::prost_types;
use store::StoreUnavailable;
use store::tallies::{OrderRecord, Tally};

use super::super::client::Client;
use super::super::collections::MARKERS;
use super::super::expiry::EXPIRES_AT;
use super::super::value::{Fields, from_json, text, text_of, time};
use super::super::write::{amend_unchanged, create};

/// When the event happened.
const AT: &str = "at";
/// The text of an order's record.
const RECORD: &str = "record";

/// The name of a marker's document.
pub(super) fn document(client: &Client, digest: &str) -> String {
    client.document(MARKERS, digest)
}

/// Whether the document says that its event was counted.
pub(super) fn is_counted(document: &Document) -> bool {
    document.fields.contains_key(AT)
}

/// The digest of the identity of an order's purchase.
pub(super) fn digest_of_order(transaction: &str) -> String {
    Identity::of_purchase(transaction).digest()
}

/// What was found under a digest.
#[derive(Default)]
struct Kept {
    is_counted: bool,
    order: OrderRecord,
    read: Option<prost_types::Timestamp>,
}

/// What was read, by digest. One that was never looked for is taken for a new one: should it be there, the commit fails and
/// it is looked for.
#[derive(Default)]
pub(super) struct Markers(BTreeMap<String, Kept>);

impl Markers {
    /// Whether it was looked for.
    pub(super) fn has(&self, digest: &str) -> bool {
        self.0.contains_key(digest)
    }

    /// Whether the marker was read and says that its event was counted.
    pub(super) fn is_counted(&self, digest: &str) -> bool {
        self.0.get(digest).is_some_and(|kept| kept.is_counted)
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

    /// Begins to change them; what was read stays as it is, should the batch have to be tried again.
    pub(super) fn change(&self) -> Changes<'_> {
        Changes {
            read: self,
            changed: BTreeMap::new(),
        }
    }
}

fn read(document: &Document) -> Result<Kept, StoreUnavailable> {
    let order = text_of(&document.fields, RECORD)?
        .map(|text| from_json(text, "an order"))
        .transpose()?;
    Ok(Kept {
        is_counted: is_counted(document),
        order: order.unwrap_or_default(),
        read: document.update_time,
    })
}

/// A marker as it is to be kept.
#[derive(Default)]
pub(super) struct MarkerChange<'a> {
    pub(super) digest: String,
    /// The event that is counted by it now.
    pub(super) counted: Option<&'a Tally>,
    /// The order's record, if the batch is about the order.
    pub(super) order: Option<OrderRecord>,
    /// The time of the document that was read; `None` if there is none as far as is known.
    pub(super) read: Option<prost_types::Timestamp>,
}

/// Markers as the events of a batch change them.
pub(super) struct Changes<'a> {
    read: &'a Markers,
    changed: BTreeMap<String, MarkerChange<'a>>,
}

impl<'a> Changes<'a> {
    /// The event is counted.
    pub(super) fn count(&mut self, digest: &str, tally: &'a Tally) {
        self.marker(digest.to_owned()).counted = Some(tally);
    }

    /// The record of a transaction as it is so far.
    pub(super) fn order(&mut self, transaction: &str) -> &mut OrderRecord {
        let digest = digest_of_order(transaction);
        let kept = self.read.0.get(&digest);
        let first = || kept.map(|kept| kept.order.clone()).unwrap_or_default();
        self.marker(digest).order.get_or_insert_with(first)
    }

    fn marker(&mut self, digest: String) -> &mut MarkerChange<'a> {
        let read = self.read.0.get(&digest).and_then(|kept| kept.read);
        let first = MarkerChange {
            digest: digest.clone(),
            read,
            ..MarkerChange::default()
        };
        self.changed.entry(digest).or_insert(first)
    }

    pub(super) fn into_changes(self) -> Vec<MarkerChange<'a>> {
        self.changed.into_values().collect()
    }
}

impl MarkerChange<'_> {
    /// As little as will do: there is one for each event, which makes markers the dearest of all documents.
    pub(super) fn write(&self, client: &Client) -> Result<Write, serde_json::Error> {
        let mut kept = Fields::new();
        if let Some(tally) = self.counted {
            kept.insert(AT.to_owned(), time(tally.at));
        }
        if let Some(order) = &self.order {
            kept.insert(RECORD.to_owned(), text(serde_json::to_string(order)?));
        }
        let counted = self.counted.map(|tally| tally.expires);
        let remembered = self.order.as_ref().map(|order| order.expires);
        if let Some(expires) = counted.max(remembered) {
            kept.insert(EXPIRES_AT.to_owned(), time(expires));
        }
        let name = document(client, &self.digest);
        Ok(match self.read {
            Some(read) => {
                let paths = kept.keys().cloned().collect();
                amend_unchanged(name, kept, paths, read)
            }
            None => create(name, kept),
        })
    }
}
