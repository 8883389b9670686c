//! How fast a subscription is pushed: pure figures, so that they can be tested without waiting.

use std::time::Duration;

/// Requests under way when a subscription starts.
const FIRST_WINDOW: usize = 4;

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// How many requests may be under way: few at first, one more for each that is acknowledged (so it doubles with each
/// round), half as many after one that is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    size: usize,
}

impl Window {
    pub(super) fn new() -> Self {
        Self { size: FIRST_WINDOW }
    }

    /// Requests that may be under way, of at most `max`.
    pub(super) fn size(self, max: usize) -> usize {
        self.size.min(max).max(1)
    }

    pub(super) fn acknowledged(&mut self, max: usize) {
        self.size = self.size.saturating_add(1).min(max.max(1));
    }

    pub(super) fn refused(&mut self) {
        self.size = (self.size / 2).max(1);
    }
}

/// How long a subscription rests when its endpoint can't be reached: twice as long each time, until it can.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Pauses {
    last: Option<Duration>,
}

impl Pauses {
    /// The next pause.
    pub(super) fn next(&mut self) -> Duration {
        let pause = self
            .last
            .map_or(FIRST_PAUSE, |last| (last * 2).min(LONGEST_PAUSE));
        self.last = Some(pause);
        pause
    }

    /// The endpoint answered, whatever it said.
    pub(super) fn reached(&mut self) {
        self.last = None;
    }
}

/// How long after its `attempt`-th refusal (1 is the first) a message comes again: `min` doubled with each, at most
/// `max`, times `jitter` (1.0 is none) so that what was refused together doesn't come back together.
pub(super) fn redelivery_delay(
    attempt: u32,
    min: Duration,
    max: Duration,
    jitter: f64,
) -> Duration {
    let max = max.max(min);
    let doublings = attempt.saturating_sub(1).min(30);
    min.saturating_mul(1 << doublings)
        .min(max)
        .mul_f64(jitter)
        .clamp(min, max)
}

/// What no delivery is put off beyond; a fifth more than the longest delay, for a clock that was set back a little.
pub(super) fn longest_delay(min: Duration, max: Duration) -> Duration {
    let max = max.max(min);
    max.saturating_add(max / 5)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn redelivery_backs_off_from_the_shortest_to_the_longest_delay() {
        let cases = [
            (1, 10),
            (2, 20),
            (3, 40),
            (6, 320),
            (7, 600),
            (8, 600),
            (100, 600),
            (u32::MAX, 600),
        ];
        for (attempt, expected) in cases {
            let delay = redelivery_delay(attempt, seconds(10), seconds(600), 1.0);
            assert_eq!(delay, seconds(expected), "after refusal {attempt}");
        }
    }

    #[test]
    fn jitter_never_brings_a_message_earlier_than_the_shortest_delay() {
        let cases = [
            (1, 0.8, 10.0),
            (1, 1.2, 12.0),
            (3, 0.8, 32.0),
            (3, 1.2, 48.0),
            (100, 0.8, 480.0),
            (100, 1.2, 600.0),
        ];
        for (attempt, jitter, expected) in cases {
            let delay = redelivery_delay(attempt, seconds(10), seconds(600), jitter);
            let difference = (delay.as_secs_f64() - expected).abs();
            assert!(difference < 0.001, "{attempt}, {jitter}: {delay:?}");
        }
    }

    #[test]
    fn a_longest_delay_below_the_shortest_counts_as_the_shortest() {
        assert_eq!(
            redelivery_delay(9, seconds(10), seconds(1), 1.0),
            seconds(10)
        );
    }

    #[test]
    fn the_window_starts_small_and_doubles_with_each_round_of_acknowledgements() {
        let mut window = Window::new();
        let mut sizes = vec![window.size(64)];
        for _ in 0..5 {
            for _ in 0..window.size(64) {
                window.acknowledged(64);
            }
            sizes.push(window.size(64));
        }
        assert_eq!(sizes, [4, 8, 16, 32, 64, 64]);
    }

    #[test]
    fn a_refusal_halves_the_window_and_never_closes_it() {
        let mut window = Window { size: 64 };
        let mut sizes = Vec::new();
        for _ in 0..8 {
            window.refused();
            sizes.push(window.size(64));
        }
        assert_eq!(sizes, [32, 16, 8, 4, 2, 1, 1, 1]);
        assert_eq!(
            Window::new().size(0),
            1,
            "a limit of nothing still lets one through"
        );
    }

    #[test]
    fn pauses_double_to_a_minute_and_start_over_once_the_endpoint_answers() {
        let mut pauses = Pauses::default();
        let lengths: Vec<u128> = (0..12).map(|_| pauses.next().as_millis()).collect();
        assert_eq!(
            lengths,
            [
                100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 51_200, 60_000, 60_000
            ]
        );
        pauses.reached();
        assert_eq!(pauses.next(), FIRST_PAUSE);
    }
}
