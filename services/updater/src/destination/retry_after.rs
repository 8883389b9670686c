//! The `Retry-After` header.

use std::time::Duration;

use chrono::DateTime;
use events::Timestamp;

/// The moment before which no call may be made, from the header's value: seconds, or an HTTP date. `None` if it is
/// neither, or no more than nothing.
pub fn not_before(value: &str, now: Timestamp) -> Option<Timestamp> {
    let value = value.trim();
    let at = match value.parse::<u64>() {
        Ok(seconds) => now.plus(Duration::from_secs(seconds)),
        Err(_) => {
            Timestamp::from_millis(DateTime::parse_from_rfc2822(value).ok()?.timestamp_millis())
        }
    };
    (at > now).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates_are_read_and_the_rest_is_not() {
        let now = Timestamp::from_millis(784_111_777_000);
        let cases = [
            ("120", Some(120)),
            (" 7 ", Some(7)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
            ("Sun, 06 Nov 1994 08:48:37 GMT", None),
            ("0", None),
            ("-5", None),
            ("soon", None),
            ("", None),
        ];
        for (value, seconds) in cases {
            let expected = seconds.map(|seconds| now.plus(Duration::from_secs(seconds)));
            assert_eq!(not_before(value, now), expected, "{value}");
        }
    }
}
