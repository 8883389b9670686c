//! Which destinations have failed too often in a row to be called for every new event.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use events::{Clock, Timestamp};
use store::Outcome;

/// One breaker a destination, of this process alone: other instances find out for themselves.
pub struct Breakers {
    failures_in_a_row: u32,
    open_for: Duration,
    clock: Arc<dyn Clock>,
    failing: Mutex<HashMap<String, Failing>>,
}

#[derive(Clone, Copy)]
struct Failing {
    in_a_row: u32,
    latest: Timestamp,
}

impl Breakers {
    /// A breaker opens after so many failures in a row, until `open_for` has passed since the latest.
    pub fn new(failures_in_a_row: u32, open_for: Duration, clock: Arc<dyn Clock>) -> Self {
        Self {
            failures_in_a_row: failures_in_a_row.max(1),
            open_for,
            clock,
            failing: Mutex::default(),
        }
    }

    /// Counts what a call came to. An answer for good shows that the destination works, whatever it says.
    pub fn note(&self, destination: &str, outcome: Outcome) {
        let latest = self.clock.now();
        let mut failing = self.lock();
        match outcome {
            Outcome::Done | Outcome::Reject => {
                failing.remove(destination);
            }
            Outcome::Retry | Outcome::Setup | Outcome::Unknown => {
                let in_a_row = failing.get(destination).map_or(0, |before| before.in_a_row);
                let in_a_row = in_a_row.saturating_add(1);
                failing.insert(destination.to_owned(), Failing { in_a_row, latest });
            }
        }
    }

    /// Whether a new event should be held without a call. Once the time is over calls are made again; the first that fails
    /// opens it again.
    pub fn is_open(&self, destination: &str) -> bool {
        let now = self.clock.now();
        self.lock().get(destination).is_some_and(|failing| {
            failing.in_a_row >= self.failures_in_a_row && now < failing.latest.plus(self.open_for)
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Failing>> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use events::FixedClock;

    use super::*;

    #[test]
    fn it_opens_after_failures_in_a_row_and_closes_with_an_answer_or_in_time() {
        let clock = Arc::new(FixedClock::default());
        let minute = Duration::from_secs(60);
        let breakers = Breakers::new(3, minute, clock.clone());
        let note = |outcome| {
            breakers.note("crm", outcome);
            breakers.is_open("crm")
        };
        assert!(!note(Outcome::Retry) && !note(Outcome::Setup));
        assert!(!note(Outcome::Reject), "an answer begins the count anew");
        assert!(!note(Outcome::Retry) && !note(Outcome::Unknown) && note(Outcome::Setup));
        assert!(!breakers.is_open("erp"), "another's");
        clock.advance(minute - Duration::from_millis(1));
        assert!(breakers.is_open("crm"));
        clock.advance(Duration::from_millis(1));
        assert!(!breakers.is_open("crm"), "it is tried again");
        assert!(note(Outcome::Retry), "and fails again");
        assert!(!note(Outcome::Done));
    }
}
