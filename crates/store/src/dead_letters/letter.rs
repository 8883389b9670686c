//! What a dead letter keeps.

use std::collections::BTreeMap;

use events::{Money, Timestamp};
use serde::{Deserialize, Serialize};

/// The most bytes that are kept of an API's answer.
pub const ANSWER_BYTES_KEPT: usize = 1024;

/// An event, or one effect of it, that was given up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetter {
    /// What a listing shows of it.
    #[serde(flatten)]
    pub summary: DeadLetterSummary,
    /// The API's last answer, if there was one.
    pub answer: Option<Answer>,
    /// The message's payload, as text where it is UTF-8; bytes that are none are kept as base64 in `payload_base64`.
    pub payload: Payload,
    /// The message's attributes.
    pub attributes: BTreeMap<String, String>,
    /// When it may be forgotten.
    pub expires: Timestamp,
}

/// What a listing shows: no payload and no personal data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetterSummary {
    /// Made from what the letter is about, so that the same death has the same id.
    pub id: String,
    /// Why.
    pub reason: Reason,
    /// The reason in words: what it is and what to do, without the event's content.
    pub detail: String,
    /// When it was given up.
    pub at: Timestamp,
    /// What makes two messages the same event; absent if the message couldn't be read.
    pub identity: Option<String>,
    /// The tag's id, if there was one.
    pub event_id: Option<String>,
    /// Such as `purchase`.
    pub event_type: Option<String>,
    /// The destination's id, if it got that far.
    pub destination: Option<String>,
    /// The route, if it is about one effect.
    pub route: Option<String>,
    /// The ledger's key of the effect, if it is about one.
    pub effect: Option<String>,
    /// Calls made.
    pub attempts: u32,
    /// What the event is worth, if it says so.
    pub value: Option<Money>,
    /// The message's id on the bus.
    pub message_id: String,
    /// When it was replayed last.
    pub replayed: Option<Timestamp>,
}

/// A payload that shows as text where it is text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Payload {
    /// UTF-8.
    Text(String),
    /// Anything else, in standard base64.
    Base64(String),
}

/// What an API answered, shortened and redacted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// At most [`ANSWER_BYTES_KEPT`] bytes of the body.
    pub body: String,
}

/// Why a letter is dead. The list is closed: tools and alerts rely on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The message couldn't be read: no data, not JSON, another shape.
    Unreadable,
    /// The message was read and breaks a rule, such as an amount that is none.
    Invalid,
    /// The message names no event type and no route wanted it.
    NoEventType,
    /// The push address names a destination that the routes file doesn't have.
    UnknownDestination,
    /// The same identity came before with other content.
    IdentityConflict,
    /// An expression of the route failed on this event.
    ExpressionFailed,
    /// The API refused it for good.
    Rejected,
    /// The call may have arrived and must not be repeated.
    OutcomeUnknown,
    /// It was tried until its time was up.
    Exhausted,
    /// The bus gave up delivering it.
    Undelivered,
    /// It was waiting when its route was removed or changed.
    RouteGone,
}

impl Reason {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 11] = [
        Self::Unreadable,
        Self::Invalid,
        Self::NoEventType,
        Self::UnknownDestination,
        Self::IdentityConflict,
        Self::ExpressionFailed,
        Self::Rejected,
        Self::OutcomeUnknown,
        Self::Exhausted,
        Self::Undelivered,
        Self::RouteGone,
    ];

    /// As it is written in listings, filters and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Invalid => "invalid",
            Self::NoEventType => "no-event-type",
            Self::UnknownDestination => "unknown-destination",
            Self::IdentityConflict => "identity-conflict",
            Self::ExpressionFailed => "expression-failed",
            Self::Rejected => "rejected",
            Self::OutcomeUnknown => "outcome-unknown",
            Self::Exhausted => "exhausted",
            Self::Undelivered => "undelivered",
            Self::RouteGone => "route-gone",
        }
    }

    /// The reason of a message that holds no event: it breaks a rule, or can't be read at all.
    pub fn of_unread(is_invalid: bool) -> Self {
        if is_invalid {
            Self::Invalid
        } else {
            Self::Unreadable
        }
    }

    /// The reason of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }

    /// Whether sending the message again can help. A conflict needs a decision, not a repetition.
    pub fn is_replayable(self) -> bool {
        self != Self::IdentityConflict
    }
}
