//! Held messages on Firestore: a document a message, whose listings read no content.
//!
//! Three fields are made for queries that need no index of several fields: the destination with when the message is due,
//! with since when it is held, and with what it waits for. Times are written so that their texts sort as they do.

mod document;
mod reading;

use async_trait::async_trait;
use events::{Identity, Timestamp};
use firestore::gcloud_sdk::google::firestore::v1::StructuredQuery;
use firestore::gcloud_sdk::google::firestore::v1::structured_query::field_filter::Operator;
use store::held_messages::rules::{held_again, is_unchanged, put_off, taken};
use store::{
    EventQuery, Found, HeldBacklog, HeldMessage, HeldMessages, HeldSummary, StoreUnavailable,
    Taken, UnreadableHeld, Wait, Wanted,
};

use super::client::CommitError;
use super::collections::{HELD_MESSAGE_PARTS, HELD_MESSAGES};
use super::long_text::Version;
use super::rounds::Rounds;
use super::{FirestoreStore, expiry, query, value};
use document::{
    AGE_KEY, DUE_KEY, EVENT_ID_DIGEST, IDENTITY_DIGEST, MESSAGE, SUMMARY, WAITS_KEY, parts_of_key,
};

/// A tag that gives all its events one id would have all of them read, and paid for, by one question.
const MOST_FOUND: i32 = 1_000;

#[async_trait]
impl HeldMessages for FirestoreStore {
    async fn hold(&self, message: HeldMessage) -> Result<bool, StoreUnavailable> {
        let summary = message.summary.clone();
        let (fields, text) = document::written(message)?;
        let (id, expires) = (&summary.id, summary.expires);
        let mut rounds = Rounds::new("holding a message");
        let mut in_place_of: Option<Version> = None;
        loop {
            let (fields, before) = (fields.clone(), in_place_of.as_ref());
            let writing = MESSAGE.write(&self.client, id, before, fields, &text, expires);
            match writing.await {
                Ok(_) => return Ok(true),
                Err(CommitError::Precondition(_)) => {}
                Err(error) => return Err(error.into()),
            }
            match self.hold_again(&summary).await? {
                HeldAgain::Noted => return Ok(false),
                HeldAgain::Lost => in_place_of = None,
                HeldAgain::Unreadable(version) => in_place_of = Some(version),
            }
            rounds.lost().await?;
        }
    }

    async fn due(
        &self,
        destination: &str,
        wanted: Wanted,
        limit: usize,
    ) -> Result<Found, StoreUnavailable> {
        let (first, end) = (document::first_key(destination), |by: Timestamp| {
            document::key(destination, by.plus(std::time::Duration::from_millis(1)))
        });
        let between = |key, from, below| {
            query::where_between(HELD_MESSAGES, key, value::text(from), value::text(below))
        };
        let asked = match wanted {
            Wanted::LongestDue(by) => between(DUE_KEY, first, end(by)),
            Wanted::LatestDue(by) => StructuredQuery {
                order_by: query::descending(DUE_KEY),
                ..between(DUE_KEY, first, end(by))
            },
            Wanted::WaitingFor(what) => {
                let key = value::text(document::waits_key(destination, &what));
                query::where_field(HELD_MESSAGES, WAITS_KEY, Operator::Equal, key)
            }
        };
        let found = self.client.query(StructuredQuery {
            select: query::only([SUMMARY]),
            limit: Some(i32::try_from(limit).unwrap_or(i32::MAX)),
            ..asked
        });
        self.found(destination, found.await?).await
    }

    /// Asks for the first of one text after the other: there are few, and of each there may be very many.
    async fn waited_for(&self, destination: &str) -> Result<Vec<String>, StoreUnavailable> {
        let (mut from, end) = (
            document::first_key(destination),
            document::last_key(destination),
        );
        let mut found = Vec::new();
        loop {
            let (after, below) = (value::text(from), value::text(&end));
            let next = StructuredQuery {
                select: query::only([WAITS_KEY]),
                limit: Some(1),
                ..query::where_between(HELD_MESSAGES, WAITS_KEY, after, below)
            };
            let next = self.client.query(next).await?;
            let Some(next) = next.first() else {
                return Ok(found);
            };
            let key = value::text_of(&next.fields, WAITS_KEY)?.unwrap_or_default();
            found.extend(parts_of_key(key).map(|(_, what)| what.to_owned()));
            // The least text after it.
            from = format!("{key}\0");
        }
    }

    /// Before its text is read, so that one whose text can't be had is put off as well.
    async fn take(&self, seen: &HeldSummary, until: Timestamp) -> Result<Taken, StoreUnavailable> {
        let Some((fields, version)) = MESSAGE.head(&self.client, &seen.id).await? else {
            return Ok(Taken::Elsewhere);
        };
        let existing = document::summary(&fields)?;
        let Some(summary) = taken(existing, seen, until) else {
            return Ok(Taken::Elsewhere);
        };
        if !self.amend(&summary, &version).await? {
            return Ok(Taken::Elsewhere);
        }
        self.taken(summary, fields, version).await
    }

    async fn put_off(&self, taken: &HeldSummary, wait: Wait) -> Result<(), StoreUnavailable> {
        let Some((existing, version)) = self.held(&taken.id).await? else {
            return Ok(());
        };
        if let Some(summary) = put_off(existing, taken, wait) {
            self.amend(&summary, &version).await?;
        }
        Ok(())
    }

    async fn set_aside(
        &self,
        unreadable: &UnreadableHeld,
        until: Timestamp,
    ) -> Result<(), StoreUnavailable> {
        let fields = document::found_by(&unreadable.destination, until, None);
        self.amend_past_reading(&unreadable.id, fields).await
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
                select: query::only([AGE_KEY]),
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
            // Not from what it says: one that can't be read would hide all destinations.
            let key = value::text_of(&oldest.fields, AGE_KEY)?.unwrap_or_default();
            let (destination, since) = parts_of_key(key).unwrap_or((key, ""));
            let end = document::last_key(destination);
            let first = value::text(document::first_key(destination));
            let all = query::where_between(HELD_MESSAGES, AGE_KEY, first, value::text(&end));
            backlog.push(HeldBacklog {
                count: self.client.count(all).await?,
                destination: destination.to_owned(),
                oldest: Timestamp::from_millis(since.parse().unwrap_or_default()),
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
        let mut summaries = reading::readable(&found.await?);
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

/// What came of noting that a message is held anew.
enum HeldAgain {
    Noted,
    /// It is gone or was changed meanwhile.
    Lost,
    /// Nobody can work what is there.
    Unreadable(Version),
}

impl FirestoreStore {
    /// What is known of a message, if it is held.
    async fn held(&self, id: &str) -> Result<Option<(HeldSummary, Version)>, StoreUnavailable> {
        let head = MESSAGE.head(&self.client, id).await?;
        head.map(|(fields, version)| Ok((document::summary(&fields)?, version)))
            .transpose()
    }

    /// Notes that a message that is there is held anew.
    async fn hold_again(&self, anew: &HeldSummary) -> Result<HeldAgain, StoreUnavailable> {
        let Some((fields, version)) = MESSAGE.head(&self.client, &anew.id).await? else {
            return Ok(HeldAgain::Lost);
        };
        let Ok(existing) = document::summary(&fields) else {
            return Ok(HeldAgain::Unreadable(version));
        };
        let reading = MESSAGE.with_text(&self.client, &anew.id, fields, version.clone());
        // Without its parts too: should somebody have replaced them meanwhile, its version is another.
        let whole = reading.await?;
        let Some(whole) = whole.filter(|whole| document::content(&whole.text).is_ok()) else {
            return Ok(HeldAgain::Unreadable(version));
        };
        let until = existing.expires;
        let summary = held_again(existing, anew);
        if summary.expires == until {
            let is_noted = self.amend(&summary, &version).await?;
            return Ok(if is_noted {
                HeldAgain::Noted
            } else {
                HeldAgain::Lost
            });
        }
        // Its parts must be kept longer too, so everything is written again.
        let fields = document::fields(&summary)?;
        let (id, before, expires) = (&summary.id, Some(&version), summary.expires);
        let writing = MESSAGE.write(&self.client, id, before, fields, &whole.text, expires);
        match writing.await {
            Ok(_) => Ok(HeldAgain::Noted),
            Err(CommitError::Precondition(_)) => Ok(HeldAgain::Lost),
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
