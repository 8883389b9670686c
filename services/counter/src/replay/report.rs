//! What came of a replay.

use serde::Serialize;

/// What came of each letter, by id.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplayReport {
    /// Whether nothing was changed.
    pub dry_run: bool,
    /// On their way again; after a dry run those that would be.
    pub replayed: Vec<String>,
    /// The effect was done meanwhile; nothing was published.
    pub already_done: Vec<String>,
    /// Selected and not replayed.
    pub left_alone: Vec<LeftAlone>,
}

/// A letter that was selected and not replayed.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LeftAlone {
    /// The letter.
    pub id: String,
    /// In words, for the operator.
    pub reason: String,
    /// Whether accepting duplicates ([`ReplayOrder`](super::ReplayOrder)) would replay it.
    pub needs_accept_duplicates: bool,
}
