//! What the ledger keeps of one event at one destination. No payload: that is kept only of what is dead or in review.

use std::collections::BTreeMap;

use events::Timestamp;
use serde::{Deserialize, Serialize};

/// The most attempts that are kept of an effect; older ones are only counted.
pub const ATTEMPTS_KEPT: usize = 10;

/// One event at one destination.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LedgerRecord {
    /// The event.
    pub event: EventReference,
    /// The destination's id.
    pub destination: String,
    /// The fence of the latest lease; 0 before the first.
    pub fence: u64,
    /// Who works on it now.
    pub lease: Option<Holder>,
    /// By effect key.
    pub effects: BTreeMap<String, EffectRecord>,
    /// When the record may be forgotten.
    pub expires: Timestamp,
}

/// Who holds a record's lease, until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Holder {
    /// One name a process.
    pub owner: String,
    /// By the owner's clock.
    pub until: Timestamp,
}

/// What the ledger keeps of the event itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventReference {
    /// What makes two messages the same event.
    pub identity: String,
    /// Hash of the content without times, trace and event id.
    pub content_hash: String,
    /// The tag's id; absent in Hermes' messages.
    pub event_id: Option<String>,
    /// Such as `purchase`; absent if the message names none.
    pub event_type: Option<String>,
    /// When Talaria received it first.
    pub received: Timestamp,
}

/// One effect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EffectRecord {
    /// The route's permanent name.
    pub route: String,
    /// The element's key where the route works each element.
    pub element: Option<String>,
    /// Where it stands.
    pub state: EffectState,
    /// When it was first claimed.
    pub first_claimed: Timestamp,
    /// 1, and one more for each replay of a refused effect.
    pub generation: u32,
    /// Calls made.
    pub attempts: u32,
    /// Calls before the latest replay: whoever replays has decided that another may be made.
    #[serde(default)]
    pub decided_attempts: u32,
    /// The latest of them, oldest first.
    pub history: Vec<Attempt>,
    /// Of the calls that are no longer kept, the number of the latest that may have been done; nought if none may. Absent
    /// where all are kept, and where an earlier version wrote the record and nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forgotten_doubt: Option<u32>,
}

/// Where an effect stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EffectState {
    /// A lease's holder will work on it.
    Claimed,
    /// Committed before the first byte of a call that must not be repeated.
    Sending,
    /// The destination has done it.
    Done {
        /// When it answered.
        at: Timestamp,
    },
    /// Not done; due again at `not_before`.
    Retry {
        /// Never called before this.
        not_before: Timestamp,
    },
    /// Not done; the event's message is kept as a [held message](crate::HeldMessages), so that the bus may forget it.
    Held {
        /// Never called before this.
        due: Timestamp,
    },
    /// Given up, kept as a dead letter.
    Dead {
        /// The dead letter's id.
        letter: String,
    },
    /// It may or may not have been done; a person decides. Kept as a dead letter.
    Review {
        /// The dead letter's id.
        letter: String,
    },
    /// Too old to be done when it came.
    Expired {
        /// When that was found.
        at: Timestamp,
    },
    /// Its route is in shadow: what would have been called was logged, nothing was called.
    Shadow {
        /// When.
        at: Timestamp,
    },
}

impl EffectRecord {
    /// Whether a call may have been done that nobody has decided about: one under the present key that was not certainly
    /// without effect. Where nobody knows what the attempts came to that are no longer kept, they may have been such.
    pub fn may_be_done(&self) -> bool {
        let latest = self.forgotten_doubt.unwrap_or_else(|| self.forgotten());
        let forgotten = latest > self.decided_attempts;
        let in_doubt =
            |attempt: &Attempt| attempt.number > self.decided_attempts && attempt.may_be_done;
        forgotten || self.of_this_generation().any(in_doubt)
    }

    /// Whether calls were made under the present key, all of them kept and certainly without effect.
    pub fn was_definitely_refused(&self) -> bool {
        let all_kept =
            usize::try_from(self.attempts).is_ok_and(|attempts| attempts == self.history.len());
        let mut calls = self.of_this_generation().peekable();
        all_kept && calls.peek().is_some() && calls.all(|attempt| !attempt.may_be_done)
    }

    /// Notes an attempt. Of those that are no longer kept for it, only the doubt is remembered.
    pub(super) fn note(&mut self, attempt: Attempt) {
        let known = match self.forgotten() {
            0 => Some(0),
            _ => self.forgotten_doubt,
        };
        self.attempts = attempt.number;
        self.history.push(attempt);
        if self.history.len() > ATTEMPTS_KEPT {
            let oldest = self.history.remove(0);
            let doubt = if oldest.may_be_done { oldest.number } else { 0 };
            self.forgotten_doubt = known.map(|latest| latest.max(doubt));
        }
    }

    /// How many attempts are no longer kept.
    fn forgotten(&self) -> u32 {
        let kept = u32::try_from(self.history.len()).unwrap_or(u32::MAX);
        self.attempts.saturating_sub(kept)
    }

    fn of_this_generation(&self) -> impl Iterator<Item = &Attempt> {
        self.history
            .iter()
            .filter(|attempt| attempt.generation == self.generation)
    }
}

impl EffectState {
    /// Whether nothing will be called for this effect any more, short of a replay.
    pub fn is_settled(&self) -> bool {
        !matches!(
            self,
            Self::Claimed | Self::Sending | Self::Retry { .. } | Self::Held { .. }
        )
    }

    /// When a call is due that was put off; `None` in any other state.
    pub fn due(&self) -> Option<Timestamp> {
        match self {
            Self::Retry { not_before: at } | Self::Held { due: at } => Some(*at),
            _ => None,
        }
    }

    /// The state's name, as it is shown and counted.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Claimed => "claimed",
            Self::Sending => "sending",
            Self::Done { .. } => "done",
            Self::Retry { .. } => "retry",
            Self::Held { .. } => "held",
            Self::Dead { .. } => "dead",
            Self::Review { .. } => "review",
            Self::Expired { .. } => "expired",
            Self::Shadow { .. } => "shadow",
        }
    }
}

/// One call and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// Which call of the effect it was, from 1. Writing the same attempt again changes nothing.
    pub number: u32,
    /// The generation whose key it was made under.
    pub generation: u32,
    /// False only if it is certain that the destination didn't do it: refused, or never sent.
    pub may_be_done: bool,
    /// When the call began.
    pub at: Timestamp,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// What it came to.
    pub outcome: Outcome,
    /// The answer's status, if there was an answer.
    pub status: Option<u16>,
    /// Why, in words without the answer's content.
    pub note: String,
}

/// The class of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Done.
    Done,
    /// Not done, worth repeating.
    Retry,
    /// The destination's set-up is broken, not the event.
    Setup,
    /// Refused for good.
    Reject,
    /// Nobody knows whether it was done, and it must not be done twice.
    Unknown,
}
