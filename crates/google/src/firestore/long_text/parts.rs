//! The parts of a text, each a document.

use std::collections::HashMap;
use std::time::Duration;

use events::{Identity, Timestamp};
use firestore::gcloud_sdk::google::firestore::v1::Write;
use store::StoreUnavailable;

use crate::firestore::client::{Client, CommitError};
use crate::firestore::expiry::EXPIRES_AT;
use crate::firestore::value::{self, Fields};
use crate::firestore::write;

/// A document may have 1 MiB.
const MOST_BYTES: usize = 900 << 10;
/// A commit may have 10 MiB, and 4 MiB in Google's emulator.
const WRITTEN_AT_ONCE: usize = 4;
/// Google deletes what has expired within days and in no order; a head must not outlive its parts.
const OUTLIVE_HEAD: Duration = Duration::from_secs(7 * 24 * 60 * 60);

const GENERATION: &str = "parts_generation";
const COUNT: &str = "parts_count";
const DATA: &str = "data";

/// Which parts a head's text is in.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Parts {
    /// Names one version of one text: it is never used for another.
    generation: String,
    count: i64,
}

impl Parts {
    /// Those of a text that is to be the version of that number.
    ///
    /// The digest keeps apart two writers of the same version, of whom one will lose. The number keeps apart two versions
    /// with the same text, so that the parts of the older can be deleted while the newer is written.
    pub(super) fn of(revision: i64, text: &str) -> Self {
        let digest = Identity::from_text(text).digest();
        let count = pieces(text).count();
        Self {
            generation: format!("{revision}-{digest}"),
            count: i64::try_from(count).unwrap_or(i64::MAX),
        }
    }

    /// Those that a head names, if it names any.
    pub(super) fn noted(head: &Fields) -> Result<Option<Self>, StoreUnavailable> {
        let generation = value::text_of(head, GENERATION)?;
        let count = value::integer_of(head, COUNT)?;
        Ok(generation.zip(count).map(|(generation, count)| Self {
            generation: generation.to_owned(),
            count,
        }))
    }

    /// Writes into a head which parts are its own.
    pub(super) fn note(&self, head: &mut Fields) {
        head.extend(value::fields([
            (GENERATION, value::text(&self.generation)),
            (COUNT, value::integer(self.count)),
        ]));
    }

    /// The text; `None` if a part is missing.
    pub(super) async fn read(
        &self,
        client: &Client,
        collection: &str,
        id: &str,
    ) -> Result<Option<String>, StoreUnavailable> {
        let names = self.names(client, collection, id);
        let found = client.get(&names).await?;
        let mut by_name: HashMap<_, _> = found
            .into_iter()
            .map(|document| (document.name, document.fields))
            .collect();
        let mut text = String::new();
        for name in names {
            let Some(mut fields) = by_name.remove(&name) else {
                return Ok(None);
            };
            text.push_str(&value::take_text(&mut fields, DATA)?.unwrap_or_default());
        }
        Ok(Some(text))
    }

    /// Writes the parts of the text. Writing them again changes nothing.
    pub(super) async fn write(
        &self,
        client: &Client,
        collection: &str,
        id: &str,
        text: &str,
        expires: Timestamp,
    ) -> Result<(), CommitError> {
        let names = self.names(client, collection, id);
        let parts: Vec<_> = names.into_iter().zip(pieces(text)).collect();
        for parts in parts.chunks(WRITTEN_AT_ONCE) {
            let writes = parts.iter().map(|(name, piece)| {
                let fields = value::fields([
                    (DATA, value::text(*piece)),
                    (EXPIRES_AT, value::time(expires.plus(OUTLIVE_HEAD))),
                ]);
                write::replace(name.clone(), fields)
            });
            client.commit(writes.collect()).await?;
        }
        Ok(())
    }

    /// Deletes parts that no head names any more. What can't be deleted now goes when its time has passed.
    pub(super) async fn discard(&self, client: &Client, collection: &str, id: &str) {
        let names = self.names(client, collection, id);
        let deletions: Vec<Write> = names.into_iter().map(write::delete).collect();
        if let Err(error) = client.commit(deletions).await {
            tracing::debug!(collection, %error, "parts of an older version stay until they expire");
        }
    }

    fn names(&self, client: &Client, collection: &str, id: &str) -> Vec<String> {
        (0..self.count)
            .map(|number| {
                client.document(collection, &format!("{id}.{}.{number}", self.generation))
            })
            .collect()
    }
}

/// The text in pieces that each fit in a document.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (piece, after) = rest.split_at(rest.floor_char_boundary(MOST_BYTES));
        rest = after;
        Some(piece)
    })
}
