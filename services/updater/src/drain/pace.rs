//! How many of a destination's messages are worked at the same time, and when it is left in peace. The rule is in the text of
//! the module above.

use super::work::Worked;
use crate::destination::Shown;

/// However many calls at once a destination takes.
const WIDEST: usize = 32;
/// While nothing shows that it works: what needs no call is worked faster than one by one.
const WIDEST_IN_DOUBT: usize = 8;
/// Failures of the destination's own that end a turn in doubt.
const FAULTS: usize = 3;
/// Failures of any kind that do, at first and in the end.
const FAILURES: (usize, usize) = (16, FAULTS);
/// Of so many held messages one more may fail. Every other one is the longest due, so everything is called once within twice
/// as many turns.
const HELD_FOR_ONE_MORE: u64 = 1_000;

/// How a turn begins.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Standing {
    /// Whether the latest call of the destination got an answer, since the turn before.
    pub works: bool,
    /// Turns in a row without an answer.
    pub turns_in_vain: u32,
    /// Messages that are held for it.
    pub held: u64,
}

/// The pace of one drain at one destination.
#[derive(Debug)]
pub(super) struct Pace {
    width: usize,
    widest: usize,
    /// How many failures are borne in doubt.
    patience: usize,
    works: bool,
    has_failed: bool,
    is_full: bool,
    /// In a row: since the latest answer, or since it became doubtful.
    failures: usize,
    faults: usize,
}

impl Pace {
    /// For a destination that takes so many calls at once: more messages would find no room, and be put off for nothing.
    pub(super) fn of(concurrency: usize, standing: Standing) -> Self {
        let (most, least) = FAILURES;
        let falling = most >> standing.turns_in_vain.min(usize::BITS - 1);
        let share = usize::try_from(standing.held / HELD_FOR_ONE_MORE).unwrap_or(most);
        Self {
            width: 1,
            widest: concurrency.clamp(1, WIDEST),
            patience: falling.max(share.min(most)).max(least),
            works: standing.works,
            has_failed: false,
            is_full: false,
            failures: 0,
            faults: 0,
        }
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Whether a call has failed in this turn.
    pub(super) fn has_failed(&self) -> bool {
        self.has_failed
    }

    /// Whether the destination is to be left alone. What is not worked stays due, and costs nothing meanwhile.
    pub(super) fn is_over(&self) -> bool {
        let is_in_vain = self.faults >= FAULTS || self.failures >= self.patience;
        self.is_full || (!self.works && is_in_vain)
    }

    /// Notes what became of a batch, and what calls of the destination have shown meanwhile.
    pub(super) fn note(&mut self, worked: &[Worked], shown: Shown) {
        let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let store_failed = worked.iter().filter(|one| **one == Worked::Failed).count();
        let faults = count(shown.faults) + store_failed;
        let failures = count(shown.failures) + faults;
        self.has_failed |= failures > 0;
        if shown.answers > 0 {
            self.works = true;
            self.begin_anew();
            self.widen(self.widest);
        } else if failures > 0 {
            self.failures += failures;
            self.faults += faults;
            if self.works && self.failures < self.widest.max(WIDEST_IN_DOUBT) {
                return;
            }
            if self.works {
                self.works = false;
                self.begin_anew();
            }
            self.width = 1;
        } else if worked.contains(&Worked::PutOff { no_room: true }) {
            self.is_full = true;
        } else if self.works {
            self.widen(self.widest);
        } else {
            self.widen(self.widest.min(WIDEST_IN_DOUBT));
        }
    }

    fn begin_anew(&mut self) {
        self.failures = 0;
        self.faults = 0;
    }

    fn widen(&mut self, widest: usize) {
        self.width = (self.width * 2).min(widest).max(self.width);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: Shown = shown(1, 0, 0);
    const FAILURE: Shown = shown(0, 1, 0);
    const FAULT: Shown = shown(0, 0, 1);
    const NOTHING: Shown = shown(0, 0, 0);

    const fn shown(answers: u64, failures: u64, faults: u64) -> Shown {
        Shown {
            answers,
            failures,
            faults,
            since_answer: 0,
        }
    }

    /// Notes the same until it is over, at most a hundred times; how often.
    fn borne(pace: &mut Pace, shown: Shown) -> usize {
        let mut times = 0;
        while !pace.is_over() && times < 100 {
            pace.note(&[Worked::PutOff { no_room: false }], shown);
            times += 1;
        }
        times
    }

    #[test]
    fn a_destination_that_works_is_given_more_and_more() {
        let mut pace = Pace::of(100, Standing::default());
        for expected in [1, 2, 4, 8, 16, 32, 32] {
            assert_eq!(pace.width(), expected);
            pace.note(&[Worked::Done], ANSWER);
        }
        assert!(!pace.has_failed());
        pace.note(&[Worked::Done], shown(1, 31, 0));
        assert_eq!((pace.width(), pace.is_over()), (32, false));
        assert!(pace.has_failed());
        pace.note(&[Worked::Done], shown(0, 31, 0));
        assert_eq!((pace.width(), pace.is_over()), (32, false));
        pace.note(&[Worked::Done], FAILURE);
        assert_eq!((pace.width(), pace.is_over()), (1, false), "in doubt");
        assert_eq!(borne(&mut pace, FAILURE), 16);
    }

    #[test]
    fn in_doubt_failures_are_borne_by_their_kind_and_by_what_was_before() {
        for (turns_in_vain, held, failures) in [
            (0, 10, 16),
            (1, 10, 8),
            (2, 10, 4),
            (3, 10, 3),
            (u32::MAX, 10, 3),
            (9, 5_999, 5),
            (9, 30_000, 16),
            (9, u64::MAX, 16),
        ] {
            let standing = Standing {
                turns_in_vain,
                held,
                works: false,
            };
            let of = || Pace::of(32, standing);
            assert_eq!(borne(&mut of(), FAILURE), failures, "{standing:?}");
            assert_eq!(borne(&mut of(), FAULT), 3, "{standing:?}");
        }
    }

    #[test]
    fn a_destination_that_answered_pushes_is_given_more_time_to_fail() {
        for (concurrency, before) in [(32, 32), (1, 8)] {
            let standing = Standing {
                works: true,
                ..Standing::default()
            };
            let mut pace = Pace::of(concurrency, standing);
            assert_eq!(borne(&mut pace, FAULT), before + 3);
        }
    }

    #[test]
    fn what_needs_no_call_stops_nobody_and_shows_nothing() {
        let mut pace = Pace::of(100, Standing::default());
        for one in [
            Worked::PutOff { no_room: false },
            Worked::Elsewhere,
            Worked::Dead,
            Worked::Unreadable,
        ] {
            pace.note(&[one], NOTHING);
        }
        assert_eq!((pace.width(), pace.is_over()), (8, false));
        pace.note(&[Worked::Done], FAULT);
        pace.note(&[Worked::Done], NOTHING);
        assert_eq!(borne(&mut pace, FAULT), 2, "they are not forgotten");
    }

    #[test]
    fn a_turn_ends_where_there_is_no_room_or_no_store() {
        let mut pace = Pace::of(1, Standing::default());
        pace.note(&[Worked::PutOff { no_room: true }], ANSWER);
        assert!(!pace.is_over());
        pace.note(&[Worked::PutOff { no_room: true }], NOTHING);
        assert!(pace.is_over());
        let mut pace = Pace::of(1, Standing::default());
        pace.note(&[Worked::Failed; 3], NOTHING);
        assert!(pace.is_over());
    }
}
