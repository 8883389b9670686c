//! Held messages on Firestore: a document a message, whose listings read no content.
//!
//! Two fields are made for queries that need no index of several fields: the destination with when the message is due,
//! and the destination with since when it is held. Times are written so that their texts sort as they do.

mod document;

use async_trait::async_trait;
use events::{Identity, Timestamp};
use firestore::gcloud_sdk::google::firestore::v1::StructuredQuery;
use firestore::gcloud_sdk::google::firestore::v1::structured_query::field_filter::Operator;
use store::held_messages::rules::{held_again, is_unchanged, put_off, taken};
use store::{
    EventQuery, HeldBacklog, HeldMessage, HeldMessages, HeldSummary, HoldReason, StoreUnavailable,
};

use super::client::CommitError;
use super::collections::{HELD_MESSAGE_PARTS, HELD_MESSAGES};
use super::long_text::Version;
use super::rounds::Rounds;
use super::{FirestoreStore, expiry, query, value};
use document::{AGE_KEY, DUE_KEY, EVENT_ID_DIGEST, IDENTITY_DIGEST, MESSAGE, SUMMARY};

/// A tag that gives all its events one id would have all of them read, and paid for, by one question.
const MOST_FOUND: i32 = 1_000;

#[async_trait]
impl HeldMessages for FirestoreStore {
    async fn hold(&self, message: HeldMessage) -> Result<bool, StoreUnavailable> {
        let summary = message.summary.clone();
        let (fields, text) = document::written(message)?;
        let (id, expires) = (&summary.id, summary.expires);
        let mut rounds = Rounds::new("holding a message");
        loop {
            let writing = MESSAGE.write(&self.client, id, None, fields.clone(), &text, expires);
            match writing.await {
                Ok(_) => return Ok(true),
                Err(CommitError::Precondition(_)) => {}
                Err(error) => return Err(error.into()),
            }
            match self.hold_again(&summary).await? {
                true => return Ok(false),
                false => rounds.lost().await?,
            }
        }
    }

    async fn due(
        &self,
        destination: &str,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<HeldSummary>, StoreUnavailable> {
        let from = value::text(document::first_key(destination));
        let just_after = Timestamp::from_millis(now.millis().saturating_add(1));
        let below = value::text(document::key(destination, just_after));
        let found = self.client.query(StructuredQuery {
            select: query::only([SUMMARY]),
            limit: Some(i32::try_from(limit).unwrap_or(i32::MAX)),
            ..query::where_between(HELD_MESSAGES, DUE_KEY, from, below)
        });
        let found = found.await?;
        let summaries = found
            .iter()
            .map(|document| document::summary(&document.fields));
        summaries.collect()
    }

    async fn take(
        &self,
        seen: &HeldSummary,
        until: Timestamp,
    ) -> Result<Option<HeldMessage>, StoreUnavailable> {
        let Some(whole) = MESSAGE.read(&self.client, &seen.id).await? else {
            return Ok(None);
        };
        let existing = document::summary(&whole.fields)?;
        let Some(summary) = taken(existing, seen, until) else {
            return Ok(None);
        };
        let is_mine = self.amend(&summary, &whole.version).await?;
        is_mine
            .then(|| document::message(summary, &whole.text))
            .transpose()
    }

    async fn put_off(
        &self,
        taken: &HeldSummary,
        due: Timestamp,
        reason: HoldReason,
    ) -> Result<(), StoreUnavailable> {
        let Some((existing, version)) = self.held(&taken.id).await? else {
            return Ok(());
        };
        if let Some(summary) = put_off(existing, taken, due, reason) {
            self.amend(&summary, &version).await?;
        }
        Ok(())
    }

    async fn release(&self, taken: &HeldSummary) -> Result<(), StoreUnavailable> {
        let Some((existing, version)) = self.held(&taken.id).await? else {
            return Ok(());
        };
        if !is_unchanged(&existing, taken) {
            return Ok(());
        }
        match MESSAGE.delete(&self.client, &taken.id, &version).await {
            Ok(()) | Err(CommitError::Precondition(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Asks for the oldest of one destination after the other, and how many there are of each.
    async fn backlog(&self) -> Result<Vec<HeldBacklog>, StoreUnavailable> {
        let mut backlog = Vec::new();
        let mut from = String::new();
        loop {
            let oldest = StructuredQuery {
                select: query::only([SUMMARY]),
                limit: Some(1),
                order_by: query::ascending(AGE_KEY),
                ..query::where_field(
                    HELD_MESSAGES,
                    AGE_KEY,
                    Operator::GreaterThanOrEqual,
                    value::text(from),
                )
            };
            let found = self.client.query(oldest).await?;
            let Some(oldest) = found.first() else {
                return Ok(backlog);
            };
            let oldest = document::summary(&oldest.fields)?;
            let end = document::last_key(&oldest.destination);
            let first = value::text(document::first_key(&oldest.destination));
            let all = query::where_between(HELD_MESSAGES, AGE_KEY, first, value::text(&end));
            backlog.push(HeldBacklog {
                count: self.client.count(all).await?,
                destination: oldest.destination,
                oldest: oldest.first_held,
            });
            from = end;
        }
    }

    async fn find_held(&self, query: &EventQuery) -> Result<Vec<HeldSummary>, StoreUnavailable> {
        let (field, key) = match query {
            EventQuery::EventId(event_id) => (EVENT_ID_DIGEST, event_id),
            EventQuery::Identity(identity) => (IDENTITY_DIGEST, identity),
        };
        let digest = value::text(Identity::from_text(key).digest());
        let found = self.client.query(StructuredQuery {
            select: query::only([SUMMARY]),
            limit: Some(MOST_FOUND),
            ..query::where_field(HELD_MESSAGES, field, Operator::Equal, digest)
        });
        let found = found.await?;
        let summaries = found
            .iter()
            .map(|document| document::summary(&document.fields));
        let mut summaries = summaries.collect::<Result<Vec<_>, _>>()?;
        summaries.sort_by(|one, other| {
            let by_identity = || one.identity.cmp(&other.identity);
            one.destination
                .cmp(&other.destination)
                .then_with(by_identity)
        });
        Ok(summaries)
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreUnavailable> {
        let forgotten = expiry::forget_expired(&self.client, HELD_MESSAGES, now).await?;
        expiry::forget_expired(&self.client, HELD_MESSAGE_PARTS, now).await?;
        Ok(forgotten)
    }
}

impl FirestoreStore {
    /// What is known of a message, if it is held.
    async fn held(&self, id: &str) -> Result<Option<(HeldSummary, Version)>, StoreUnavailable> {
        let head = MESSAGE.head(&self.client, id).await?;
        head.map(|(fields, version)| Ok((document::summary(&fields)?, version)))
            .transpose()
    }

    /// Notes that a message that is there is held anew; false if it is gone or was changed meanwhile.
    async fn hold_again(&self, anew: &HeldSummary) -> Result<bool, StoreUnavailable> {
        let Some((existing, version)) = self.held(&anew.id).await? else {
            return Ok(false);
        };
        let until = existing.expires;
        let summary = held_again(existing, anew);
        if summary.expires == until {
            return self.amend(&summary, &version).await;
        }
        // Its parts must be kept longer too, so everything is written again.
        let Some(whole) = MESSAGE.read(&self.client, &anew.id).await? else {
            return Ok(false);
        };
        let fields = document::fields(&summary)?;
        let (id, expires) = (&summary.id, summary.expires);
        let writing = MESSAGE.write(
            &self.client,
            id,
            Some(&version),
            fields,
            &whole.text,
            expires,
        );
        match writing.await {
            Ok(_) => Ok(true),
            Err(CommitError::Precondition(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes what has changed of a message; false if somebody else has changed it since it was read.
    async fn amend(
        &self,
        summary: &HeldSummary,
        version: &Version,
    ) -> Result<bool, StoreUnavailable> {
        let fields = document::changing(summary)?;
        match MESSAGE
            .amend(&self.client, &summary.id, version, fields)
            .await
        {
            Ok(()) => Ok(true),
            Err(CommitError::Precondition(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
