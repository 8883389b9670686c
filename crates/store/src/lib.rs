//! What must be remembered, as traits: the [`Ledger`] of effects, the [`HeldMessages`], the [`DeadLetters`], the
//! [`Tallies`](tallies::Tallies) and the [`DestinationReports`].
//!
//! The rules live here, as plain functions on records ([`ledger::claim`], [`ledger::advance`]); a backend adds only
//! the atomic step around them. The feature `contract` holds the tests that every backend must pass.

#[cfg(feature = "contract")]
pub mod contract;
pub mod dead_letters;
pub mod destination_reports;
pub mod held_messages;
pub mod ledger;
pub mod tallies;

pub use dead_letters::{
    Answer, DeadLetter, DeadLetterFilter, DeadLetterSummary, DeadLetters, Payload, Reason,
};
pub use destination_reports::{CallFailure, DestinationReport, DestinationReports, Latency};
pub use held_messages::{
    Found, HeldBacklog, HeldContent, HeldMessage, HeldMessages, HeldSummary, HoldReason, Taken,
    UnreadableHeld, Wait, Wanted,
};
pub use ledger::{
    Advance, AdvanceError, Attempt, Change, Claim, ClaimRequest, EffectRecord, EffectState,
    EventQuery, EventReference, Lease, Ledger, LedgerRecord, Outcome, Reopened, RequestedEffect,
    Work,
};

/// The store didn't answer, or not as it should; nothing is known of what was asked, so ask again later.
#[derive(Debug, thiserror::Error)]
#[error("the store is not available: {reason}")]
pub struct StoreUnavailable {
    /// For the operator's log.
    pub reason: String,
}

impl StoreUnavailable {
    /// Wraps a backend's own error for the log.
    pub fn new(reason: impl std::fmt::Display) -> Self {
        Self {
            reason: reason.to_string(),
        }
    }
}
