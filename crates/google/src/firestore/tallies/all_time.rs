//! The document that every commit writes to: the totals of all time, the version, and a counter for every hour and day
//! that was written. What a reader has to look at again is found from here.

use std::collections::BTreeMap;

use firestore::gcloud_sdk::google::firestore::v1::Document;
use firestore::gcloud_sdk::prost_types;
use store::StoreUnavailable;
use store::tallies::{Range, Totals};

use super::super::client::Client;
use super::super::collections::TOTALS;
use super::super::value::integer_of;
use super::figures::{counters, read};
use super::plan::WRITTEN;
use super::steps::Period;

/// A number that grows with every commit that adds something.
pub(super) const VERSION: &str = "version";

/// Its full name.
pub(super) fn document(client: &Client) -> String {
    client.document(TOTALS, "all_time")
}

/// The document as it was read; the default is one that isn't there.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct AllTime {
    pub(super) version: u64,
    pub(super) totals: Totals,
    /// How often each hour and day was written.
    pub(super) written: BTreeMap<Period, i64>,
    /// Another time means that the database was emptied and filled again.
    pub(super) created: Option<prost_types::Timestamp>,
    /// When the last commit wrote it.
    pub(super) updated: Option<prost_types::Timestamp>,
}

impl AllTime {
    pub(super) fn read(document: Option<&Document>) -> Result<Self, StoreUnavailable> {
        let Some(document) = document else {
            return Ok(Self::default());
        };
        let version = integer_of(&document.fields, VERSION)?.unwrap_or_default();
        let written = counters(&document.fields, WRITTEN)?.into_iter();
        let written = written.filter_map(|(key, count)| Some((Period::parse(key)?, count)));
        Ok(Self {
            version: version.unsigned_abs(),
            totals: read(&document.fields)?,
            written: written.collect(),
            created: document.create_time,
            updated: document.update_time,
        })
    }

    /// The hours or days in which a range may have something, with their counters.
    pub(super) fn periods(&self, range: Range) -> Vec<(Period, i64)> {
        let written = self.written.iter();
        let within = written.filter(|(period, _)| period.overlaps(range));
        within.map(|(period, count)| (*period, *count)).collect()
    }
}
