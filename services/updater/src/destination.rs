//! Calling destinations: which addresses, how many calls, what an answer means.

mod address_guard;
mod answer;
mod credentials;
mod failure;
mod http;
mod limiter;
mod limiters;
mod redaction;
mod retry_after;

use std::time::Duration;

pub use address_guard::{AddressGuard, RefusedAddress, may_be_called};
pub use answer::classify;
pub use credentials::Credentials;
pub use http::{CallResult, HttpCaller, client};
pub use limiter::{Limiter, Slot};
pub use limiters::Limiters;

/// How long the bus waits for the answer to a push that calls a destination with this timeout. Whoever makes the
/// subscription sets it, and the updater starts no call that could outlast it.
pub fn ack_deadline(timeout: Duration) -> Duration {
    (timeout * 2 + Duration::from_secs(30)).clamp(Duration::from_secs(60), Duration::from_secs(600))
}
