//! The looks at the journal: what is due, what waits, what became of an event.

use bus::MessageId;
use bytes::Bytes;
use events::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::BTreeMap;

use super::journal::{Owed, attributes_in};
use crate::error::StorageError;

/// A message that is due at a subscription.
#[derive(Clone, Debug)]
pub(super) struct DueMessage {
    pub(super) owed: Owed,
    /// Deliveries before this one.
    pub(super) attempts: u32,
    pub(super) published: Timestamp,
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) data: Bytes,
}

/// A message as the bus keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMessage {
    /// Its id.
    pub id: MessageId,
    /// The topic it was published on.
    pub topic: String,
    /// When.
    pub published: Timestamp,
    /// Its attributes.
    pub attributes: BTreeMap<String, String>,
    /// Its payload.
    pub data: Bytes,
    /// The subscriptions that haven't acknowledged it yet.
    pub waiting: Vec<WaitingDelivery>,
}

/// A subscription that hasn't acknowledged a message yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingDelivery {
    /// The subscription's short name.
    pub subscription: String,
    /// Deliveries that were refused.
    pub attempts: u32,
    /// When it is delivered next, if the subscription isn't behind.
    pub due: Timestamp,
}

/// How far behind a subscription is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscriptionBacklog {
    /// The subscription's short name.
    pub name: String,
    /// Messages that it hasn't acknowledged.
    pub waiting: u64,
    /// When the oldest of them was published.
    pub oldest_published: Option<Timestamp>,
    /// Requests under way in this process.
    pub in_flight: usize,
}

/// The messages due at `now`, the longest due first, then those due after `latest`, when no delivery is ever put off so
/// far: the clock was ahead when their time was written. Without those that `skip` names; at most `limit`, and no more
/// once they have `bytes` together.
pub(super) fn due(
    connection: &Connection,
    subscription: i64,
    (now, latest): (Timestamp, Timestamp),
    (limit, bytes): (usize, usize),
    skip: impl Fn(i64) -> bool,
) -> Result<Vec<DueMessage>, StorageError> {
    let after_latest = latest.millis().max(now.millis()).saturating_add(1);
    let mut ids = connection.prepare_cached(
        "SELECT message FROM deliveries WHERE subscription = ?1 AND due_ms BETWEEN ?2 AND ?3
         ORDER BY due_ms, message",
    )?;
    let mut messages = Vec::new();
    let mut read_bytes = 0;
    for (first, last) in [(i64::MIN, now.millis()), (after_latest, i64::MAX)] {
        let mut rows = ids.query([subscription, first, last])?;
        while messages.len() < limit && read_bytes < bytes {
            let Some(row) = rows.next()? else { break };
            let message = row.get(0)?;
            if skip(message) {
                continue;
            }
            let owed = Owed {
                subscription,
                message,
            };
            if let Some(due) = load(connection, owed)? {
                read_bytes += due.data.len();
                messages.push(due);
            }
        }
    }
    Ok(messages)
}

/// When the next message that isn't due at `now` will be.
pub(super) fn next_due(
    connection: &Connection,
    subscription: i64,
    now: Timestamp,
) -> Result<Option<Timestamp>, StorageError> {
    let next: Option<i64> = connection
        .prepare_cached(
            "SELECT min(due_ms) FROM deliveries WHERE subscription = ?1 AND due_ms > ?2",
        )?
        .query_row([subscription, now.millis()], |row| row.get(0))?;
    Ok(next.map(Timestamp::from_millis))
}

fn load(connection: &Connection, owed: Owed) -> Result<Option<DueMessage>, StorageError> {
    connection
        .prepare_cached(
            "SELECT m.data, m.attributes, m.published_ms, d.attempts FROM deliveries d
             JOIN messages m ON m.id = d.message WHERE d.subscription = ?1 AND d.message = ?2",
        )?
        .query_row([owed.subscription, owed.message], |row| {
            Ok(due_message_in(row, owed))
        })
        .optional()?
        .transpose()
}

fn due_message_in(row: &Row<'_>, owed: Owed) -> Result<DueMessage, StorageError> {
    let attributes: String = row.get(1)?;
    Ok(DueMessage {
        owed,
        attempts: row.get(3)?,
        published: Timestamp::from_millis(row.get(2)?),
        attributes: attributes_in(&attributes)?,
        data: row.get::<_, Vec<u8>>(0)?.into(),
    })
}

/// Every message with that event id, oldest first: the original, its replays, and what came of it as a dead letter.
pub(super) fn find_messages(
    connection: &Connection,
    event_id: &str,
) -> Result<Vec<StoredMessage>, StorageError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, topic, published_ms, attributes, data FROM messages WHERE event_id = ?1 ORDER BY id",
    )?;
    let mut rows = statement.query([event_id])?;
    let mut messages = Vec::new();
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let attributes: String = row.get(3)?;
        messages.push(StoredMessage {
            id: MessageId(id.to_string()),
            topic: row.get(1)?,
            published: Timestamp::from_millis(row.get(2)?),
            attributes: attributes_in(&attributes)?,
            data: row.get::<_, Vec<u8>>(4)?.into(),
            waiting: waiting(connection, id)?,
        });
    }
    Ok(messages)
}

fn waiting(connection: &Connection, message: i64) -> Result<Vec<WaitingDelivery>, StorageError> {
    let mut statement = connection.prepare_cached(
        "SELECT s.name, d.attempts, d.due_ms FROM subscriptions s
         JOIN deliveries d ON d.subscription = s.id AND d.message = ?1 ORDER BY s.name",
    )?;
    let found = statement.query_map(params![message], |row| {
        Ok(WaitingDelivery {
            subscription: row.get(0)?,
            attempts: row.get(1)?,
            due: Timestamp::from_millis(row.get(2)?),
        })
    })?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

/// How far behind each subscription of the file is, by name; `in_flight` is left at zero.
pub(super) fn backlog(connection: &Connection) -> Result<Vec<SubscriptionBacklog>, StorageError> {
    let mut statement = connection.prepare_cached(
        "SELECT s.name, (SELECT count(*) FROM deliveries d WHERE d.subscription = s.id),
                (SELECT m.published_ms FROM messages m WHERE m.id =
                    (SELECT min(d.message) FROM deliveries d WHERE d.subscription = s.id))
         FROM subscriptions s ORDER BY s.name",
    )?;
    let found = statement.query_map([], |row| {
        Ok(SubscriptionBacklog {
            name: row.get(0)?,
            waiting: row.get::<_, i64>(1)?.unsigned_abs(),
            oldest_published: row.get::<_, Option<i64>>(2)?.map(Timestamp::from_millis),
            in_flight: 0,
        })
    })?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}
