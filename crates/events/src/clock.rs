//! Where time comes from. Nothing in the workspace asks the system for the time itself: it is handed a [`Clock`], so that
//! three days of an API being down take a test no time at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::Timestamp;

/// Tells the time of day. Calls may go backwards when the machine's clock is set; measure durations of
/// calls with a monotonic clock instead.
pub trait Clock: Send + Sync {
    /// The moment of the call.
    fn now(&self) -> Timestamp;
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn now(&self) -> Timestamp {
        (**self).now()
    }
}

/// The machine's own clock: the one place that reads the system time.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place that reads the system time"
        )]
        let now = SystemTime::now();
        // A machine set to before 1970 is read as standing at the epoch.
        let since_epoch = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::default().plus(since_epoch)
    }
}

/// A clock that stands still until it is moved. Share it in an `Arc` between a test and what it tests.
#[derive(Debug, Default)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    /// A clock standing at `now`.
    pub fn new(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.millis()))
    }

    /// Moves the clock to `now`, forwards or backwards.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.millis(), Ordering::SeqCst);
    }

    /// Moves the clock `duration` on.
    pub fn advance(&self, duration: Duration) {
        self.set(self.now().plus(duration));
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_moves_only_when_told_and_for_everyone_who_holds_it() {
        let clock = Arc::new(FixedClock::new(Timestamp::from_millis(1_000)));
        let held: Arc<dyn Clock> = clock.clone();
        assert_eq!(held.now(), Timestamp::from_millis(1_000));
        clock.advance(Duration::from_secs(3));
        assert_eq!(held.now(), Timestamp::from_millis(4_000));
        clock.set(Timestamp::from_millis(7));
        assert_eq!(held.now(), Timestamp::from_millis(7));
    }

    #[test]
    fn the_system_clock_is_past_the_day_this_was_written() {
        assert!(SystemClock.now() > Timestamp::from_millis(1_700_000_000_000));
    }
}
