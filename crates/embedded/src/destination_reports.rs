//! Destination reports on SQLite: few and small, each as JSON.

use ::store::{DestinationReport, DestinationReports, StoreUnavailable};
use async_trait::async_trait;
use events::Timestamp;
use rusqlite::{Connection, params};

use crate::EmbeddedStore;
use crate::error::StorageError;
use crate::store::rows;

pub(crate) const TABLE: &str = "
    CREATE TABLE destination_reports (
        destination TEXT    NOT NULL,
        instance    TEXT    NOT NULL,
        at_ms       INTEGER NOT NULL,
        report      TEXT    NOT NULL,
        PRIMARY KEY (destination, instance)
    ) STRICT, WITHOUT ROWID;
";

#[async_trait]
impl DestinationReports for EmbeddedStore {
    async fn report(&self, reports: Vec<DestinationReport>) -> Result<(), StoreUnavailable> {
        self.write(move |connection| {
            for report in &reports {
                keep(connection, report)?;
            }
            Ok(())
        })
        .await
    }

    async fn reports(&self) -> Result<Vec<DestinationReport>, StoreUnavailable> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT report FROM destination_reports ORDER BY destination, instance",
            )?;
            let mut found = statement.query([])?;
            let mut reports = Vec::new();
            while let Some(row) = found.next()? {
                let text = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
                let report = serde_json::from_str(text)
                    .map_err(StorageError::unreadable("a destination's report"))?;
                reports.push(report);
            }
            Ok(reports)
        })
        .await
    }

    async fn purge(&self, before: Timestamp) -> Result<u64, StoreUnavailable> {
        self.write(move |connection| {
            let forgotten = connection
                .prepare_cached("DELETE FROM destination_reports WHERE at_ms < ?1")?
                .execute([before.millis()])?;
            Ok(rows(forgotten))
        })
        .await
    }
}

fn keep(connection: &Connection, report: &DestinationReport) -> Result<(), StorageError> {
    let text = serde_json::to_string(report)
        .map_err(StorageError::unreadable("a destination's report"))?;
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO destination_reports (destination, instance, at_ms, report)
             VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![
            report.destination,
            report.instance,
            report.at.millis(),
            text
        ])?;
    Ok(())
}
