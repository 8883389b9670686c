//! How destinations fare: what each instance of the updater says of its calls, for the operator's page. The page
//! reads it here and never asks the updater.

use std::collections::BTreeMap;

use async_trait::async_trait;
use events::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Outcome, StoreUnavailable};

/// Keeps the latest report of each destination by each instance.
#[async_trait]
pub trait DestinationReports: Send + Sync {
    /// Keeps these reports, all or none; each replaces the earlier one of its destination and instance.
    async fn report(&self, reports: Vec<DestinationReport>) -> Result<(), StoreUnavailable>;

    /// All that are kept, by destination and instance.
    async fn reports(&self) -> Result<Vec<DestinationReport>, StoreUnavailable>;

    /// Forgets reports that were made before then: their instances are gone. Returns how many.
    async fn purge(&self, before: Timestamp) -> Result<u64, StoreUnavailable>;
}

/// What one instance did at one destination.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DestinationReport {
    /// The destination's id.
    pub destination: String,
    /// One name a process.
    pub instance: String,
    /// When the instance began to count.
    pub since: Timestamp,
    /// When the report was made.
    pub at: Timestamp,
    /// Calls since then, by what they came to.
    pub calls: BTreeMap<Outcome, u64>,
    /// Of recent calls; `None` before the first.
    pub latency_ms: Option<Latency>,
    /// Calls under way.
    pub in_flight: u64,
    /// When a call was done last.
    pub last_done: Option<Timestamp>,
    /// The latest call that was not done.
    pub last_failure: Option<CallFailure>,
}

/// How long calls took, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Latency {
    /// Half of them took at most this.
    pub p50: u64,
    /// 19 of 20.
    pub p95: u64,
    /// 99 of 100.
    pub p99: u64,
}

/// A call that was not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallFailure {
    /// When.
    pub at: Timestamp,
    /// The answer's status, if there was an answer.
    pub status: Option<u16>,
    /// Why, in words without the answer's content.
    pub note: String,
}
