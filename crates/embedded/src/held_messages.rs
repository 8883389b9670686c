//! Held messages on SQLite: `store`'s rules, each run inside one transaction.

use std::collections::BTreeMap;

use ::store::dead_letters::Payload;
use ::store::held_messages::rules::{held_again, is_unchanged, put_off, taken};
use ::store::{
    EventQuery, HeldBacklog, HeldMessage, HeldMessages, HeldSummary, HoldReason, StoreUnavailable,
};
use async_trait::async_trait;
use events::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use crate::EmbeddedStore;
use crate::error::StorageError;
use crate::store::PURGED_AT_ONCE;

pub(crate) const TABLE: &str = "
    CREATE TABLE held_messages (
        id            TEXT    NOT NULL PRIMARY KEY,
        destination   TEXT    NOT NULL,
        due_ms        INTEGER NOT NULL,
        first_held_ms INTEGER NOT NULL,
        identity      TEXT    NOT NULL,
        event_id      TEXT,
        expires_ms    INTEGER NOT NULL,
        summary       TEXT    NOT NULL,
        content       TEXT    NOT NULL
    ) STRICT;
    CREATE INDEX held_messages_due         ON held_messages (destination, due_ms, id);
    CREATE INDEX held_messages_by_age      ON held_messages (destination, first_held_ms);
    CREATE INDEX held_messages_by_identity ON held_messages (identity);
    CREATE INDEX held_messages_by_event_id ON held_messages (event_id) WHERE event_id IS NOT NULL;
    CREATE INDEX held_messages_by_expiry   ON held_messages (expires_ms);
";

/// What only the work on a message needs.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    payload: Payload,
    attributes: BTreeMap<String, String>,
    message_id: String,
    publish_time: String,
    event_type_hint: Option<String>,
}

#[async_trait]
impl HeldMessages for EmbeddedStore {
    async fn hold(&self, message: HeldMessage) -> Result<bool, StoreUnavailable> {
        self.write(
            move |connection| match load(connection, &message.summary.id)? {
                Some(existing) => {
                    update(connection, &held_again(existing, &message.summary))?;
                    Ok(false)
                }
                None => {
                    insert(connection, message)?;
                    Ok(true)
                }
            },
        )
        .await
    }

    async fn due(
        &self,
        destination: &str,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<HeldSummary>, StoreUnavailable> {
        let destination = destination.to_owned();
        self.read(move |connection| {
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let mut statement = connection.prepare_cached(
                "SELECT summary FROM held_messages WHERE destination = ?1 AND due_ms <= ?2 ORDER BY due_ms, id LIMIT ?3",
            )?;
            summaries(statement.query(params![destination, now.millis(), limit])?)
        })
        .await
    }

    async fn take(
        &self,
        seen: &HeldSummary,
        until: Timestamp,
    ) -> Result<Option<HeldMessage>, StoreUnavailable> {
        let seen = seen.clone();
        self.write(move |connection| {
            let existing = load(connection, &seen.id)?;
            let Some(summary) = existing.and_then(|existing| taken(existing, &seen, until)) else {
                return Ok(None);
            };
            update(connection, &summary)?;
            whole(connection, summary).map(Some)
        })
        .await
    }

    async fn put_off(
        &self,
        taken: &HeldSummary,
        due: Timestamp,
        reason: HoldReason,
    ) -> Result<(), StoreUnavailable> {
        let taken = taken.clone();
        self.write(move |connection| {
            let existing = load(connection, &taken.id)?;
            match existing.and_then(|existing| put_off(existing, &taken, due, reason)) {
                Some(summary) => update(connection, &summary),
                None => Ok(()),
            }
        })
        .await
    }

    async fn release(&self, taken: &HeldSummary) -> Result<(), StoreUnavailable> {
        let taken = taken.clone();
        self.write(move |connection| {
            let existing = load(connection, &taken.id)?;
            if existing.is_some_and(|existing| is_unchanged(&existing, &taken)) {
                connection
                    .prepare_cached("DELETE FROM held_messages WHERE id = ?1")?
                    .execute([&taken.id])?;
            }
            Ok(())
        })
        .await
    }

    async fn backlog(&self) -> Result<Vec<HeldBacklog>, StoreUnavailable> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT destination, count(*), min(first_held_ms) FROM held_messages
                 GROUP BY destination ORDER BY destination",
            )?;
            let found = statement.query_map([], |row| {
                Ok(HeldBacklog {
                    destination: row.get(0)?,
                    count: row.get::<_, i64>(1)?.unsigned_abs(),
                    oldest: Timestamp::from_millis(row.get(2)?),
                })
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn find_held(&self, query: &EventQuery) -> Result<Vec<HeldSummary>, StoreUnavailable> {
        let (sql, key) = match query {
            EventQuery::EventId(event_id) => (
                "SELECT summary FROM held_messages WHERE event_id = ?1 ORDER BY destination, identity",
                event_id.clone(),
            ),
            EventQuery::Identity(identity) => (
                "SELECT summary FROM held_messages WHERE identity = ?1 ORDER BY destination",
                identity.clone(),
            ),
        };
        self.read(move |connection| summaries(connection.prepare_cached(sql)?.query([key])?))
            .await
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreUnavailable> {
        self.forget(forget_some, now).await
    }
}

fn load(connection: &Connection, id: &str) -> Result<Option<HeldSummary>, StorageError> {
    connection
        .prepare_cached("SELECT summary FROM held_messages WHERE id = ?1")?
        .query_row([id], |row| Ok(summary_in(row)))
        .optional()?
        .transpose()
}

fn whole(connection: &Connection, summary: HeldSummary) -> Result<HeldMessage, StorageError> {
    let text: String = connection
        .prepare_cached("SELECT content FROM held_messages WHERE id = ?1")?
        .query_row([&summary.id], |row| row.get(0))?;
    let content: Content =
        serde_json::from_str(&text).map_err(StorageError::unreadable("a held message"))?;
    Ok(HeldMessage {
        summary,
        payload: content.payload,
        attributes: content.attributes,
        message_id: content.message_id,
        publish_time: content.publish_time,
        event_type_hint: content.event_type_hint,
    })
}

fn insert(connection: &Connection, message: HeldMessage) -> Result<(), StorageError> {
    let unwritable = StorageError::unreadable("a held message");
    let summary = message.summary;
    let content = Content {
        payload: message.payload,
        attributes: message.attributes,
        message_id: message.message_id,
        publish_time: message.publish_time,
        event_type_hint: message.event_type_hint,
    };
    connection
        .prepare_cached(
            "INSERT INTO held_messages
                 (id, destination, due_ms, first_held_ms, identity, event_id, expires_ms, summary, content)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            summary.id,
            summary.destination,
            summary.due.millis(),
            summary.first_held.millis(),
            summary.identity,
            summary.event_id,
            summary.expires.millis(),
            serde_json::to_string(&summary).map_err(&unwritable)?,
            serde_json::to_string(&content).map_err(&unwritable)?,
        ])?;
    Ok(())
}

/// Writes what can change of a message that is there.
fn update(connection: &Connection, summary: &HeldSummary) -> Result<(), StorageError> {
    let text =
        serde_json::to_string(summary).map_err(StorageError::unreadable("a held message"))?;
    connection
        .prepare_cached(
            "UPDATE held_messages SET due_ms = ?2, expires_ms = ?3, summary = ?4 WHERE id = ?1",
        )?
        .execute(params![
            summary.id,
            summary.due.millis(),
            summary.expires.millis(),
            text
        ])?;
    Ok(())
}

fn summaries(mut found: rusqlite::Rows<'_>) -> Result<Vec<HeldSummary>, StorageError> {
    let mut summaries = Vec::new();
    while let Some(row) = found.next()? {
        summaries.push(summary_in(row)?);
    }
    Ok(summaries)
}

fn summary_in(row: &Row<'_>) -> Result<HeldSummary, StorageError> {
    let text = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
    serde_json::from_str(text).map_err(StorageError::unreadable("a held message"))
}

fn forget_some(connection: &Connection, now: Timestamp) -> Result<usize, StorageError> {
    let limit = i64::try_from(PURGED_AT_ONCE).unwrap_or(i64::MAX);
    let forgotten = connection
        .prepare_cached(
            "DELETE FROM held_messages WHERE id IN (SELECT id FROM held_messages WHERE expires_ms <= ?1 LIMIT ?2)",
        )?
        .execute([now.millis(), limit])?;
    Ok(forgotten)
}
