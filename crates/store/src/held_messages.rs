//! Held messages: events that a destination can't be given now, kept until it can. A message is held before the bus is
//! told to forget it, so that an API which is away for days loses nothing and uses up no deliveries.

mod content;
mod found;
mod message;
pub mod rules;

use async_trait::async_trait;
use events::Timestamp;

use crate::{EventQuery, StoreUnavailable};
pub use content::HeldContent;
pub use found::{Found, Taken, UnreadableHeld, Wanted};
pub use message::{HeldBacklog, HeldMessage, HeldSummary, HoldReason, Wait};

/// Keeps messages for destinations, and hands each out when it is due, to one worker at a time.
///
/// Who works a message takes it first, which puts it off: if the worker vanishes, the message is due again by itself.
/// Versions keep apart who saw what: a message that was held anew or taken since is neither put off nor released by
/// somebody who has not seen that.
#[async_trait]
pub trait HeldMessages: Send + Sync {
    /// Keeps a message for a destination; returns whether it is new there. One that is there stays as it is, but is due
    /// at the earlier of both times, is forgotten at the later (if that is a day later at least), and has a new version. One
    /// that is there and can't be read is replaced, and counts as new.
    async fn hold(&self, message: HeldMessage) -> Result<bool, StoreUnavailable>;

    /// Some of the destination's messages, without their content. One that can't be read is told as such and keeps nobody
    /// from the others.
    async fn due(
        &self,
        destination: &str,
        wanted: Wanted,
        limit: usize,
    ) -> Result<Found, StoreUnavailable>;

    /// What the destination's messages wait for, each once, in the order of the texts. See [`HeldSummary::waits_for`].
    async fn waited_for(&self, destination: &str) -> Result<Vec<String>, StoreUnavailable>;

    /// Takes a message to work it; it is due again at `until`, and waits for nothing else. Of many who take the same as they
    /// have `seen` it, one gets it.
    async fn take(&self, seen: &HeldSummary, until: Timestamp) -> Result<Taken, StoreUnavailable>;

    /// Has a message that was `taken` wait on. Does nothing if it was taken or held anew since.
    async fn put_off(&self, taken: &HeldSummary, wait: Wait) -> Result<(), StoreUnavailable>;

    /// Has a message that can't be read be found again at `until`, and not before. Nothing of it is changed: whoever wrote
    /// it may be able to read it.
    async fn set_aside(
        &self,
        unreadable: &UnreadableHeld,
        until: Timestamp,
    ) -> Result<(), StoreUnavailable>;

    /// Forgets a message that was `taken`, because everything of it is settled. Does nothing if it was taken or held anew
    /// since.
    async fn release(&self, taken: &HeldSummary) -> Result<(), StoreUnavailable>;

    /// How much is held for each destination for which something is, by destination.
    async fn backlog(&self) -> Result<Vec<HeldBacklog>, StoreUnavailable>;

    /// The messages of an event, by destination. Those that can't be read are left out, which the log tells.
    async fn find_held(&self, query: &EventQuery) -> Result<Vec<HeldSummary>, StoreUnavailable>;

    /// Forgets messages whose time has passed; returns how many.
    async fn purge(&self, now: Timestamp) -> Result<u64, StoreUnavailable>;
}
