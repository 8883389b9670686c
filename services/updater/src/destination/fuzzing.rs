//! Doors for the fuzz targets: what reads an API's answer is private, and stays so in every other build.

use events::Timestamp;

/// The moment that a `Retry-After` names.
pub fn not_before(value: &str, now: Timestamp) -> Option<Timestamp> {
    super::retry_after::not_before(value, now)
}

/// What is kept of an answer's body; `is_whole`: nothing of it got lost on the way.
pub fn keepable(body: &[u8], secret: Option<&str>, is_whole: bool) -> String {
    super::redaction::keepable(body, secret, is_whole)
}

/// Whether an API that answered so may have done what it was asked.
pub fn may_be_done(status: u16) -> bool {
    super::answer::may_be_done(status)
}
