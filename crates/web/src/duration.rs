//! Durations in settings, written as people write them: `500ms`, `10s`, `15m`, `7d`.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serializer};

/// Reads a duration, or says how one is written.
pub fn parse(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|_| {
        format!(
            "{text:?} is no duration: write a number with a unit, such as 500ms, 10s, 15m or 7d"
        )
    })
}

/// For `#[serde(with = "web::duration")]`.
pub fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&humantime::format_duration(*duration))
}

/// For `#[serde(with = "web::duration")]`.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).map_err(serde::de::Error::custom)
}
