//! What is asked for of held messages, and what is found: also what can't be read.

use events::Timestamp;

use super::{HeldContent, HeldMessage, HeldSummary};

/// Which of a destination's messages are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Those that are due by then, the longest due first.
    LongestDue(Timestamp),
    /// Those that are due by then, the latest due first.
    LatestDue(Timestamp),
    /// Those that wait for just that, due or not, in no order. See [`HeldSummary::waits_for`].
    WaitingFor(String),
}

/// The messages that were asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// In the order that was asked for.
    pub messages: Vec<HeldSummary>,
    /// Those that can't be worked as they are kept. They count towards the limit of the question.
    pub unreadable: Vec<UnreadableHeld>,
}

impl Found {
    /// Whether there is nothing at all.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.unreadable.is_empty()
    }
}

/// What came of taking a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Taken {
    /// It is the taker's.
    Message(HeldMessage),
    /// It is gone, or was taken or held anew since it was seen.
    Elsewhere,
    /// It was taken, and nobody can work it.
    Unreadable(UnreadableHeld),
}

impl Taken {
    /// The message, if the taker got it whole.
    pub fn message(self) -> Option<HeldMessage> {
        match self {
            Self::Message(message) => Some(message),
            Self::Elsewhere | Self::Unreadable(_) => None,
        }
    }
}

/// A held message that is damaged, or written by a later version: what can still be told of it.
#[derive(Clone, Debug, PartialEq)]
pub struct UnreadableHeld {
    /// Its id; see [`HeldSummary::id`].
    pub id: String,
    /// The destination's id.
    pub destination: String,
    /// What makes two messages the same event, where that is still known.
    pub identity: Option<String>,
    /// The tag's id, where that is still known.
    pub event_id: Option<String>,
    /// The content; where that is what can't be read, its text is the payload.
    pub content: HeldContent,
    /// What is wrong with it, without what it says.
    pub problem: String,
}
