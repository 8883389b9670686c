//! Calling destinations: which addresses, how many calls, what an answer means.

mod address_guard;
mod answer;
mod breakers;
mod credentials;
mod evidence;
mod failure;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod http;
mod limiter;
mod limiters;
mod redaction;
mod retry_after;

use std::time::Duration;

pub use address_guard::{AddressGuard, RefusedAddress, may_be_called};
pub use answer::classify;
pub use breakers::Breakers;
pub use credentials::Credentials;
pub use evidence::{Evidence, Shown};
pub use failure::NoAnswer;
pub use http::{CallResult, HttpCaller, client};
pub use limiter::{Limiter, Slot};
pub use limiters::Limiters;

/// How long the bus waits for the answer to a push that calls a destination with this timeout. Whoever makes the
/// subscription sets it, and the updater starts no call that could outlast it. Whole seconds, as Pub/Sub counts it.
pub fn ack_deadline(timeout: Duration) -> Duration {
    let seconds = (timeout * 2 + Duration::from_secs(30)).as_secs();
    Duration::from_secs(seconds.clamp(60, 600))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_is_whole_seconds_between_one_minute_and_ten() {
        for (timeout_ms, deadline) in [
            (100, 60),
            (15_250, 60),
            (15_500, 61),
            (120_000, 270),
            (285_000, 600),
            (300_000, 600),
        ] {
            let given = ack_deadline(Duration::from_millis(timeout_ms));
            assert_eq!(given, Duration::from_secs(deadline), "{timeout_ms} ms");
        }
    }
}
