//! What calls have shown of each destination, for those who decide how much to ask of it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use store::{Attempt, Outcome};

/// Counts the calls of this process by what they show.
#[derive(Debug, Default)]
pub struct Evidence(Mutex<HashMap<String, Shown>>);

/// The calls of one destination, since the process began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// Answers for good, whatever they say: the destination works.
    pub answers: u64,
    /// Failures that may be the fault of what was sent, such as a status of 500.
    pub failures: u64,
    /// Failures that are the destination's own, and those that leave work to a person.
    pub faults: u64,
    /// Failures of both kinds since the latest answer.
    pub since_answer: u64,
}

impl Shown {
    /// What was shown since an earlier look.
    pub fn since(self, earlier: Self) -> Self {
        Self {
            answers: self.answers.saturating_sub(earlier.answers),
            failures: self.failures.saturating_sub(earlier.failures),
            faults: self.faults.saturating_sub(earlier.faults),
            since_answer: self.since_answer,
        }
    }
}

impl Evidence {
    /// Counts what a call came to.
    pub fn note(&self, destination: &str, attempt: &Attempt) {
        let mut known = self.lock();
        let shown = known.entry(destination.to_owned()).or_default();
        match attempt.outcome {
            Outcome::Done | Outcome::Reject => {
                shown.answers += 1;
                shown.since_answer = 0;
                return;
            }
            Outcome::Retry if !is_own_fault(attempt) => shown.failures += 1,
            Outcome::Retry | Outcome::Setup | Outcome::Unknown => shown.faults += 1,
        }
        shown.since_answer += 1;
    }

    /// What is known of a destination.
    pub fn of(&self, destination: &str) -> Shown {
        self.lock().get(destination).copied().unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Shown>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether nothing that was sent can be to blame: the destination asks for patience, or was not reached.
fn is_own_fault(attempt: &Attempt) -> bool {
    match attempt.status {
        Some(status) => matches!(status, 429 | 503),
        None => !attempt.may_be_done,
    }
}

#[cfg(test)]
mod tests {
    use events::Timestamp;

    use super::*;

    fn attempt(outcome: Outcome, status: Option<u16>, may_be_done: bool) -> Attempt {
        Attempt {
            number: 1,
            generation: 1,
            may_be_done,
            at: Timestamp::default(),
            took_ms: 1,
            outcome,
            status,
            note: String::new(),
        }
    }

    #[test]
    fn a_call_shows_whether_its_destination_works() {
        let cases = [
            (Outcome::Done, Some(200), true, (1, 0, 0)),
            (Outcome::Reject, Some(422), false, (1, 0, 0)),
            (Outcome::Retry, Some(500), true, (0, 1, 0)),
            (Outcome::Retry, Some(409), true, (0, 1, 0)),
            (Outcome::Retry, None, true, (0, 1, 0)),
            (Outcome::Retry, None, false, (0, 0, 1)),
            (Outcome::Retry, Some(429), false, (0, 0, 1)),
            (Outcome::Retry, Some(503), false, (0, 0, 1)),
            (Outcome::Setup, Some(401), false, (0, 0, 1)),
            (Outcome::Unknown, Some(500), true, (0, 0, 1)),
        ];
        let evidence = Evidence::default();
        for (outcome, status, may_be_done, expected) in cases {
            let earlier = evidence.of("crm");
            evidence.note("crm", &attempt(outcome, status, may_be_done));
            let shown = evidence.of("crm").since(earlier);
            let counts = (shown.answers, shown.failures, shown.faults);
            assert_eq!(counts, expected, "{outcome:?} {status:?}");
        }
        assert_eq!(evidence.of("crm").since_answer, 8);
        evidence.note("crm", &attempt(Outcome::Reject, Some(404), false));
        assert_eq!(evidence.of("crm").since_answer, 0);
        assert_eq!(evidence.of("erp"), Shown::default());
    }
}
