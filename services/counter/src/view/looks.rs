//! How old what the page shows is, while somebody looks.
//!
//! Figures are kept for up to three seconds, which counts as now: what grows here is the time since they could last be had.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use events::Timestamp;

/// Whoever looks asks again within seconds, a stream at each of its beats.
const LOOKS_FOR: Duration = Duration::from_secs(30);

/// When somebody looked, and when something could last be shown.
#[derive(Default)]
pub(super) struct Looks(Mutex<Option<Look>>);

#[derive(Clone, Copy)]
struct Look {
    asked: Timestamp,
    shown: Timestamp,
}

impl Looks {
    /// Somebody asks at `now`. Who is the first for a while sees nothing old.
    pub(super) fn asked(&self, now: Timestamp) {
        let mut look = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let shown = match *look {
            Some(look) if now.since(look.asked) <= LOOKS_FOR => look.shown,
            _ => now,
        };
        *look = Some(Look { asked: now, shown });
    }

    /// What was true at `at` is shown.
    pub(super) fn shown(&self, at: Timestamp) {
        let mut look = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(look) = &mut *look {
            look.shown = look.shown.max(at);
        }
    }

    /// How old what is shown is at `now`; `None` if nobody looks.
    pub(super) fn age(&self, now: Timestamp) -> Option<Duration> {
        let look = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let look = look.filter(|look| now.since(look.asked) <= LOOKS_FOR)?;
        Some(now.since(look.shown))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    fn seconds(looks: &Looks, now: i64) -> Option<u64> {
        looks.age(at(now)).map(|age| age.as_secs())
    }

    #[test]
    fn what_is_shown_ages_from_when_it_was_last_had() {
        let looks = Looks::default();
        looks.asked(at(100));
        looks.shown(at(100));
        assert_eq!(seconds(&looks, 100), Some(0));
        for now in [105, 125, 145, 165] {
            looks.asked(at(now));
            assert_eq!(seconds(&looks, now), Some((now - 100) as u64));
        }
        looks.shown(at(165));
        assert_eq!(seconds(&looks, 170), Some(5), "it can be had again");
    }

    #[test]
    fn while_nobody_looks_there_is_no_age_and_the_next_to_look_begins_anew() {
        let looks = Looks::default();
        assert_eq!(seconds(&looks, 100), None);
        looks.asked(at(100));
        looks.shown(at(100));
        assert_eq!(seconds(&looks, 130), Some(30));
        assert_eq!(seconds(&looks, 131), None);
        looks.asked(at(9000));
        assert_eq!(seconds(&looks, 9010), Some(10), "nothing can be had");
    }

    #[test]
    fn an_answer_that_took_long_makes_nothing_older() {
        let looks = Looks::default();
        looks.asked(at(100));
        looks.asked(at(110));
        looks.shown(at(110));
        looks.shown(at(100));
        assert_eq!(seconds(&looks, 112), Some(2));
    }
}
