//! The writes that an operator or a timer asks for: delivering again, forgetting what is old, dropping subscriptions.

use events::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::StorageError;
use crate::store::rows;

/// Messages looked at in one transaction, so that no publish waits long behind it.
const LOOKED_AT_ONCE: usize = 1_000;

/// What became of the messages that are past their retention.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    /// Messages that were forgotten.
    pub messages: u64,
    /// Messages that were kept, because a subscription still owes them.
    pub owed: u64,
}

/// A message's place in the order in which a purge looks.
#[derive(Clone, Copy)]
pub(super) struct Place {
    published_ms: i64,
    message: i64,
}

impl Place {
    /// Before every message.
    pub(super) const START: Self = Self {
        published_ms: i64::MIN,
        message: i64::MIN,
    };
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

/// Looks at up to [`LOOKED_AT_ONCE`] messages published before `limit` that come after `after`, and forgets those that
/// no subscription owes. Returns what it did and where to go on, or `None` once it has seen all.
pub(super) fn purge_some(
    connection: &Connection,
    limit: Timestamp,
    after: Place,
) -> Result<(Purged, Option<Place>), StorageError> {
    let most = i64::try_from(LOOKED_AT_ONCE).unwrap_or(i64::MAX);
    // The cross join keeps SQLite from walking through all deliveries: it asks each subscription for the one message.
    let messages: Vec<(Place, bool)> = connection
        .prepare_cached(
            "SELECT m.published_ms, m.id, EXISTS (
                 SELECT 1 FROM subscriptions s CROSS JOIN deliveries d
                 WHERE d.subscription = s.id AND d.message = m.id)
             FROM messages m WHERE m.published_ms < ?1 AND (m.published_ms, m.id) > (?2, ?3)
             ORDER BY m.published_ms, m.id LIMIT ?4",
        )?
        .query_map(
            [limit.millis(), after.published_ms, after.message, most],
            |row| {
                let place = Place {
                    published_ms: row.get(0)?,
                    message: row.get(1)?,
                };
                Ok((place, row.get(2)?))
            },
        )?
        .collect::<rusqlite::Result<_>>()?;
    let mut forget = connection.prepare_cached("DELETE FROM messages WHERE id = ?1")?;
    let mut purged = Purged::default();
    for (place, is_owed) in &messages {
        if *is_owed {
            purged.owed += 1;
        } else {
            purged.messages += rows(forget.execute([place.message])?);
        }
    }
    let is_full = messages.len() == LOOKED_AT_ONCE;
    let next = messages.last().map(|(place, _)| *place);
    Ok((purged, next.filter(|_| is_full)))
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
