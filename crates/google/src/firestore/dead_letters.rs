//! Dead letters on Firestore: a document a letter, whose listing reads no payload.

mod document;

use async_trait::async_trait;
use events::Timestamp;
use firestore::gcloud_sdk::google::firestore::v1::structured_query::field_filter::Operator;
use firestore::gcloud_sdk::google::firestore::v1::{Cursor, StructuredQuery};
use store::{DeadLetter, DeadLetterFilter, DeadLetterSummary, DeadLetters, StoreUnavailable};

use super::client::CommitError;
use super::collections::{DEAD_LETTER_PARTS, DEAD_LETTERS};
use super::rounds::Rounds;
use super::{FirestoreStore, expiry, query, value, write};
use document::{AT, LETTER, REPLAYED};

/// The most letters that are read at once for a listing.
const PAGE: usize = 300;

#[async_trait]
impl DeadLetters for FirestoreStore {
    async fn bury(&self, letter: DeadLetter) -> Result<bool, StoreUnavailable> {
        let (id, expires) = (letter.summary.id.clone(), letter.expires);
        let (fields, text) = document::written(letter)?;
        let mut rounds = Rounds::new("keeping a dead letter");
        let mut before = None;
        loop {
            let writing = LETTER.write(
                &self.client,
                &id,
                before.as_ref(),
                fields.clone(),
                &text,
                expires,
            );
            match writing.await {
                Ok(_) => return Ok(true),
                Err(CommitError::Precondition(_)) => rounds.lost().await?,
                Err(error) => return Err(error.into()),
            }
            before = match LETTER.head(&self.client, &id).await? {
                None => None,
                Some((head, version)) if document::is_replayed(&head)? => Some(version),
                Some(_) => return Ok(false),
            };
        }
    }

    async fn list(
        &self,
        filter: &DeadLetterFilter,
    ) -> Result<Vec<DeadLetterSummary>, StoreUnavailable> {
        let mut listed = Vec::new();
        let mut after = None;
        while listed.len() < filter.limit {
            let asked_for = page_length(filter, listed.len());
            let found = self.client.query(page(filter, asked_for, after)).await?;
            let is_last = found.len() < asked_for;
            after = found.last().and_then(|last| {
                let at = last.fields.get(AT)?.clone();
                query::after(vec![at, value::reference(&last.name)])
            });
            for document in &found {
                let summary = document::summary(&document.fields)?;
                if filter.admits(&summary) {
                    listed.push(summary);
                }
            }
            if is_last || after.is_none() {
                break;
            }
        }
        listed.truncate(filter.limit);
        Ok(listed)
    }

    async fn get(&self, id: &str) -> Result<Option<DeadLetter>, StoreUnavailable> {
        let whole = LETTER.read(&self.client, id).await?;
        whole.map(document::letter).transpose()
    }

    async fn mark_replayed(&self, id: &str, at: Timestamp) -> Result<(), StoreUnavailable> {
        let name = self.client.document(DEAD_LETTERS, id);
        let replayed = value::fields([(REPLAYED, value::integer(at.millis()))]);
        let marking = write::amend(name, replayed, vec![REPLAYED.to_owned()]);
        match self.client.commit(vec![marking]).await {
            Ok(_) | Err(CommitError::Precondition(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreUnavailable> {
        let forgotten = expiry::forget_expired(&self.client, DEAD_LETTERS, now).await?;
        expiry::forget_expired(&self.client, DEAD_LETTER_PARTS, now).await?;
        Ok(forgotten)
    }
}

/// No more than are wanted, where each letter that is read is one that is wanted.
fn page_length(filter: &DeadLetterFilter, listed: usize) -> usize {
    let bounded = DeadLetterFilter {
        since: filter.since,
        limit: filter.limit,
        ..DeadLetterFilter::default()
    };
    if *filter == bounded {
        PAGE.min(filter.limit.saturating_sub(listed))
    } else {
        PAGE
    }
}

/// Ordered and bounded by `at` alone, which needs no index of several fields; the filter's other conditions are looked
/// at here.
fn page(filter: &DeadLetterFilter, length: usize, after: Option<Cursor>) -> StructuredQuery {
    let letters = match filter.since {
        None => query::all(DEAD_LETTERS),
        Some(since) => {
            let since = value::integer(since.millis());
            query::where_field(DEAD_LETTERS, AT, Operator::GreaterThanOrEqual, since)
        }
    };
    StructuredQuery {
        select: query::only([AT, document::SUMMARY, REPLAYED]),
        order_by: query::descending(AT),
        start_at: after,
        limit: Some(i32::try_from(length).unwrap_or(i32::MAX)),
        ..letters
    }
}
