//! Rows of held messages: writing them, and reading them with those apart that can't be read.

use ::store::{Found, HeldContent, HeldMessage, HeldSummary, Taken, UnreadableHeld};
use events::Timestamp;
use rusqlite::{Connection, OptionalExtension, Params, Row, params};

use crate::error::StorageError;
use crate::store::PURGED_AT_ONCE;

pub(super) const LONGEST_DUE: &str = "SELECT id, summary FROM held_messages WHERE destination = ?1 AND due_ms <= ?2 ORDER BY due_ms, id LIMIT ?3";
pub(super) const LATEST_DUE: &str = "SELECT id, summary FROM held_messages WHERE destination = ?1 AND due_ms <= ?2 ORDER BY due_ms DESC, id DESC LIMIT ?3";
pub(super) const WAITING_FOR: &str = "SELECT id, summary FROM held_messages WHERE destination = ?1 AND waits_for = ?2 ORDER BY due_ms, id LIMIT ?3";

pub(super) fn load(connection: &Connection, id: &str) -> Result<Option<HeldSummary>, StorageError> {
    let text: Option<String> = connection
        .prepare_cached("SELECT summary FROM held_messages WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    text.map(|text| summary_of(&text)).transpose()
}

/// The same of a message whose content can be read as well.
pub(super) fn load_workable(
    connection: &Connection,
    id: &str,
) -> Result<Option<HeldSummary>, StorageError> {
    let Some(summary) = load(connection, id)? else {
        return Ok(None);
    };
    let content = serde_json::from_str::<HeldContent>(&content_of(connection, id)?);
    content.map_err(StorageError::unreadable("a held message's content"))?;
    Ok(Some(summary))
}

/// The messages that a query of id and summary finds, and those that can't be read.
pub(super) fn found(
    connection: &Connection,
    destination: &str,
    sql: &str,
    key: impl Params,
) -> Result<Found, StorageError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(key)?;
    let mut found = Found::default();
    while let Some(row) = rows.next()? {
        match summary_in(row)? {
            Ok(summary) => found.messages.push(summary),
            Err(problem) => {
                let id: String = row.get(0)?;
                let unreadable = unreadable(connection, id, destination, &problem)?;
                found.unreadable.push(unreadable);
            }
        }
    }
    Ok(found)
}

/// The summaries that a query of id and summary finds for `key`.
pub(super) fn readable(
    connection: &Connection,
    sql: &str,
    key: &str,
) -> Result<Vec<HeldSummary>, StorageError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([key])?;
    let mut summaries = Vec::new();
    while let Some(row) = rows.next()? {
        match summary_in(row)? {
            Ok(summary) => summaries.push(summary),
            Err(problem) => {
                let id: String = row.get(0)?;
                tracing::warn!(id, %problem, "a listing leaves out a held message that can't be read");
            }
        }
    }
    Ok(summaries)
}

/// A message that was taken.
pub(super) fn whole(connection: &Connection, summary: HeldSummary) -> Result<Taken, StorageError> {
    let text = content_of(connection, &summary.id)?;
    Ok(match serde_json::from_str::<HeldContent>(&text) {
        Ok(content) => Taken::Message(content.with(summary)),
        Err(error) => Taken::Unreadable(UnreadableHeld {
            id: summary.id,
            destination: summary.destination,
            identity: Some(summary.identity),
            event_id: summary.event_id,
            content: HeldContent::of_unreadable(text),
            problem: StorageError::unreadable("a held message's content")(error).to_string(),
        }),
    })
}

/// In the place of one that can't be read, if there is one.
pub(super) fn insert(connection: &Connection, message: HeldMessage) -> Result<(), StorageError> {
    let unwritable = StorageError::unreadable("a held message");
    let (summary, content) = message.into_parts();
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO held_messages
                 (id, destination, due_ms, first_held_ms, identity, event_id, expires_ms, summary, content, waits_for)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
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
            summary.waits_for,
        ])?;
    Ok(())
}

/// Writes what can change of a message that is there.
pub(super) fn update(connection: &Connection, summary: &HeldSummary) -> Result<(), StorageError> {
    let text =
        serde_json::to_string(summary).map_err(StorageError::unreadable("a held message"))?;
    connection
        .prepare_cached(
            "UPDATE held_messages SET due_ms = ?2, expires_ms = ?3, summary = ?4, waits_for = ?5 WHERE id = ?1",
        )?
        .execute(params![
            summary.id,
            summary.due.millis(),
            summary.expires.millis(),
            text,
            summary.waits_for,
        ])?;
    Ok(())
}

pub(super) fn forget_some(connection: &Connection, now: Timestamp) -> Result<usize, StorageError> {
    let limit = i64::try_from(PURGED_AT_ONCE).unwrap_or(i64::MAX);
    let forgotten = connection
        .prepare_cached(
            "DELETE FROM held_messages WHERE id IN (SELECT id FROM held_messages WHERE expires_ms <= ?1 LIMIT ?2)",
        )?
        .execute([now.millis(), limit])?;
    Ok(forgotten)
}

/// What the columns still tell of a message whose summary can't be read.
fn unreadable(
    connection: &Connection,
    id: String,
    destination: &str,
    problem: &StorageError,
) -> Result<UnreadableHeld, StorageError> {
    let (identity, event_id) = connection
        .prepare_cached("SELECT identity, event_id FROM held_messages WHERE id = ?1")?
        .query_row([&id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let text = content_of(connection, &id)?;
    let content = serde_json::from_str(&text);
    Ok(UnreadableHeld {
        id,
        destination: destination.to_owned(),
        identity: Some(identity),
        event_id,
        content: content.unwrap_or_else(|_| HeldContent::of_unreadable(text)),
        problem: problem.to_string(),
    })
}

fn content_of(connection: &Connection, id: &str) -> Result<String, StorageError> {
    let text = connection
        .prepare_cached("SELECT content FROM held_messages WHERE id = ?1")?
        .query_row([id], |row| row.get(0))?;
    Ok(text)
}

/// The second column. The outer error is the file's, the inner one that row's alone.
fn summary_in(row: &Row<'_>) -> Result<Result<HeldSummary, StorageError>, StorageError> {
    let text = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
    Ok(summary_of(text))
}

fn summary_of(text: &str) -> Result<HeldSummary, StorageError> {
    serde_json::from_str(text).map_err(StorageError::unreadable("a held message"))
}
