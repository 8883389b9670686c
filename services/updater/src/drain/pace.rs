//! How many of a destination's messages are worked at the same time: one until it is known to work, then more and more.

use super::Worked;

/// Messages that find the destination ill, one after the other, after which a drain leaves it alone.
const FAILURES: usize = 3;
/// However many calls at once a destination takes.
const WIDEST: usize = 32;

/// The pace of one drain at one destination.
#[derive(Debug)]
pub(super) struct Pace {
    width: usize,
    widest: usize,
    failures: usize,
}

impl Pace {
    /// For a destination that takes so many calls at once: more messages would find no room, and be put off for nothing.
    pub(super) fn of(concurrency: usize) -> Self {
        Self {
            width: 1,
            widest: concurrency.clamp(1, WIDEST),
            failures: 0,
        }
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Whether the destination is to be left alone. What is not worked stays due, and costs nothing meanwhile.
    pub(super) fn is_over(&self) -> bool {
        self.failures >= FAILURES
    }

    pub(super) fn note(&mut self, worked: &[Worked]) {
        let failed = |one: &&Worked| **one == Worked::PutOff { failed: true };
        let failures = worked.iter().filter(failed).count();
        if failures > 0 && failures == worked.len() {
            self.failures += failures;
            self.width = 1;
        } else {
            self.failures = 0;
            self.width = (self.width * 2).min(self.widest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAILED: Worked = Worked::PutOff { failed: true };

    #[test]
    fn a_destination_that_works_is_given_more_and_one_that_does_not_is_left_alone() {
        let mut pace = Pace::of(100);
        for expected in [1, 2, 4, 8, 16, 32, 32] {
            assert_eq!(pace.width(), expected);
            pace.note(&vec![Worked::Done; expected]);
        }
        pace.note(&[FAILED, Worked::Done]);
        assert_eq!((pace.width(), pace.is_over()), (32, false));
        pace.note(&[FAILED, FAILED]);
        assert_eq!((pace.width(), pace.is_over()), (1, false));
        pace.note(&[FAILED]);
        assert!(pace.is_over());
    }

    #[test]
    fn what_waits_for_other_reasons_stops_nobody() {
        let mut pace = Pace::of(1);
        for one in [Worked::PutOff { failed: false }, Worked::Elsewhere] {
            pace.note(&[FAILED]);
            pace.note(&[FAILED]);
            pace.note(&[one]);
        }
        assert!(!pace.is_over());
    }
}
