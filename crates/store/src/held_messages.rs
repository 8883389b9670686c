//! Held messages: events that a destination can't be given now, kept until it can. A message is held before the bus is
//! told to forget it, so that an API which is away for days loses nothing and uses up no deliveries.

mod message;
pub mod rules;

use async_trait::async_trait;
use events::Timestamp;

use crate::{EventQuery, StoreUnavailable};
pub use message::{HeldBacklog, HeldMessage, HeldSummary, HoldReason};

/// Keeps messages for destinations, and hands each out when it is due, to one worker at a time.
///
/// Who works a message takes it first, which puts it off: if the worker vanishes, the message is due again by itself.
/// Versions keep apart who saw what: a message that was held anew or taken since is neither put off nor released by
/// somebody who has not seen that.
#[async_trait]
pub trait HeldMessages: Send + Sync {
    /// Keeps a message for a destination; returns whether it is new there. One that is there stays as it is, but is due
    /// at the earlier of both times, is forgotten at the later (if that is a day later at least), and has a new version.
    async fn hold(&self, message: HeldMessage) -> Result<bool, StoreUnavailable>;

    /// The destination's messages that are due by `now`, the longest due first, without their content.
    async fn due(
        &self,
        destination: &str,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<HeldSummary>, StoreUnavailable>;

    /// Takes a message to work it; it is due again at `until`. `None` if it is gone, or was taken or held anew since it
    /// was `seen`. Of many who take the same, one gets it.
    async fn take(
        &self,
        seen: &HeldSummary,
        until: Timestamp,
    ) -> Result<Option<HeldMessage>, StoreUnavailable>;

    /// Has a message that was `taken` be due at `due`, for that reason. Does nothing if it was taken or held anew since.
    async fn put_off(
        &self,
        taken: &HeldSummary,
        due: Timestamp,
        reason: HoldReason,
    ) -> Result<(), StoreUnavailable>;

    /// Forgets a message that was `taken`, because everything of it is settled. Does nothing if it was taken or held anew
    /// since.
    async fn release(&self, taken: &HeldSummary) -> Result<(), StoreUnavailable>;

    /// How much is held for each destination for which something is, by destination.
    async fn backlog(&self) -> Result<Vec<HeldBacklog>, StoreUnavailable>;

    /// The messages of an event, by destination.
    async fn find_held(&self, query: &EventQuery) -> Result<Vec<HeldSummary>, StoreUnavailable>;

    /// Forgets messages whose time has passed; returns how many.
    async fn purge(&self, now: Timestamp) -> Result<u64, StoreUnavailable>;
}
