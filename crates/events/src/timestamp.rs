//! A moment as the whole system counts it: milliseconds since the epoch, UTC. Arithmetic saturates, because a
//! moment may come from a message and must never bring a service down.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat};
use serde::{Deserialize, Serialize};

/// RFC 3339 has four digits for the year, so these are the ends of what it can write.
const FIRST_WRITABLE_MS: i64 = -62_167_219_200_000;
const LAST_WRITABLE_MS: i64 = 253_402_300_799_999;

/// Milliseconds since the epoch, UTC. Serialised as an integer.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(i64);

/// The text is not an RFC 3339 time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a time; write it as RFC 3339, such as 2025-11-25T08:48:01.502Z")]
pub struct NotATimestamp;

impl Timestamp {
    /// The moment this many milliseconds after the epoch (before it, when negative).
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Such as `2025-11-25T08:48:01.502Z`: UTC, always three decimals. Moments outside the years 0 to 9999 are written as
    /// the nearest that RFC 3339 can write.
    pub fn to_rfc3339(self) -> String {
        let writable = self.0.clamp(FIRST_WRITABLE_MS, LAST_WRITABLE_MS);
        DateTime::from_timestamp_millis(writable)
            .unwrap_or_default()
            .to_rfc3339_opts(SecondsFormat::Millis, true)
    }

    /// Reads RFC 3339 with any offset; what is finer than a millisecond is cut off.
    pub fn parse_rfc3339(text: &str) -> Result<Self, NotATimestamp> {
        DateTime::parse_from_rfc3339(text.trim())
            .map(|time| Self(time.timestamp_millis()))
            .map_err(|_| NotATimestamp)
    }

    /// The moment `duration` later, at most the last there is.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(millis_of(duration)))
    }

    /// The moment `duration` earlier, at least the first there is.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(millis_of(duration)))
    }

    /// How long after `other` this is; zero when it is before.
    pub fn since(self, other: Self) -> Duration {
        let millis = i128::from(self.0) - i128::from(other.0);
        Duration::from_millis(u64::try_from(millis.max(0)).unwrap_or(u64::MAX))
    }
}

fn millis_of(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_3339_is_written_with_milliseconds_and_read_with_any_offset() {
        let moment = Timestamp::from_millis(1_764_060_481_502);
        assert_eq!(moment.to_rfc3339(), "2025-11-25T08:48:01.502Z");
        for text in [
            "2025-11-25T08:48:01.502Z",
            "2025-11-25T09:48:01.5021+01:00",
            " 2025-11-25T08:48:01.502999Z",
        ] {
            assert_eq!(Timestamp::parse_rfc3339(text), Ok(moment), "{text}");
        }
        assert_eq!(Timestamp::parse_rfc3339("yesterday"), Err(NotATimestamp));
    }

    #[test]
    fn the_ends_of_time_neither_panic_nor_wrap() {
        let (first, last) = (
            Timestamp::from_millis(i64::MIN),
            Timestamp::from_millis(i64::MAX),
        );
        assert_eq!(last.to_rfc3339(), "9999-12-31T23:59:59.999Z");
        assert_eq!(first.to_rfc3339(), "0000-01-01T00:00:00.000Z");
        assert_eq!(last.plus(Duration::MAX), last);
        assert_eq!(first.minus(Duration::MAX), first);
        assert_eq!(last.since(first), Duration::from_millis(u64::MAX));
        assert_eq!(first.since(last), Duration::ZERO);
    }

    #[test]
    fn a_timestamp_travels_as_an_integer() {
        let text =
            serde_json::to_string(&Timestamp::from_millis(-5)).expect("an integer serialises");
        assert_eq!(text, "-5");
        assert_eq!(
            serde_json::from_str::<Timestamp>("-5").expect("an integer"),
            Timestamp::from_millis(-5)
        );
    }
}
