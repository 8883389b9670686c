//! How often the log tells of refused requests. Strangers decide how many there are, and each line costs.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use events::Timestamp;

/// Between two lines about the same check.
const PAUSE: Duration = Duration::from_secs(10);

/// Remembers when the log last told of each check that failed.
#[derive(Debug, Default)]
pub struct Refusals {
    told: Mutex<HashMap<&'static str, Told>>,
}

#[derive(Debug)]
struct Told {
    at: Timestamp,
    untold: u64,
}

/// How many refusals for the same reason came before this one untold; shown as the end of a sentence.
#[derive(Debug, PartialEq, Eq)]
pub struct Others(u64);

impl Refusals {
    /// Whether to tell of a refusal for the reason `check`. If not, it is counted.
    pub fn tell(&self, check: &'static str, now: Timestamp) -> Option<Others> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = told.get_mut(check)
            && !passed(PAUSE, last.at, now)
        {
            last.untold += 1;
            return None;
        }
        let fresh = Told { at: now, untold: 0 };
        let last = told.insert(check, fresh);
        Some(Others(last.map_or(0, |last| last.untold)))
    }
}

/// A machine's clock can be set back; a moment that lies ahead says nothing, and counts as long ago.
fn passed(duration: Duration, since: Timestamp, now: Timestamp) -> bool {
    now < since || now.since(since) >= duration
}

impl fmt::Display for Others {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => Ok(()),
            count => write!(formatter, " ({count} more since the last such line)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_told_of_once_in_ten_seconds_and_check_and_counted() {
        let at = Timestamp::from_millis;
        let refusals = Refusals::default();
        assert_eq!(refusals.tell("token", at(1_000)), Some(Others(0)));
        assert_eq!(refusals.tell("token", at(1_001)), None);
        assert_eq!(refusals.tell("token", at(10_999)), None);
        assert_eq!(
            refusals.tell("audience", at(1_002)),
            Some(Others(0)),
            "another check"
        );
        let next = refusals.tell("token", at(11_000)).expect("time has passed");
        assert_eq!(next.to_string(), " (2 more since the last such line)");
        assert_eq!(refusals.tell("token", at(21_000)), Some(Others(0)));
        assert_eq!(
            refusals.tell("token", at(5)),
            Some(Others(0)),
            "a clock that was set back keeps nothing from the log"
        );
    }
}
