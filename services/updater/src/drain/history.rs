//! What earlier drains of this process came to at each destination.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::pace::{Pace, Standing};
use crate::destination::Shown;

/// By destination.
#[derive(Debug, Default)]
pub(super) struct History(Mutex<HashMap<String, Past>>);

/// What drains of one destination came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Past {
    /// Turns in a row in which something failed and nothing got an answer.
    turns_in_vain: u32,
    /// Answers that calls had got when the latest turn ended.
    answers: u64,
}

impl History {
    pub(super) fn of(&self, destination: &str) -> Past {
        self.lock().get(destination).copied().unwrap_or_default()
    }

    pub(super) fn note(&self, destination: &str, past: Past) {
        self.lock().insert(destination.to_owned(), past);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Past>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Past {
    /// How a turn begins at a destination of which that is known now, and for which so many messages are held.
    pub(super) fn standing(self, shown: Shown, held: u64) -> Standing {
        Standing {
            works: shown.answers > self.answers && shown.since_answer == 0,
            turns_in_vain: self.turns_in_vain,
            held,
        }
    }

    /// What is remembered after a turn.
    pub(super) fn after(self, pace: &Pace, shown: Shown) -> Self {
        let is_answered = shown.answers > self.answers;
        let turns_in_vain = match (is_answered, pace.has_failed()) {
            (true, _) => 0,
            (false, true) => self.turns_in_vain.saturating_add(1),
            (false, false) => self.turns_in_vain,
        };
        Self {
            turns_in_vain,
            answers: shown.answers,
        }
    }
}
