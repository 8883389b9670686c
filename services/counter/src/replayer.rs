//! Replaying dead letters from the page, done by who is handed in: [`BusReplayer`](crate::BusReplayer) where there is a bus.

use async_trait::async_trait;
use serde::Serialize;
use store::DeadLetterFilter;

/// Replays dead letters.
#[async_trait]
pub trait Replayer: Send + Sync {
    /// Replays what was asked for and says of each letter what became of it. Asking again is harmless: what is done
    /// already is not done again.
    async fn replay(&self, request: ReplayRequest) -> Result<Vec<Replayed>, ReplayError>;
}

/// Which letters, and whether really.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayRequest {
    /// Which letters.
    pub selection: ReplaySelection,
    /// Only say what would be done.
    pub dry_run: bool,
}

/// Which letters to replay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplaySelection {
    /// These.
    Ids(Vec<String>),
    /// Those that pass.
    Filter(DeadLetterFilter),
}

/// What became of a letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Replayed {
    /// The letter.
    pub id: String,
    /// In a word.
    pub outcome: ReplayOutcome,
    /// In a sentence, for the operator.
    pub detail: String,
}

/// What became of a letter, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReplayOutcome {
    /// It is on the bus again.
    Replayed,
    /// It would be, were this no dry run.
    WouldReplay,
    /// Repeating it can't help, or there is no such letter.
    NotReplayable,
    /// It may be done twice; the command line can be told to accept that.
    NeedsAcceptDuplicates,
}

/// Nothing, or not all, was replayed; asking again is harmless.
#[derive(Debug, thiserror::Error)]
#[error("the letters can't be replayed now: {reason}")]
pub struct ReplayError {
    /// For the operator's log.
    pub reason: String,
}
