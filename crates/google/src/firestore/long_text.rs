//! Documents with a text that may be longer than a document can be.
//!
//! A text that fits is a field of its document, the head. A longer one is put into parts of a collection beside it, which
//! are written before the head and belong to one version of it alone: a head is always whole, and two versions never mix.

mod parts;
#[cfg(test)]
mod tests;

use events::Timestamp;
use firestore::gcloud_sdk::google::firestore::v1::{Document, Write};
use firestore::gcloud_sdk::prost_types;
use store::StoreUnavailable;

use super::client::{Client, CommitError};
use super::rounds::Rounds;
use super::value::{self, Fields};
use super::write;
use parts::Parts;

/// A document may have 1 MiB; the rest is for its other fields.
const MOST_IN_HEAD_BYTES: usize = 700 << 10;
/// Counts a document's versions.
const REVISION: &str = "revision";

/// A collection whose documents have a long text.
pub(super) struct LongText {
    /// The documents' collection.
    pub collection: &'static str,
    /// The field that has the text where it fits.
    pub field: &'static str,
    /// The collection that has it where it doesn't.
    pub parts: &'static str,
}

/// A document as it was read or written, to be replaced if nobody else has replaced it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Version {
    update_time: prost_types::Timestamp,
    revision: i64,
    parts: Option<Parts>,
}

/// A document with its text.
pub(super) struct Whole {
    pub fields: Fields,
    pub text: String,
    pub version: Version,
}

impl LongText {
    /// The document without the text of its parts, if it is there.
    pub(super) async fn head(
        &self,
        client: &Client,
        id: &str,
    ) -> Result<Option<(Fields, Version)>, StoreUnavailable> {
        let name = client.document(self.collection, id);
        let document = client.get_one(name).await?;
        document
            .map(|document| {
                let version = Version::of(&document)?;
                Ok((document.fields, version))
            })
            .transpose()
    }

    /// The document with its text, if it is there.
    pub(super) async fn read(
        &self,
        client: &Client,
        id: &str,
    ) -> Result<Option<Whole>, StoreUnavailable> {
        let mut rounds = Rounds::new("reading a document in parts");
        loop {
            let Some((fields, version)) = self.head(client, id).await? else {
                return Ok(None);
            };
            if let Some(whole) = self.with_text(client, id, fields, version).await? {
                return Ok(Some(whole));
            }
            rounds.lost().await?;
        }
    }

    /// The same of a document that a query has found; `None` if it is gone since.
    pub(super) async fn read_found(
        &self,
        client: &Client,
        id: &str,
        found: Document,
    ) -> Result<Option<Whole>, StoreUnavailable> {
        let version = Version::of(&found)?;
        match self.with_text(client, id, found.fields, version).await? {
            Some(whole) => Ok(Some(whole)),
            None => self.read(client, id).await,
        }
    }

    /// The document that was read, with its text; `None` if parts are missing: it was replaced meanwhile.
    pub(super) async fn with_text(
        &self,
        client: &Client,
        id: &str,
        mut fields: Fields,
        version: Version,
    ) -> Result<Option<Whole>, StoreUnavailable> {
        let text = match &version.parts {
            Some(parts) => parts.read(client, self.parts, id).await?,
            None => value::take_text(&mut fields, self.field)?,
        };
        Ok(text.map(|text| Whole {
            fields,
            text,
            version,
        }))
    }

    /// Writes a document with its text: a new one, or in the place of `before`. A failed precondition means that there
    /// is one, or another than `before`.
    pub(super) async fn write(
        &self,
        client: &Client,
        id: &str,
        before: Option<&Version>,
        mut fields: Fields,
        text: &str,
        expires: Timestamp,
    ) -> Result<Version, CommitError> {
        let revision =
            before.map_or_else(first_revision, |before| before.revision.saturating_add(1));
        fields.insert(REVISION.to_owned(), value::integer(revision));
        let parts = (text.len() > MOST_IN_HEAD_BYTES).then(|| Parts::of(revision, text));
        match &parts {
            None => {
                fields.insert(self.field.to_owned(), value::text(text));
            }
            Some(parts) => {
                self.expect_none(client, id, before).await?;
                parts.write(client, self.parts, id, text, expires).await?;
                parts.note(&mut fields);
            }
        }
        let update_time = commit_one(client, self.head_write(client, id, before, fields)).await?;
        if let Some(parts) = before.and_then(|before| before.parts.as_ref()) {
            parts.discard(client, self.parts, id).await;
        }
        Ok(Version {
            update_time,
            revision,
            parts,
        })
    }

    /// Sets these fields of the document that was read, and not its text. A failed precondition means that it was changed
    /// since.
    pub(super) async fn amend(
        &self,
        client: &Client,
        id: &str,
        version: &Version,
        fields: Fields,
    ) -> Result<(), CommitError> {
        let name = client.document(self.collection, id);
        let paths = fields.keys().cloned().collect();
        let amending = write::amend_unchanged(name, fields, paths, version.update_time);
        client.commit(vec![amending]).await.map(drop)
    }

    /// Removes the document that was read, with its parts. A failed precondition means that it was changed since.
    pub(super) async fn delete(
        &self,
        client: &Client,
        id: &str,
        version: &Version,
    ) -> Result<(), CommitError> {
        let name = client.document(self.collection, id);
        let deleting = write::delete_unchanged(name, version.update_time);
        client.commit(vec![deleting]).await?;
        if let Some(parts) = &version.parts {
            parts.discard(client, self.parts, id).await;
        }
        Ok(())
    }

    /// A document may be taken for new without a look, but not when parts would be written for nothing.
    async fn expect_none(
        &self,
        client: &Client,
        id: &str,
        before: Option<&Version>,
    ) -> Result<(), CommitError> {
        if before.is_none() && self.head(client, id).await?.is_some() {
            let there = "the document is there already".to_owned();
            return Err(CommitError::Precondition(there));
        }
        Ok(())
    }

    fn head_write(
        &self,
        client: &Client,
        id: &str,
        before: Option<&Version>,
        fields: Fields,
    ) -> Write {
        let name = client.document(self.collection, id);
        match before {
            None => write::create(name, fields),
            Some(before) => write::replace_unchanged(name, fields, before.update_time),
        }
    }
}

/// No document of the same name had it before: a document that was deleted may still be losing its parts while it is written
/// anew with the same text.
fn first_revision() -> i64 {
    fastrand::i64(1..1 << 62)
}

async fn commit_one(client: &Client, write: Write) -> Result<prost_types::Timestamp, CommitError> {
    let results = client.commit(vec![write]).await?;
    let update_time = results.into_iter().find_map(|result| result.update_time);
    update_time.ok_or_else(|| {
        StoreUnavailable::new("Firestore did not say when it wrote a document").into()
    })
}

impl Version {
    /// Whether its text is the very one of the other, whatever else was changed.
    pub(super) fn has_the_text_of(&self, other: &Self) -> bool {
        self.parts == other.parts
    }

    fn of(document: &Document) -> Result<Self, StoreUnavailable> {
        let update_time = document.update_time.ok_or_else(|| {
            StoreUnavailable::new("Firestore did not say when a document was written")
        })?;
        Ok(Self {
            update_time,
            revision: value::integer_of(&document.fields, REVISION)?.unwrap_or_default(),
            parts: Parts::noted(&document.fields)?,
        })
    }
}
