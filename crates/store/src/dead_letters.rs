//! Dead letters: what was given up, kept with its payload so that a person can look at it and replay it.

mod death;
mod filter;
mod letter;

use async_trait::async_trait;
use events::Timestamp;

use crate::StoreUnavailable;
pub use death::{DeadMessage, Death};
pub use filter::DeadLetterFilter;
pub use letter::{ANSWER_BYTES_KEPT, Answer, DeadLetter, DeadLetterSummary, Payload, Reason};

/// Keeps and finds dead letters.
#[async_trait]
pub trait DeadLetters: Send + Sync {
    /// Keeps a letter. Its id is made from what it is about, so keeping it again changes nothing; returns whether
    /// it is new. A letter that was replayed and died again replaces the old one and counts as new.
    async fn bury(&self, letter: DeadLetter) -> Result<bool, StoreUnavailable>;

    /// The letters that pass the filter, newest first, without payloads.
    async fn list(
        &self,
        filter: &DeadLetterFilter,
    ) -> Result<Vec<DeadLetterSummary>, StoreUnavailable>;

    /// One letter whole; `None` if there is none.
    async fn get(&self, id: &str) -> Result<Option<DeadLetter>, StoreUnavailable>;

    /// Notes that a letter was replayed; a letter that is gone is left gone.
    async fn mark_replayed(&self, id: &str, at: Timestamp) -> Result<(), StoreUnavailable>;

    /// Forgets letters whose time has passed; returns how many.
    async fn purge(&self, now: Timestamp) -> Result<u64, StoreUnavailable>;
}
