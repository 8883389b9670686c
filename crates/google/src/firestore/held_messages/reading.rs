//! Reading held messages, with those apart that can't be read.

use firestore::gcloud_sdk::google::firestore::v1::Document;
use store::{Found, HeldContent, HeldSummary, StoreUnavailable, Taken, UnreadableHeld};

use super::document::{self, MESSAGE};
use crate::firestore::client::CommitError;
use crate::firestore::long_text::Version;
use crate::firestore::value::Fields;
use crate::firestore::{FirestoreStore, names};

/// The summaries of the documents that have one.
pub(super) fn readable(found: &[Document]) -> Vec<HeldSummary> {
    let mut summaries = Vec::with_capacity(found.len());
    for document in found {
        match document::summary(&document.fields) {
            Ok(summary) => summaries.push(summary),
            Err(problem) => {
                let id = id_of(document);
                tracing::warn!(id, %problem, "a listing leaves out a held message that can't be read");
            }
        }
    }
    summaries
}

impl FirestoreStore {
    /// A message that was taken as it was read.
    pub(super) async fn taken(
        &self,
        summary: HeldSummary,
        fields: Fields,
        version: Version,
    ) -> Result<Taken, StoreUnavailable> {
        let id = &summary.id;
        let reading = MESSAGE.with_text(&self.client, id, fields, version.clone());
        if let Some(whole) = reading.await? {
            let content = document::content(&whole.text);
            return Ok(content.map_or_else(
                |problem| Taken::Unreadable(unreadable(&summary, whole.text, problem.reason)),
                |content| Taken::Message(content.with(summary.clone())),
            ));
        }
        // Parts are missing: whoever holds a message anew may have replaced them.
        let head = MESSAGE.head(&self.client, id).await?;
        let are_gone = head.is_some_and(|(_, now)| now.has_the_text_of(&version));
        Ok(if are_gone {
            let problem = "parts of its text are gone".to_owned();
            Taken::Unreadable(unreadable(&summary, String::new(), problem))
        } else {
            Taken::Elsewhere
        })
    }

    /// The messages of a destination that a query found.
    pub(super) async fn found(
        &self,
        destination: &str,
        documents: Vec<Document>,
    ) -> Result<Found, StoreUnavailable> {
        let mut found = Found::default();
        for document in documents {
            match document::summary(&document.fields) {
                Ok(summary) => found.messages.push(summary),
                Err(problem) => {
                    let (id, problem) = (id_of(&document), problem.reason);
                    let content = self.content_past_reading(&id).await;
                    found.unreadable.push(UnreadableHeld {
                        id,
                        destination: destination.to_owned(),
                        identity: None,
                        event_id: None,
                        content,
                        problem,
                    });
                }
            }
        }
        Ok(found)
    }

    /// What can be had of it. Without it the rest is told all the same.
    async fn content_past_reading(&self, id: &str) -> HeldContent {
        let whole = MESSAGE.read(&self.client, id).await;
        let text = whole
            .ok()
            .flatten()
            .map_or(String::new(), |whole| whole.text);
        document::content(&text).unwrap_or_else(|_| HeldContent::of_unreadable(text))
    }

    /// Sets fields of a message without a look at the rest, unless it is gone or changed meanwhile.
    pub(super) async fn amend_past_reading(
        &self,
        id: &str,
        fields: Fields,
    ) -> Result<(), StoreUnavailable> {
        let Some((_, version)) = MESSAGE.head(&self.client, id).await? else {
            return Ok(());
        };
        match MESSAGE.amend(&self.client, id, &version, fields).await {
            Ok(()) | Err(CommitError::Precondition(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// One of which the summary is known.
fn unreadable(summary: &HeldSummary, text: String, problem: String) -> UnreadableHeld {
    UnreadableHeld {
        id: summary.id.clone(),
        destination: summary.destination.clone(),
        identity: Some(summary.identity.clone()),
        event_id: summary.event_id.clone(),
        content: HeldContent::of_unreadable(text),
        problem,
    }
}

fn id_of(document: &Document) -> String {
    let name = document.name.rsplit('/').next().unwrap_or_default();
    names::unescaped(name).unwrap_or_default()
}
