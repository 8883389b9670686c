//! The store on SQLite: one file with the ledger, the held messages, the dead letters and the destinations' reports, each
//! record as JSON beside the columns it is looked up by, and with the tallies, whose figures are columns.

use std::path::Path;

use ::store::StoreUnavailable;
use events::Timestamp;
use rusqlite::Connection;
use tokio::sync::watch;

use crate::OpenError;
use crate::database::Database;
use crate::error::{StorageError, WriteError};
use crate::file::Schema;

const SCHEMA: Schema = Schema {
    migrations: &["
        CREATE TABLE ledger (
            identity_digest TEXT NOT NULL,
            destination     TEXT NOT NULL,
            identity        TEXT NOT NULL,
            event_id        TEXT,
            leased_until_ms INTEGER,
            expires_ms      INTEGER NOT NULL,
            record          TEXT NOT NULL,
            UNIQUE (identity_digest, destination)
        );
        CREATE INDEX ledger_by_event_id ON ledger (event_id) WHERE event_id IS NOT NULL;
        CREATE INDEX ledger_by_expiry   ON ledger (expires_ms);
        CREATE INDEX ledger_leased      ON ledger (leased_until_ms) WHERE leased_until_ms IS NOT NULL;

        CREATE TABLE dead_letters (
            id          TEXT PRIMARY KEY,
            at_ms       INTEGER NOT NULL,
            reason      TEXT NOT NULL,
            destination TEXT,
            route       TEXT,
            event_id    TEXT,
            replayed_ms INTEGER,
            expires_ms  INTEGER NOT NULL,
            summary     TEXT NOT NULL,
            content     TEXT NOT NULL
        );
        CREATE INDEX dead_letters_by_time   ON dead_letters (at_ms);
        CREATE INDEX dead_letters_by_expiry ON dead_letters (expires_ms);
    ", crate::tallies::TABLES, crate::destination_reports::TABLE, crate::held_messages::TABLE,
        crate::held_messages::WAITING],
};

/// How the store's file is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreSettings {
    /// The most writes that wait for their commit; beyond that the store says that it is not available.
    pub queue: usize,
}

impl Default for StoreSettings {
    fn default() -> Self {
        Self { queue: 10_000 }
    }
}

/// How much the store keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreCounts {
    /// Records of events at destinations.
    pub ledger_records: u64,
    /// Those of them that somebody works on, or was working on when it vanished.
    pub leased: u64,
    /// Messages that wait for a destination.
    pub held_messages: u64,
    /// Dead letters.
    pub dead_letters: u64,
}

/// A [`Ledger`](::store::Ledger), [`HeldMessages`](::store::HeldMessages), [`DeadLetters`](::store::DeadLetters),
/// [`Tallies`](::store::tallies::Tallies) and [`DestinationReports`](::store::DestinationReports) in one file.
///
/// Several processes may have the file open; claims, advances and tallies are atomic across them.
pub struct EmbeddedStore {
    database: Database,
    tallied: watch::Sender<()>,
}

impl EmbeddedStore {
    /// Opens the file, or makes it.
    pub fn open(path: &Path, settings: StoreSettings) -> Result<Self, OpenError> {
        let database = Database::open(path, &SCHEMA, settings.queue, |_| Ok(()))?;
        Ok(Self {
            database,
            tallied: watch::Sender::new(()),
        })
    }

    /// Whether a claim could succeed now.
    pub async fn ready(&self) -> Result<(), StoreUnavailable> {
        self.database
            .writer
            .ready()
            .await
            .map_err(StoreUnavailable::new)
    }

    /// How much is kept.
    pub async fn counts(&self) -> Result<StoreCounts, StoreUnavailable> {
        self.read(|connection| {
            let count = |sql: &str| -> Result<u64, StorageError> {
                let rows: i64 = connection
                    .prepare_cached(sql)?
                    .query_row([], |row| row.get(0))?;
                Ok(rows.unsigned_abs())
            };
            Ok(StoreCounts {
                ledger_records: count("SELECT count(*) FROM ledger")?,
                leased: count("SELECT count(*) FROM ledger WHERE leased_until_ms IS NOT NULL")?,
                held_messages: count("SELECT count(*) FROM held_messages")?,
                dead_letters: count("SELECT count(*) FROM dead_letters")?,
            })
        })
        .await
    }

    /// Transactions committed since the file was opened; fewer than the writes they carried when those came together.
    pub fn commits(&self) -> u64 {
        self.database.writer.commits()
    }

    /// Takes no more writes and answers once all that were taken are durable.
    pub async fn close(&self) -> Result<(), StoreUnavailable> {
        self.database
            .writer
            .close()
            .await
            .map_err(StoreUnavailable::new)
    }

    /// Tells of tallies that this process added.
    pub(crate) fn tallied(&self) -> &watch::Sender<()> {
        &self.tallied
    }

    /// Calls `forget_some`, which forgets at most [`PURGED_AT_ONCE`] rows past their time, until nothing is left to
    /// forget: pieces, so that no other write waits long. Returns how many rows went.
    pub(crate) async fn forget(
        &self,
        forget_some: fn(&Connection, Timestamp) -> Result<usize, StorageError>,
        now: Timestamp,
    ) -> Result<u64, StoreUnavailable> {
        let mut forgotten = 0;
        loop {
            let some = self
                .write(move |connection| forget_some(connection, now))
                .await?;
            forgotten += rows(some);
            if some < PURGED_AT_ONCE {
                return Ok(forgotten);
            }
        }
    }

    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, StoreUnavailable> {
        self.database
            .readers
            .read(work)
            .await
            .map_err(StoreUnavailable::new)
    }

    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, StoreUnavailable> {
        self.database
            .writer
            .write_unless_full(work)
            .await
            .map_err(|error: WriteError| StoreUnavailable::new(error))
    }
}

/// Deletes rows whose time has passed, so many at a time that nobody waits long for the next commit.
pub(crate) const PURGED_AT_ONCE: usize = 1_000;

/// How many rows a statement changed, for answers.
pub(crate) fn rows(changed: usize) -> u64 {
    u64::try_from(changed).unwrap_or(u64::MAX)
}
