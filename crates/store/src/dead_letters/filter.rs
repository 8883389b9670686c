//! Which dead letters a listing or a replay is about.

use events::Timestamp;

use super::{DeadLetterSummary, Reason};

/// Every condition that is given must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetterFilter {
    /// Only this reason.
    pub reason: Option<Reason>,
    /// Only this destination.
    pub destination: Option<String>,
    /// Only this route.
    pub route: Option<String>,
    /// Only this event, by the tag's id.
    pub event_id: Option<String>,
    /// Only letters given up at this moment or later.
    pub since: Option<Timestamp>,
    /// At most this many.
    pub limit: usize,
}

impl Default for DeadLetterFilter {
    fn default() -> Self {
        Self {
            reason: None,
            destination: None,
            route: None,
            event_id: None,
            since: None,
            limit: 100,
        }
    }
}

impl DeadLetterFilter {
    /// Whether a letter passes, the limit aside.
    pub fn admits(&self, letter: &DeadLetterSummary) -> bool {
        fn same(wanted: &Option<String>, found: &Option<String>) -> bool {
            wanted.is_none() || wanted == found
        }
        self.reason.is_none_or(|reason| reason == letter.reason)
            && same(&self.destination, &letter.destination)
            && same(&self.route, &letter.route)
            && same(&self.event_id, &letter.event_id)
            && self.since.is_none_or(|since| letter.at >= since)
    }
}
