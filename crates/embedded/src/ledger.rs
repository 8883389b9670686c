//! The ledger on SQLite: `store`'s rules, each run inside one transaction.

use ::store::ledger::{advance, claim, reopen};
use ::store::{
    Advance, AdvanceError, Claim, ClaimRequest, EventQuery, Ledger, LedgerRecord, Reopened,
    StoreUnavailable,
};
use async_trait::async_trait;
use events::{Identity, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::EmbeddedStore;
use crate::error::StorageError;
use crate::store::{PURGED_AT_ONCE, rows};

#[async_trait]
impl Ledger for EmbeddedStore {
    async fn claim(&self, request: ClaimRequest) -> Result<Claim, StoreUnavailable> {
        self.write(move |connection| {
            let existing = load(connection, &request.event.identity, &request.destination)?;
            let (answer, changed) = claim(existing, &request);
            if let Some(record) = changed {
                save(connection, &record)?;
            }
            Ok(answer)
        })
        .await
    }

    async fn advance(&self, step: Advance) -> Result<(), AdvanceError> {
        self.write(move |connection| {
            let existing = load(connection, &step.lease.identity, &step.lease.destination)?;
            match advance(existing, &step) {
                Ok(record) => save(connection, &record).map(Ok),
                Err(refused) => Ok(Err(refused)),
            }
        })
        .await?
    }

    async fn reopen(
        &self,
        identity: &str,
        destination: &str,
        effect: &str,
        letter: &str,
        now: Timestamp,
    ) -> Result<Reopened, StoreUnavailable> {
        let (identity, destination) = (identity.to_owned(), destination.to_owned());
        let (effect, letter) = (effect.to_owned(), letter.to_owned());
        self.write(move |connection| {
            let existing = load(connection, &identity, &destination)?;
            let (answer, changed) = reopen(existing, &effect, &letter, now);
            if let Some(record) = changed {
                save(connection, &record)?;
            }
            Ok(answer)
        })
        .await
    }

    async fn find(&self, query: &EventQuery) -> Result<Vec<LedgerRecord>, StoreUnavailable> {
        let (sql, key) = match query {
            EventQuery::EventId(event_id) => (
                "SELECT record FROM ledger WHERE event_id = ?1 ORDER BY destination, identity",
                event_id.clone(),
            ),
            EventQuery::Identity(identity) => (
                "SELECT record FROM ledger WHERE identity_digest = ?1 ORDER BY destination",
                digest(identity),
            ),
        };
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(sql)?;
            let mut found = statement.query([key])?;
            let mut records = Vec::new();
            while let Some(row) = found.next()? {
                records.push(record_in(row)?);
            }
            Ok(records)
        })
        .await
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreUnavailable> {
        self.forget(forget_some, now).await
    }
}

impl EmbeddedStore {
    /// Ends every lease, as if its owner had vanished long ago; returns how many there were.
    ///
    /// Only for the one process that owns the store, at its start, before it claims anything: whoever held a lease
    /// then was an earlier process and is gone.
    pub async fn release_claims_of_earlier_process(&self) -> Result<u64, StoreUnavailable> {
        self.write(|connection| {
            let leased = leased_since(connection, LONG_AGO)?;
            let released = rows(leased.len());
            for mut record in leased {
                if let Some(lease) = &mut record.lease {
                    lease.until = LONG_AGO;
                }
                save(connection, &record)?;
            }
            Ok(released)
        })
        .await
    }
}

/// Earlier than any grace that a claim grants.
const LONG_AGO: Timestamp = Timestamp::from_millis(0);

fn leased_since(
    connection: &Connection,
    after: Timestamp,
) -> Result<Vec<LedgerRecord>, StorageError> {
    let mut statement =
        connection.prepare_cached("SELECT record FROM ledger WHERE leased_until_ms > ?1")?;
    let mut found = statement.query([after.millis()])?;
    let mut records = Vec::new();
    while let Some(row) = found.next()? {
        records.push(record_in(row)?);
    }
    Ok(records)
}

fn digest(identity: &str) -> String {
    Identity::from_text(identity).digest()
}

fn load(
    connection: &Connection,
    identity: &str,
    destination: &str,
) -> Result<Option<LedgerRecord>, StorageError> {
    let record = connection
        .prepare_cached(
            "SELECT record FROM ledger WHERE identity_digest = ?1 AND destination = ?2",
        )?
        .query_row(params![digest(identity), destination], |row| {
            Ok(record_in(row))
        })
        .optional()?;
    record.transpose()
}

fn record_in(row: &Row<'_>) -> Result<LedgerRecord, StorageError> {
    let text = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
    serde_json::from_str(text).map_err(StorageError::unreadable("a ledger record"))
}

fn save(connection: &Connection, record: &LedgerRecord) -> Result<(), StorageError> {
    let text =
        serde_json::to_string(record).map_err(StorageError::unreadable("a ledger record"))?;
    connection
        .prepare_cached(
            "INSERT INTO ledger (identity_digest, destination, identity, event_id, leased_until_ms, expires_ms, record)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (identity_digest, destination) DO UPDATE SET
                 event_id = excluded.event_id, leased_until_ms = excluded.leased_until_ms,
                 expires_ms = excluded.expires_ms, record = excluded.record",
        )?
        .execute(params![
            digest(&record.event.identity),
            record.destination,
            record.event.identity,
            record.event.event_id,
            record.lease.as_ref().map(|lease| lease.until.millis()),
            record.expires.millis(),
            text,
        ])?;
    Ok(())
}

fn forget_some(connection: &Connection, now: Timestamp) -> Result<usize, StorageError> {
    let limit = i64::try_from(PURGED_AT_ONCE).unwrap_or(i64::MAX);
    let forgotten = connection
        .prepare_cached(
            "DELETE FROM ledger WHERE rowid IN (SELECT rowid FROM ledger WHERE expires_ms <= ?1 LIMIT ?2)",
        )?
        .execute([now.millis(), limit])?;
    Ok(forgotten)
}
