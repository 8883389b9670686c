//! The writes of the bus: each function is one step inside the writer's transaction.

use std::collections::BTreeMap;

use bus::{Message, attribute};
use events::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::StorageError;

/// The project in the bus' names; Google's ask for one.
pub(super) const PROJECT: &str = "local";

/// What a subscription still owes: one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Owed {
    pub(super) subscription: i64,
    pub(super) message: i64,
}

/// Keeps a message and owes it to every subscription of its topic. Returns its id, or `None` if there is no such topic.
pub(super) fn publish(
    connection: &Connection,
    topic: &str,
    message: &Message,
    now: Timestamp,
) -> Result<Option<i64>, StorageError> {
    if !topic_exists(connection, topic)? {
        return Ok(None);
    }
    let attributes = serde_json::to_string(&message.attributes)
        .map_err(StorageError::unreadable("attributes"))?;
    connection
        .prepare_cached(
            "INSERT INTO messages (topic, published_ms, event_id, attributes, data) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            topic,
            now.millis(),
            message.attributes.get(attribute::EVENT_ID),
            attributes,
            message.data.as_ref(),
        ])?;
    let id = connection.last_insert_rowid();
    connection
        .prepare_cached(
            "INSERT INTO deliveries (subscription, message, attempts, due_ms)
             SELECT id, ?2, 0, ?3 FROM subscriptions WHERE topic = ?1",
        )?
        .execute(params![topic, id, now.millis()])?;
    Ok(Some(id))
}

pub(super) fn topic_exists(connection: &Connection, topic: &str) -> Result<bool, StorageError> {
    let exists = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM topics WHERE name = ?1)")?
        .query_row([topic], |row| row.get(0))?;
    Ok(exists)
}

pub(super) fn create_topic(
    connection: &Connection,
    topic: &str,
    now: Timestamp,
) -> Result<(), StorageError> {
    connection
        .prepare_cached(
            "INSERT INTO topics (name, created_ms) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        )?
        .execute(params![topic, now.millis()])?;
    Ok(())
}

/// The subscription's id and topic, after making it if it is missing.
pub(super) fn create_subscription(
    connection: &Connection,
    name: &str,
    topic: &str,
    now: Timestamp,
) -> Result<(i64, String), StorageError> {
    connection
        .prepare_cached(
            "INSERT INTO subscriptions (name, topic, created_ms) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        )?
        .execute(params![name, topic, now.millis()])?;
    let found = connection
        .prepare_cached("SELECT id, topic FROM subscriptions WHERE name = ?1")?
        .query_row([name], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found)
}

/// The endpoint has it.
pub(super) fn acknowledge(connection: &Connection, owed: Owed) -> Result<(), StorageError> {
    connection
        .prepare_cached("DELETE FROM deliveries WHERE subscription = ?1 AND message = ?2")?
        .execute([owed.subscription, owed.message])?;
    Ok(())
}

/// Notes how often it was delivered, before it is delivered once more.
pub(super) fn count_attempt(
    connection: &Connection,
    owed: Owed,
    attempts: u32,
) -> Result<(), StorageError> {
    connection
        .prepare_cached(
            "UPDATE deliveries SET attempts = ?3 WHERE subscription = ?1 AND message = ?2",
        )?
        .execute(params![owed.subscription, owed.message, attempts])?;
    Ok(())
}

/// The endpoint doesn't have it after `attempts` deliveries; it is due again at `due`.
pub(super) fn postpone(
    connection: &Connection,
    owed: Owed,
    attempts: u32,
    due: Timestamp,
) -> Result<(), StorageError> {
    connection
        .prepare_cached(
            "UPDATE deliveries SET attempts = ?3, due_ms = ?4 WHERE subscription = ?1 AND message = ?2",
        )?
        .execute(params![owed.subscription, owed.message, attempts, due.millis()])?;
    Ok(())
}

/// Publishes what was refused too often on the dead-letter topic, and owes it no longer. Returns false, and leaves it
/// owed, if that topic is missing.
pub(super) fn give_up(
    connection: &Connection,
    owed: Owed,
    attempts: u32,
    dead_letter_topic: &str,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let Some(message) = dead_letter(connection, owed, attempts)? else {
        // Its subscription was dropped while it was delivered.
        return Ok(true);
    };
    if publish(connection, dead_letter_topic, &message, now)?.is_none() {
        return Ok(false);
    }
    acknowledge(connection, owed)?;
    Ok(true)
}

fn dead_letter(
    connection: &Connection,
    owed: Owed,
    attempts: u32,
) -> Result<Option<Message>, StorageError> {
    let found = connection
        .prepare_cached(
            "SELECT m.data, m.attributes, m.published_ms, s.name FROM deliveries d
             JOIN messages m ON m.id = d.message JOIN subscriptions s ON s.id = d.subscription
             WHERE d.subscription = ?1 AND d.message = ?2",
        )?
        .query_row([owed.subscription, owed.message], |row| {
            let published = Timestamp::from_millis(row.get(2)?);
            let found: (Vec<u8>, String, Timestamp, String) =
                (row.get(0)?, row.get(1)?, published, row.get(3)?);
            Ok(found)
        })
        .optional()?;
    let Some((data, attributes, published, subscription)) = found else {
        return Ok(None);
    };
    let mut attributes = attributes_in(&attributes)?;
    for (name, value) in [
        (attribute::DEAD_LETTER_SUBSCRIPTION, subscription),
        (
            attribute::DEAD_LETTER_SUBSCRIPTION_PROJECT,
            PROJECT.to_owned(),
        ),
        (attribute::DEAD_LETTER_DELIVERY_COUNT, attempts.to_string()),
        (attribute::DEAD_LETTER_PUBLISH_TIME, published.to_rfc3339()),
    ] {
        attributes.insert(name.to_owned(), value);
    }
    Ok(Some(Message {
        data: data.into(),
        attributes,
    }))
}

/// The attributes kept as `text`.
pub(super) fn attributes_in(text: &str) -> Result<BTreeMap<String, String>, StorageError> {
    serde_json::from_str(text).map_err(StorageError::unreadable("attributes"))
}
