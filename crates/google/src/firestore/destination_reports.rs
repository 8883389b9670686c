//! Destination reports on Firestore: few and small, each as JSON.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use events::Timestamp;
use firestore::gcloud_sdk::google::firestore::v1::Write;
use firestore::gcloud_sdk::google::firestore::v1::structured_query::field_filter::Operator;
use store::{DestinationReport, DestinationReports, StoreUnavailable};

use super::client::Client;
use super::collections::DESTINATION_REPORTS;
use super::expiry::{self, EXPIRES_AT};
use super::{FirestoreStore, query, value, write};

/// When the report was made, in milliseconds since the epoch.
const AT: &str = "at";
const REPORT: &str = "report";
/// Longer than anybody asks for what an instance said that is gone.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

#[async_trait]
impl DestinationReports for FirestoreStore {
    async fn report(&self, reports: Vec<DestinationReport>) -> Result<(), StoreUnavailable> {
        // Of several by one instance about one destination the last counts.
        let mut writes = BTreeMap::new();
        for report in &reports {
            let write = replacement(&self.client, report)?;
            writes.insert((&report.destination, &report.instance), write);
        }
        if writes.is_empty() {
            return Ok(());
        }
        self.client.commit(writes.into_values().collect()).await?;
        Ok(())
    }

    async fn reports(&self) -> Result<Vec<DestinationReport>, StoreUnavailable> {
        let found = self.client.query(query::all(DESTINATION_REPORTS)).await?;
        let mut reports: Vec<DestinationReport> = Vec::with_capacity(found.len());
        for document in found {
            let text = value::text_of(&document.fields, REPORT)?.unwrap_or_default();
            reports.push(value::from_json(text, "a destination's report")?);
        }
        reports.sort_by(|one, other| {
            let by_instance = || one.instance.cmp(&other.instance);
            one.destination
                .cmp(&other.destination)
                .then_with(by_instance)
        });
        Ok(reports)
    }

    async fn purge(&self, before: Timestamp) -> Result<u64, StoreUnavailable> {
        let before = value::integer(before.millis());
        let older = query::where_field(DESTINATION_REPORTS, AT, Operator::LessThan, before);
        expiry::forget(&self.client, older).await
    }
}

fn replacement(client: &Client, report: &DestinationReport) -> Result<Write, StoreUnavailable> {
    let text = serde_json::to_string(report).map_err(StoreUnavailable::new)?;
    // Destinations' ids have no point, so that no two pairs make one name.
    let id = format!("{}.{}", report.destination, report.instance);
    let fields = value::fields([
        (AT, value::integer(report.at.millis())),
        (REPORT, value::text(text)),
        (EXPIRES_AT, value::time(report.at.plus(KEPT))),
    ]);
    let name = client.document(DESTINATION_REPORTS, &id);
    Ok(write::replace(name, fields))
}
