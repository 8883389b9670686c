use actix_web::ResponseError;

use events::FixedClock;

use super::*;

const ONE: Caller = Caller(0);
const OTHER: Caller = Caller(1);

/// Limits, and the clock that they go by.
struct Limits {
    limits: RateLimits,
    clock: Arc<FixedClock>,
}

fn with(settings: &RateLimitSettings) -> Limits {
    let clock = Arc::new(FixedClock::default());
    let limits = RateLimits::new(settings, 2, Arc::clone(&clock) as Arc<dyn Clock>);
    Limits { limits, clock }
}

fn limits(rate: &str, burst: Option<u32>) -> Limits {
    let settings = RateLimitSettings {
        rate: Some(rate.parse().expect(rate)),
        burst: burst.and_then(NonZeroU32::new),
    };
    with(&settings)
}

/// `None` if it was taken, else the seconds to wait.
fn taken(limits: &Limits, caller: Caller, events: usize, at_ms: i64) -> Option<u64> {
    limits.clock.set(Timestamp::from_millis(at_ms));
    let problem = limits.limits.take(caller, events).err()?;
    let response = problem.error_response();
    let seconds = response.headers().get("retry-after").expect("a time");
    Some(seconds.to_str().expect("text").parse().expect("seconds"))
}

#[test]
fn as_many_as_the_rate_come_at_once_and_then_at_its_pace() {
    let limits = limits("4/s", None);
    for _ in 0..4 {
        assert_eq!(taken(&limits, ONE, 1, 1_000), None);
    }
    assert_eq!(taken(&limits, ONE, 1, 1_000), Some(1));
    assert_eq!(
        taken(&limits, ONE, 1, 1_249),
        Some(1),
        "a millisecond early"
    );
    assert_eq!(taken(&limits, ONE, 1, 1_250), None);
    assert_eq!(taken(&limits, ONE, 1, 1_251), Some(1));
    assert_eq!(
        taken(&limits, OTHER, 4, 1_251),
        None,
        "another's is his own"
    );
    assert_eq!(
        taken(&limits, ONE, 4, 900_000),
        None,
        "no more than the burst"
    );
    assert_eq!(taken(&limits, ONE, 1, 900_000), Some(1));
}

#[test]
fn the_wait_is_as_long_as_it_must_be_and_no_shorter() {
    let limits = limits("6/m", Some(2));
    assert_eq!(taken(&limits, ONE, 2, 0), None);
    let wait_s = taken(&limits, ONE, 2, 500).expect("refused");
    assert_eq!(wait_s, 20, "19.5 seconds, rounded up");
    assert_eq!(taken(&limits, ONE, 2, 500 + 19_499), Some(1));
    assert_eq!(taken(&limits, ONE, 2, 500 + 20_000), None);
}

#[test]
fn a_batch_larger_than_the_burst_is_taken_once_and_paid_for_afterwards() {
    let limits = limits("10/s", Some(5));
    assert_eq!(taken(&limits, ONE, 1, 0), None);
    assert_eq!(
        taken(&limits, ONE, 1000, 0),
        Some(1),
        "only when nothing waits"
    );
    assert_eq!(taken(&limits, ONE, 1000, 100), None);
    assert_eq!(taken(&limits, ONE, 1, 100), Some(100));
    assert_eq!(taken(&limits, ONE, 1, 99_699), Some(1));
    assert_eq!(taken(&limits, ONE, 1, 99_700), None);
}

#[test]
fn asking_costs_nothing() {
    let limits = limits("1/s", None);
    let check = |at_ms| {
        limits.clock.set(Timestamp::from_millis(at_ms));
        limits.limits.check(ONE).is_ok()
    };
    assert!(check(0) && check(0));
    assert_eq!(taken(&limits, ONE, 1, 0), None);
    assert!(!check(999));
    assert!(check(1_000));
}

#[test]
fn a_clock_that_is_set_back_keeps_nobody_out() {
    let limits = limits("2/s", None);
    assert_eq!(taken(&limits, ONE, 2, 90_000_000), None);
    assert_eq!(taken(&limits, ONE, 1, 5_000), Some(1));
    assert_eq!(taken(&limits, ONE, 1, 5_500), None);
}

#[test]
fn without_a_rate_everything_is_taken() {
    let limits = with(&RateLimitSettings::default());
    for _ in 0..3 {
        assert_eq!(taken(&limits, ONE, usize::MAX, 0), None);
    }
}

#[test]
fn the_largest_figures_neither_panic_nor_wrap() {
    let limits = limits("4294967295/m", Some(u32::MAX));
    assert_eq!(taken(&limits, ONE, usize::MAX, i64::MIN), None);
    assert!(taken(&limits, ONE, 1, i64::MIN).is_some());
    assert_eq!(taken(&limits, ONE, 1, i64::MAX), None);
}
