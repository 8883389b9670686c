//! The writes that an operator or a timer asks for: delivering again, forgetting what is old, dropping subscriptions.

use events::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::StorageError;
use crate::store::rows;

/// Messages forgotten in one transaction, so that no publish waits long behind it.
pub(super) const PURGED_AT_ONCE: usize = 1_000;

/// What was forgotten because it was too old.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    /// Messages.
    pub messages: u64,
    /// Deliveries of those messages that no endpoint ever acknowledged.
    pub undelivered: u64,
}

/// Owes a subscription every kept message of its topic published at `since` or later, as if for the first time.
/// Returns how many, or `None` if there is no such subscription.
pub(super) fn seek(
    connection: &Connection,
    name: &str,
    since: Timestamp,
    now: Timestamp,
) -> Result<Option<u64>, StorageError> {
    let found: Option<(i64, String)> = connection
        .prepare_cached("SELECT id, topic FROM subscriptions WHERE name = ?1")?
        .query_row([name], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((subscription, topic)) = found else {
        return Ok(None);
    };
    let due_again = connection
        .prepare_cached(
            "INSERT INTO deliveries (subscription, message, attempts, due_ms)
             SELECT ?1, id, 0, ?4 FROM messages WHERE topic = ?2 AND published_ms >= ?3
             ON CONFLICT (subscription, message) DO UPDATE SET attempts = 0, due_ms = excluded.due_ms",
        )?
        .execute(params![subscription, topic, since.millis(), now.millis()])?;
    Ok(Some(rows(due_again)))
}

/// Forgets up to [`PURGED_AT_ONCE`] messages published before `limit`, with what is still owed of them.
pub(super) fn purge_some(
    connection: &Connection,
    limit: Timestamp,
) -> Result<Purged, StorageError> {
    let most = i64::try_from(PURGED_AT_ONCE).unwrap_or(i64::MAX);
    let messages: Vec<i64> = connection
        .prepare_cached(
            "SELECT id FROM messages WHERE published_ms < ?1 ORDER BY published_ms LIMIT ?2",
        )?
        .query_map([limit.millis(), most], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let subscriptions: Vec<i64> = connection
        .prepare_cached("SELECT id FROM subscriptions")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut forget_message = connection.prepare_cached("DELETE FROM messages WHERE id = ?1")?;
    let mut forget_delivery = connection
        .prepare_cached("DELETE FROM deliveries WHERE subscription = ?1 AND message = ?2")?;
    let mut purged = Purged::default();
    for message in messages {
        for subscription in &subscriptions {
            purged.undelivered += rows(forget_delivery.execute([*subscription, message])?);
        }
        purged.messages += rows(forget_message.execute([message])?);
    }
    Ok(purged)
}

/// Drops every subscription that is not among `names`; returns their names and how many messages each still owed.
pub(super) fn unsubscribe_others(
    connection: &Connection,
    names: &[String],
) -> Result<Vec<(String, u64)>, StorageError> {
    let all: Vec<(i64, String)> = connection
        .prepare_cached("SELECT id, name FROM subscriptions ORDER BY name")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut dropped = Vec::new();
    for (id, name) in all {
        if names.contains(&name) {
            continue;
        }
        let owed = connection
            .prepare_cached("DELETE FROM deliveries WHERE subscription = ?1")?
            .execute([id])?;
        connection
            .prepare_cached("DELETE FROM subscriptions WHERE id = ?1")?
            .execute([id])?;
        dropped.push((name, rows(owed)));
    }
    Ok(dropped)
}
