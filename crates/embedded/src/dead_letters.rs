//! Dead letters on SQLite: what a listing shows apart from what it must not.

use std::collections::BTreeMap;

use ::store::dead_letters::Payload;
use ::store::{
    Answer, DeadLetter, DeadLetterFilter, DeadLetterSummary, DeadLetters, StoreUnavailable,
};
use async_trait::async_trait;
use events::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use crate::EmbeddedStore;
use crate::error::StorageError;
use crate::store::PURGED_AT_ONCE;

/// What only a look at one letter shows.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    answer: Option<Answer>,
    payload: Payload,
    attributes: BTreeMap<String, String>,
}

#[async_trait]
impl DeadLetters for EmbeddedStore {
    async fn bury(&self, letter: DeadLetter) -> Result<bool, StoreUnavailable> {
        self.write(move |connection| {
            let kept_and_not_replayed: bool = connection
                .prepare_cached(
                    "SELECT EXISTS (SELECT 1 FROM dead_letters WHERE id = ?1 AND replayed_ms IS NULL)",
                )?
                .query_row([&letter.summary.id], |row| row.get(0))?;
            if kept_and_not_replayed {
                return Ok(false);
            }
            replace(connection, letter)?;
            Ok(true)
        })
        .await
    }

    async fn list(
        &self,
        filter: &DeadLetterFilter,
    ) -> Result<Vec<DeadLetterSummary>, StoreUnavailable> {
        let filter = filter.clone();
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT summary, replayed_ms FROM dead_letters
                 WHERE (?1 IS NULL OR reason = ?1) AND (?2 IS NULL OR destination = ?2)
                   AND (?3 IS NULL OR route = ?3) AND (?4 IS NULL OR event_id = ?4)
                   AND at_ms >= ?5
                 ORDER BY at_ms DESC, id LIMIT ?6",
            )?;
            let mut found = statement.query(params![
                filter.reason.map(::store::Reason::name),
                filter.destination,
                filter.route,
                filter.event_id,
                filter.since.map_or(i64::MIN, Timestamp::millis),
                i64::try_from(filter.limit).unwrap_or(i64::MAX),
            ])?;
            let mut summaries = Vec::new();
            while let Some(row) = found.next()? {
                summaries.push(summary_in(row)?);
            }
            Ok(summaries)
        })
        .await
    }

    async fn get(&self, id: &str) -> Result<Option<DeadLetter>, StoreUnavailable> {
        let id = id.to_owned();
        self.read(move |connection| {
            connection
                .prepare_cached(
                    "SELECT summary, replayed_ms, content, expires_ms FROM dead_letters WHERE id = ?1",
                )?
                .query_row([id], |row| Ok(letter_in(row)))
                .optional()?
                .transpose()
        })
        .await
    }

    async fn mark_replayed(&self, id: &str, at: Timestamp) -> Result<(), StoreUnavailable> {
        let id = id.to_owned();
        self.write(move |connection| {
            connection
                .prepare_cached("UPDATE dead_letters SET replayed_ms = ?2 WHERE id = ?1")?
                .execute(params![id, at.millis()])?;
            Ok(())
        })
        .await
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreUnavailable> {
        self.forget(forget_some, now).await
    }
}

fn replace(connection: &Connection, letter: DeadLetter) -> Result<(), StorageError> {
    let unwritable = StorageError::unreadable("a dead letter");
    let summary = serde_json::to_string(&letter.summary).map_err(&unwritable)?;
    let content = serde_json::to_string(&Content {
        answer: letter.answer,
        payload: letter.payload,
        attributes: letter.attributes,
    })
    .map_err(&unwritable)?;
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO dead_letters
                 (id, at_ms, reason, destination, route, event_id, replayed_ms, expires_ms, summary, content)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            letter.summary.id,
            letter.summary.at.millis(),
            letter.summary.reason.name(),
            letter.summary.destination,
            letter.summary.route,
            letter.summary.event_id,
            letter.summary.replayed.map(Timestamp::millis),
            letter.expires.millis(),
            summary,
            content,
        ])?;
    Ok(())
}

/// Of a row that begins with `summary, replayed_ms`.
fn summary_in(row: &Row<'_>) -> Result<DeadLetterSummary, StorageError> {
    let text = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
    let mut summary: DeadLetterSummary =
        serde_json::from_str(text).map_err(StorageError::unreadable("a dead letter"))?;
    summary.replayed = row.get::<_, Option<i64>>(1)?.map(Timestamp::from_millis);
    Ok(summary)
}

fn letter_in(row: &Row<'_>) -> Result<DeadLetter, StorageError> {
    let text = row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
    let content: Content =
        serde_json::from_str(text).map_err(StorageError::unreadable("a dead letter"))?;
    Ok(DeadLetter {
        summary: summary_in(row)?,
        answer: content.answer,
        payload: content.payload,
        attributes: content.attributes,
        expires: Timestamp::from_millis(row.get(3)?),
    })
}

fn forget_some(connection: &Connection, now: Timestamp) -> Result<usize, StorageError> {
    let limit = i64::try_from(PURGED_AT_ONCE).unwrap_or(i64::MAX);
    let forgotten = connection
        .prepare_cached(
            "DELETE FROM dead_letters WHERE id IN (SELECT id FROM dead_letters WHERE expires_ms <= ?1 LIMIT ?2)",
        )?
        .execute([now.millis(), limit])?;
    Ok(forgotten)
}
