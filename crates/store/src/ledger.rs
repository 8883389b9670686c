//! The ledger: what has been done of each event at each destination, so that nothing is done twice.
//!
//! There is one [`LedgerRecord`] per event identity and destination, with all its effects in a map: two writes a
//! message, however many items an order has. A record is worked by one owner at a time, under a [`Lease`] that ends
//! by itself; its fence grows with each lease, so that an owner that lost it can't write over its successor.

mod record;
mod rules;
#[cfg(test)]
mod tests;

use std::time::Duration;

use async_trait::async_trait;
use events::Timestamp;

use crate::StoreUnavailable;
pub use record::{Attempt, EffectRecord, EffectState, EventReference, LedgerRecord, Outcome};
pub use rules::{advance, claim, reopen};

/// Claims, advances and finds the records of effects.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// Asks for the right to work on an event's effects at a destination.
    ///
    /// Atomic: of many callers at once, one is granted. Repeating it after `Settled` changes nothing.
    async fn claim(&self, request: ClaimRequest) -> Result<Claim, StoreUnavailable>;

    /// Writes what became of effects, under a lease; may prolong the lease or give it up.
    ///
    /// Fails with [`AdvanceError::LeaseLost`], and writes nothing, once somebody else has claimed the record.
    /// Writing the same advance twice leaves the record as after the first.
    async fn advance(&self, advance: Advance) -> Result<(), AdvanceError>;

    /// Opens the dead or reviewed effect that the dead letter `letter` is about, so that the next delivery of its message
    /// works it. Only the effect's latest letter opens it. Repeating it is harmless.
    async fn reopen(
        &self,
        identity: &str,
        destination: &str,
        effect: &str,
        letter: &str,
        now: Timestamp,
    ) -> Result<Reopened, StoreUnavailable>;

    /// The records that answer the query, by destination; empty if none is known.
    async fn find(&self, query: &EventQuery) -> Result<Vec<LedgerRecord>, StoreUnavailable>;

    /// Forgets records whose time has passed; returns how many.
    async fn purge(&self, now: Timestamp) -> Result<u64, StoreUnavailable>;
}

/// How to look an event up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventQuery {
    /// The tag's id of the event; several events can share one by mistake.
    EventId(String),
    /// What makes two messages the same event, such as `purchase:ORD-1`.
    Identity(String),
}

/// Who wants to work on which effects of which event.
#[derive(Clone, Debug)]
pub struct ClaimRequest {
    /// The event.
    pub event: EventReference,
    /// The destination's id.
    pub destination: String,
    /// Everything the routes want done there; none twice.
    pub effects: Vec<RequestedEffect>,
    /// Who asks: one name a process.
    pub owner: String,
    /// The asker's clock.
    pub now: Timestamp,
    /// How long the lease lasts.
    pub lease: Duration,
    /// How long after its end another's lease is still respected, since clocks differ.
    pub grace: Duration,
    /// When the record may be forgotten.
    pub expires: Timestamp,
}

/// An effect that a route wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestedEffect {
    /// `identity/route` or `identity/route/element`.
    pub key: String,
    /// The route's permanent name.
    pub route: String,
    /// The element's key where the route works each element.
    pub element: Option<String>,
}

/// The answer to a [`ClaimRequest`].
#[derive(Clone, Debug, PartialEq)]
pub enum Claim {
    /// The caller has the lease and works these effects; others of the record are settled or not yet due.
    Granted {
        /// To advance with.
        lease: Lease,
        /// At least one.
        work: Vec<Work>,
        /// The earliest moment at which an effect that is not in `work` is due; none if all others are settled.
        later: Option<Timestamp>,
        /// Whether an effect was held before this claim: the event's message is kept for the destination.
        held: bool,
    },
    /// Nothing is left to do: every requested effect is settled.
    Settled,
    /// Somebody works on it; come again after `until`.
    Busy {
        /// When that lease ends, if its owner doesn't prolong it.
        until: Timestamp,
    },
    /// Nothing may be done yet.
    NotBefore {
        /// The earliest moment at which an effect is due.
        at: Timestamp,
        /// Whether an effect is held: the event's message is kept for the destination.
        held: bool,
    },
    /// The same identity was recorded with other content; nothing was changed.
    Conflict,
}

/// An effect that the holder of a lease works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// The effect's key.
    pub key: String,
    /// The route's permanent name.
    pub route: String,
    /// False if it was not asked for: it is left from routes that were changed since, and wants to be settled.
    pub wanted: bool,
    /// Calls made before this lease.
    pub attempts: u32,
    /// 1, and one more for each replay of a refused effect.
    pub generation: u32,
    /// When the effect was first claimed; retries are counted from here.
    pub first_claimed: Timestamp,
    /// An earlier owner was sending when it vanished: the call may have arrived.
    pub abandoned_while_sending: bool,
    /// An earlier call under the present key may have been done.
    pub may_be_done: bool,
}

/// What came of opening an effect again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reopened {
    /// It is open; its message may go.
    Opened,
    /// It was open already; its message may go.
    AlreadyOpen,
    /// Somebody works on it now; try again when that is over.
    InWork,
    /// It died again since: this letter is the one to replay.
    Superseded {
        /// The later letter's id.
        by: String,
    },
    /// It was done, expired or shown in shadow since.
    Settled,
    /// The ledger knows no such effect (any more).
    Unknown,
}

/// The right to work on a record until `until`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The event's identity.
    pub identity: String,
    /// The destination's id.
    pub destination: String,
    /// Who holds it.
    pub owner: String,
    /// Grows with each lease of the record.
    pub fence: u64,
    /// By the clock of the claim.
    pub until: Timestamp,
}

/// What became of effects, to be written under a lease in one step.
#[derive(Clone, Debug)]
pub struct Advance {
    /// As granted.
    pub lease: Lease,
    /// May be empty, when the lease alone is prolonged or given up.
    pub changes: Vec<Change>,
    /// The lease's new end; `None` gives it up.
    pub until: Option<Timestamp>,
}

/// One effect's new state.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The effect's key.
    pub key: String,
    /// Its new state.
    pub state: EffectState,
    /// The call that led to it, if one was made.
    pub attempt: Option<Attempt>,
}

/// Why an advance was not written.
#[derive(Debug, thiserror::Error)]
pub enum AdvanceError {
    /// Somebody else has claimed the record since; stop working on it.
    #[error("the lease on {destination} was taken over")]
    LeaseLost {
        /// The destination's id.
        destination: String,
    },
    /// Whether it was written is not known.
    #[error(transparent)]
    Unavailable(#[from] StoreUnavailable),
}
