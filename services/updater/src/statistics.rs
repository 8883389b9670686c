//! How each destination does, as this process sees it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use events::Timestamp;
use store::{Attempt, CallFailure, DestinationReport, Latency, Outcome};

/// Calls that percentiles are taken of.
const RECENT_CALLS: usize = 512;

/// The counts of all destinations. One a process, shared by all pushes.
pub(crate) struct Statistics {
    instance: String,
    since: Timestamp,
    destinations: Mutex<BTreeMap<String, Counts>>,
}

/// What is counted of one destination.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Counts {
    calls: BTreeMap<Outcome, u64>,
    recent_ms: VecDeque<u64>,
    in_flight: u64,
    last_done: Option<Timestamp>,
    last_failure: Option<CallFailure>,
}

/// A call under way; it is counted as such until dropped, also when its task is.
pub(crate) struct InFlight<'a> {
    statistics: &'a Statistics,
    destination: &'a str,
}

impl Statistics {
    pub(crate) fn new(instance: String, since: Timestamp) -> Self {
        Self {
            instance,
            since,
            destinations: Mutex::default(),
        }
    }

    /// Counts a call as under way.
    pub(crate) fn begin<'a>(&'a self, destination: &'a str) -> InFlight<'a> {
        self.lock()
            .entry(destination.to_owned())
            .or_default()
            .in_flight += 1;
        InFlight {
            statistics: self,
            destination,
        }
    }

    /// Counts a call that has ended.
    pub(crate) fn note(&self, destination: &str, attempt: &Attempt, at: Timestamp) {
        let mut destinations = self.lock();
        let counts = destinations.entry(destination.to_owned()).or_default();
        *counts.calls.entry(attempt.outcome).or_default() += 1;
        if attempt.outcome == Outcome::Done {
            counts.last_done = Some(at);
        } else {
            let note = attempt.note.clone();
            counts.last_failure = Some(CallFailure {
                at,
                status: attempt.status,
                note,
            });
        }
        // What never left says nothing about how long the destination takes.
        if attempt.status.is_some() {
            counts.recent_ms.push_back(attempt.took_ms);
            if counts.recent_ms.len() > RECENT_CALLS {
                counts.recent_ms.pop_front();
            }
        }
    }

    pub(crate) fn counts(&self) -> BTreeMap<String, Counts> {
        self.lock().clone()
    }

    /// The counts of a process that ends: what is still under way ends with it, and nobody would ever take it off.
    pub(crate) fn last_counts(&self) -> BTreeMap<String, Counts> {
        let mut last = self.counts();
        last.values_mut().for_each(|counts| counts.in_flight = 0);
        last
    }

    pub(crate) fn reports(
        &self,
        counts: &BTreeMap<String, Counts>,
        at: Timestamp,
    ) -> Vec<DestinationReport> {
        let report = |(destination, counts): (&String, &Counts)| DestinationReport {
            destination: destination.clone(),
            instance: self.instance.clone(),
            since: self.since,
            at,
            calls: counts.calls.clone(),
            latency_ms: latency(&counts.recent_ms),
            in_flight: counts.in_flight,
            last_done: counts.last_done,
            last_failure: counts.last_failure.clone(),
        };
        counts.iter().map(report).collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Counts>> {
        self.destinations
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        if let Some(counts) = self.statistics.lock().get_mut(self.destination) {
            counts.in_flight = counts.in_flight.saturating_sub(1);
        }
    }
}

fn latency(recent_ms: &VecDeque<u64>) -> Option<Latency> {
    let mut sorted: Vec<u64> = recent_ms.iter().copied().collect();
    sorted.sort_unstable();
    let last = sorted.len().checked_sub(1)?;
    let at = |percent: usize| sorted[last * percent / 100];
    Some(Latency {
        p50: at(50),
        p95: at(95),
        p99: at(99),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp::from_millis(1_000);

    fn attempt(outcome: Outcome, status: Option<u16>, took_ms: u64) -> Attempt {
        Attempt {
            number: 1,
            generation: 1,
            may_be_done: outcome == Outcome::Done,
            at: AT,
            took_ms,
            outcome,
            status,
            note: "a note".into(),
        }
    }

    #[test]
    fn calls_are_counted_by_outcome_and_latency_is_that_of_answers() {
        let statistics = Statistics::new("one".into(), AT);
        for took_ms in 1..=100 {
            statistics.note("crm", &attempt(Outcome::Done, Some(200), took_ms), AT);
        }
        statistics.note("crm", &attempt(Outcome::Retry, None, 99_999), AT);
        let call = statistics.begin("crm");
        let report = &statistics.reports(&statistics.lock(), AT)[0];
        assert_eq!(
            (
                report.calls[&Outcome::Done],
                report.calls[&Outcome::Retry],
                report.in_flight
            ),
            (100, 1, 1)
        );
        assert_eq!(
            report.latency_ms,
            Some(Latency {
                p50: 50,
                p95: 95,
                p99: 99
            })
        );
        assert_eq!(
            report
                .last_failure
                .as_ref()
                .map(|failure| failure.note.as_str()),
            Some("a note")
        );
        drop(call);
        assert_eq!(statistics.reports(&statistics.lock(), AT)[0].in_flight, 0);
    }

    #[test]
    fn the_calls_that_percentiles_are_taken_of_are_bounded() {
        let statistics = Statistics::new("one".into(), AT);
        for _ in 0..RECENT_CALLS * 2 {
            statistics.note("crm", &attempt(Outcome::Done, Some(200), 1), AT);
        }
        assert_eq!(statistics.lock()["crm"].recent_ms.len(), RECENT_CALLS);
    }
}
