//! What is kept of a held message.

use std::collections::BTreeMap;

use events::{Identity, Money, Timestamp};
use serde::{Deserialize, Serialize};

use crate::dead_letters::Payload;

/// A message that waits for a destination.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HeldMessage {
    /// What a listing shows of it.
    #[serde(flatten)]
    pub summary: HeldSummary,
    /// As it came.
    pub payload: Payload,
    /// As they came.
    pub attributes: BTreeMap<String, String>,
    /// The message's id on the bus.
    pub message_id: String,
    /// When the bus took it, RFC 3339; empty if the bus didn't say.
    pub publish_time: String,
    /// The event type that its push address gave to messages that name none.
    pub event_type_hint: Option<String>,
}

/// What is known of a held message without a look at its content: no personal data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HeldSummary {
    /// Made of identity, destination and content, so that the same event is held once, and one that only claims to be the
    /// same is not taken for it.
    pub id: String,
    /// The destination's id.
    pub destination: String,
    /// What makes two messages the same event.
    pub identity: String,
    /// The tag's id, if there was one.
    pub event_id: Option<String>,
    /// Such as `purchase`.
    pub event_type: Option<String>,
    /// What the event is worth, if it says so.
    pub value: Option<Money>,
    /// Of the payload.
    pub bytes: u64,
    /// Why it waits.
    pub reason: HoldReason,
    /// Since when.
    pub first_held: Timestamp,
    /// When it is worked next.
    pub due: Timestamp,
    /// The paused routes that it waits for, by name, with a comma between: it is worth working before it is due once one
    /// of them is not paused any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<String>,
    /// How often it was taken to be worked.
    pub tries: u32,
    /// Grows whenever it is held anew, taken or put off.
    pub version: u64,
    /// When it may be forgotten, whatever became of it.
    pub expires: Timestamp,
}

impl HeldSummary {
    /// The id of an event's message for a destination. `content_hash`: as the ledger compares it.
    pub fn id_of(identity: &str, destination: &str, content_hash: &str) -> String {
        Identity::from_text(format!("held/{destination}/{content_hash}/{identity}")).digest()
    }
}

/// Until when a message that was worked waits, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// When it is worked next.
    pub due: Timestamp,
    /// Why it waits.
    pub reason: HoldReason,
    /// See [`HeldSummary::waits_for`].
    pub waits_for: Option<String>,
}

/// Why a message waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HoldReason {
    /// The destination asked for patience or did not answer, for longer than the bus is kept waiting.
    Unavailable,
    /// The destination's set-up is broken: a secret, an address, a certificate.
    SetUp,
    /// A route is paused.
    Paused,
    /// The destination has failed too often in a row to be called for this one too.
    DestinationFailing,
    /// The destination's limits left no room for the call.
    NoRoom,
    /// The bus gave up delivering it.
    Undelivered,
}

impl HoldReason {
    /// As it is written in listings and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unavailable => "unavailable",
            Self::SetUp => "set-up",
            Self::Paused => "paused",
            Self::DestinationFailing => "destination-failing",
            Self::NoRoom => "no-room",
            Self::Undelivered => "undelivered",
        }
    }
}

/// How much is held for a destination.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HeldBacklog {
    /// The destination's id.
    pub destination: String,
    /// Messages; a backend to which counting is dear stops at 100,000.
    pub count: u64,
    /// Since when the oldest of them is held.
    pub oldest: Timestamp,
}
