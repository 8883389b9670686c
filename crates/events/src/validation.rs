//! What is wrong with an event, all of it at once. A violation names the place and says what would be right; it never
//! repeats the value, because values may be personal.

use serde::{Deserialize, Serialize};

/// One thing to put right in an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// JSON pointer (RFC 6901) to the place; empty for the whole body. It speaks of the published form, where items
    /// are under `/data/items`.
    pub pointer: String,
    /// What would be right there: a phrase such as "must be a whole number".
    pub message: String,
}

impl Violation {
    pub(crate) fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            message: message.into(),
        }
    }
}

impl std::fmt::Display for Violation {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = if self.pointer.is_empty() {
            "the event"
        } else {
            &self.pointer
        };
        write!(formatter, "{place} {}", self.message)
    }
}

/// How large an event's parts may be. The size of the whole body is the web server's business, its depth
/// [`crate::nesting_depth`]'s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Items of one event.
    pub max_items: usize,
    /// Characters of the event's, client's and user's ids.
    pub max_identifier_characters: usize,
    /// Bytes of a name inside data: a transaction's, an item's, a stock-keeping unit. Firestore's documents can be named
    /// with as many.
    pub max_name_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_items: 500,
            max_identifier_characters: 256,
            max_name_bytes: 1500,
        }
    }
}

/// Collects violations while an event is read.
pub(crate) struct Checker {
    pub(crate) limits: Limits,
    violations: Vec<Violation>,
}

impl Checker {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            violations: Vec::new(),
        }
    }

    pub(crate) fn report(&mut self, pointer: impl Into<String>, message: impl Into<String>) {
        self.violations.push(Violation::new(pointer, message));
    }

    pub(crate) fn has_reported(&self, pointer: &str) -> bool {
        self.violations
            .iter()
            .any(|violation| violation.pointer == pointer)
    }

    pub(crate) fn is_content(&self) -> bool {
        self.violations.is_empty()
    }

    pub(crate) fn into_violations(self) -> Vec<Violation> {
        self.violations
    }
}
