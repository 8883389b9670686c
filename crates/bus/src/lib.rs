//! Moves bytes and attributes from a publisher to push subscriptions; knows no event.
//!
//! [`Bus`] is what services publish through. Delivery is an HTTP POST of a [`PushEnvelope`], the same for every
//! backend, so a service that consumes needs no bus at all: it answers pushes. The feature `contract` holds the tests that
//! every backend must pass.

mod acknowledgement;
#[cfg(feature = "contract")]
pub mod contract;
mod envelope;
mod message;

use std::time::Duration;

use async_trait::async_trait;

pub use acknowledgement::is_acknowledgement;
pub use envelope::{NotAPush, Push, PushEnvelope, PushMessage, PushPayload};
pub use message::{Message, MessageId, attribute};

/// Where events are published. One instance is shared by all requests of a service.
#[async_trait]
pub trait Bus: Send + Sync {
    /// Puts `message` on `topic` and returns once it is durable: after `Ok`, every subscription that the topic has
    /// at that moment gets the message at least once, whatever crashes.
    ///
    /// After an error the message may still be delivered (an answer can be lost on its way back), so publishing
    /// again can deliver twice; consumers deduplicate on the event's identity, never on the message id.
    /// Calls made at the same time share their commits; there is no order between messages.
    async fn publish(&self, topic: &str, message: Message) -> Result<MessageId, PublishError>;

    /// Whether a publish could succeed now. Costs no publish, but may ask far away: who is asked by strangers keeps the
    /// answer for a while.
    async fn ready(&self) -> Result<(), PublishError>;
}

/// Why a message is not on the bus, by what the caller does next.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// Nothing can be published now; the same message may be offered again after the given time.
    #[error("the bus can't take a message now: {reason}")]
    Unavailable {
        /// For the operator's log; nothing of the message is in it.
        reason: String,
        /// How long to wait before trying again.
        retry_after: Duration,
    },
    /// No repetition helps: the message is larger than the bus takes.
    #[error("the message has {size} bytes and the bus takes at most {limit}")]
    TooLarge {
        /// Bytes of data and attributes.
        size: usize,
        /// The most that the bus takes.
        limit: usize,
    },
    /// No repetition helps until an operator creates the topic.
    #[error("the bus has no topic {topic}: create it, or correct the topic's name in the settings")]
    UnknownTopic {
        /// As it was asked for.
        topic: String,
    },
}
