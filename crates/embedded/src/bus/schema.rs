//! The tables of the journal.
//!
//! A message is kept once; each subscription that still owes it to its endpoint has a row in `deliveries`. What is
//! acknowledged loses that row and stays in `messages` until it is too old, so that it can be delivered again.

use events::Timestamp;
use rusqlite::{Connection, params};

use crate::file::Schema;

pub(super) const SCHEMA: Schema = Schema {
    migrations: &["
        CREATE TABLE topics (
            name       TEXT PRIMARY KEY,
            created_ms INTEGER NOT NULL
        ) WITHOUT ROWID;

        CREATE TABLE subscriptions (
            id         INTEGER PRIMARY KEY AUTOINCREMENT,
            name       TEXT NOT NULL UNIQUE,
            topic      TEXT NOT NULL,
            created_ms INTEGER NOT NULL
        );
        CREATE INDEX subscriptions_by_topic ON subscriptions (topic);

        CREATE TABLE messages (
            id           INTEGER PRIMARY KEY AUTOINCREMENT,
            topic        TEXT NOT NULL,
            published_ms INTEGER NOT NULL,
            event_id     TEXT,
            attributes   TEXT NOT NULL,
            data         BLOB NOT NULL
        );
        CREATE INDEX messages_by_time     ON messages (published_ms);
        CREATE INDEX messages_by_event_id ON messages (event_id) WHERE event_id IS NOT NULL;

        CREATE TABLE deliveries (
            subscription INTEGER NOT NULL,
            message      INTEGER NOT NULL,
            attempts     INTEGER NOT NULL,
            due_ms       INTEGER NOT NULL,
            PRIMARY KEY (subscription, message)
        ) WITHOUT ROWID;
        CREATE INDEX deliveries_by_due ON deliveries (subscription, due_ms);
    "],
};

/// Message ids of one file are spaced this far apart per millisecond of the file's creation.
const IDS_PER_MILLISECOND: i64 = 1_000;

/// Lets message ids begin where no earlier file's ended. The store remembers events by message id when they have no
/// other; were a journal thrown away and ids began at 1 again, new events would pass for old ones.
pub(super) fn start_message_ids(
    connection: &Connection,
    created: Timestamp,
) -> rusqlite::Result<()> {
    let first = created.millis().max(0).saturating_mul(IDS_PER_MILLISECOND);
    connection.execute(
        "INSERT INTO sqlite_sequence (name, seq) VALUES ('messages', ?1)",
        params![first],
    )?;
    Ok(())
}

/// The id of the newest message that was ever published.
pub(super) fn newest_message_id(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row(
        "SELECT seq FROM sqlite_sequence WHERE name = 'messages'",
        [],
        |row| row.get(0),
    )
}
