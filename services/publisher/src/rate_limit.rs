//! How much each caller may send: a bucket for each that is known. Strangers have none, so they can't use up anybody's.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ::web::{Problem, Rate};
use events::{Clock, Timestamp};

use crate::callers::Caller;
use crate::settings::RateLimitSettings;

/// The limits of all callers; none where no rate is set.
pub(crate) struct RateLimits {
    rate: Option<Rate>,
    burst: u64,
    buckets: Vec<Mutex<Bucket>>,
    clock: Arc<dyn Clock>,
}

/// What a caller has sent and that has not drained yet. One event weighs as many parts as the rate has milliseconds, and as
/// many parts drain in a millisecond as the rate has events: so nothing is ever divided.
#[derive(Default)]
struct Bucket {
    level: u64,
    at: Timestamp,
}

impl RateLimits {
    /// For so many callers.
    pub(crate) fn new(settings: &RateLimitSettings, callers: usize, clock: Arc<dyn Clock>) -> Self {
        let rate = settings.rate;
        let burst = settings.burst.map(NonZeroU32::get);
        Self {
            rate,
            burst: u64::from(burst.or(rate.map(|rate| rate.count)).unwrap_or(1)),
            buckets: (0..callers).map(|_| Mutex::default()).collect(),
            clock,
        }
    }

    /// Refuses with 429 who may send nothing now.
    pub(crate) fn check(&self, caller: Caller) -> Result<(), Problem> {
        self.fill(caller, 0)
    }

    /// Takes `events` of a caller, or refuses them with 429. More at once than ever fit are taken while the bucket is empty,
    /// and what follows waits the longer.
    pub(crate) fn take(&self, caller: Caller, events: usize) -> Result<(), Problem> {
        self.fill(caller, events as u64)
    }

    fn fill(&self, caller: Caller, events: u64) -> Result<(), Problem> {
        let (Some(rate), Some(bucket)) = (self.rate, self.buckets.get(caller.0)) else {
            return Ok(());
        };
        let mut bucket = bucket.lock().unwrap_or_else(PoisonError::into_inner);
        // Asked for only now: by the time of a request whose body came slowly, the same seconds would drain twice.
        let now = self.clock.now();
        let passed = millis(now.since(bucket.at));
        let drained = passed.saturating_mul(u64::from(rate.count));
        bucket.level = bucket.level.saturating_sub(drained);
        bucket.at = now;
        let weight = millis(rate.per);
        let room = self.burst * weight;
        // Who only asks whether he may send asks for one event.
        let needed = bucket
            .level
            .saturating_add(events.clamp(1, self.burst) * weight);
        if needed <= room {
            bucket.level = bucket.level.saturating_add(events.saturating_mul(weight));
            return Ok(());
        }
        let wait = Duration::from_millis((needed - room).div_ceil(u64::from(rate.count)));
        Err(Problem::too_many(
            format!("more than {rate} came from this caller; send it again later"),
            wait,
        ))
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
