//! Held messages on SQLite: `store`'s rules, each run inside one transaction.

mod rows;

use ::store::held_messages::rules::{held_again, is_unchanged, put_off, taken};
use ::store::{
    EventQuery, Found, HeldBacklog, HeldMessage, HeldMessages, HeldSummary, StoreUnavailable,
    Taken, UnreadableHeld, Wait, Wanted,
};
use async_trait::async_trait;
use events::Timestamp;
use rusqlite::params;

use crate::EmbeddedStore;
use crate::error::StorageError;

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

/// What a message waits for, beside its time.
pub(crate) const WAITING: &str = "
    ALTER TABLE held_messages ADD COLUMN waits_for TEXT;
    CREATE INDEX held_messages_waiting ON held_messages (destination, waits_for, due_ms, id) WHERE waits_for IS NOT NULL;
";

#[async_trait]
impl HeldMessages for EmbeddedStore {
    async fn hold(&self, message: HeldMessage) -> Result<bool, StoreUnavailable> {
        self.write(
            move |connection| match rows::load_workable(connection, &message.summary.id) {
                Ok(Some(existing)) => {
                    rows::update(connection, &held_again(existing, &message.summary))?;
                    Ok(false)
                }
                Ok(None) | Err(StorageError::Unreadable { .. }) => {
                    rows::insert(connection, message)?;
                    Ok(true)
                }
                Err(error) => Err(error),
            },
        )
        .await
    }

    async fn due(
        &self,
        destination: &str,
        wanted: Wanted,
        limit: usize,
    ) -> Result<Found, StoreUnavailable> {
        let destination = destination.to_owned();
        self.read(move |connection| {
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            match wanted {
                Wanted::LongestDue(by) => rows::found(
                    connection,
                    &destination,
                    rows::LONGEST_DUE,
                    params![destination, by.millis(), limit],
                ),
                Wanted::LatestDue(by) => rows::found(
                    connection,
                    &destination,
                    rows::LATEST_DUE,
                    params![destination, by.millis(), limit],
                ),
                Wanted::WaitingFor(what) => rows::found(
                    connection,
                    &destination,
                    rows::WAITING_FOR,
                    params![destination, what, limit],
                ),
            }
        })
        .await
    }

    async fn waited_for(&self, destination: &str) -> Result<Vec<String>, StoreUnavailable> {
        let destination = destination.to_owned();
        self.read(move |connection| {
            // From one to the next by the index: there are few, and of each there may be very many.
            let mut next = connection.prepare_cached(
                "SELECT min(waits_for) FROM held_messages WHERE destination = ?1 AND waits_for > ?2",
            )?;
            let mut found: Vec<String> = Vec::new();
            loop {
                let after = found.last().map_or("", String::as_str);
                match next.query_row(params![destination, after], |row| row.get(0))? {
                    Some(text) => found.push(text),
                    None => return Ok(found),
                }
            }
        })
        .await
    }

    async fn take(&self, seen: &HeldSummary, until: Timestamp) -> Result<Taken, StoreUnavailable> {
        let seen = seen.clone();
        self.write(move |connection| {
            let existing = rows::load(connection, &seen.id)?;
            let Some(summary) = existing.and_then(|existing| taken(existing, &seen, until)) else {
                return Ok(Taken::Elsewhere);
            };
            rows::update(connection, &summary)?;
            rows::whole(connection, summary)
        })
        .await
    }

    async fn put_off(&self, taken: &HeldSummary, wait: Wait) -> Result<(), StoreUnavailable> {
        let taken = taken.clone();
        self.write(move |connection| {
            let existing = rows::load(connection, &taken.id)?;
            match existing.and_then(|existing| put_off(existing, &taken, wait)) {
                Some(summary) => rows::update(connection, &summary),
                None => Ok(()),
            }
        })
        .await
    }

    async fn set_aside(
        &self,
        unreadable: &UnreadableHeld,
        until: Timestamp,
    ) -> Result<(), StoreUnavailable> {
        let id = unreadable.id.clone();
        self.write(move |connection| {
            connection
                .prepare_cached(
                    "UPDATE held_messages SET due_ms = ?2, waits_for = NULL WHERE id = ?1",
                )?
                .execute(params![id, until.millis()])?;
            Ok(())
        })
        .await
    }

    async fn release(&self, taken: &HeldSummary) -> Result<(), StoreUnavailable> {
        let taken = taken.clone();
        self.write(move |connection| {
            let existing = rows::load(connection, &taken.id)?;
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
                "SELECT id, summary FROM held_messages WHERE event_id = ?1 ORDER BY destination, identity",
                event_id.clone(),
            ),
            EventQuery::Identity(identity) => (
                "SELECT id, summary FROM held_messages WHERE identity = ?1 ORDER BY destination",
                identity.clone(),
            ),
        };
        self.read(move |connection| rows::readable(connection, sql, &key))
            .await
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreUnavailable> {
        self.forget(rows::forget_some, now).await
    }
}
