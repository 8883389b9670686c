//! Rates in settings, written as people write them: `100/s`, `6000/m`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// So many in a second or a minute; at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub count: u32,
    /// In which time: a second or a minute.
    pub per: Duration,
}

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// The text is no rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no rate: write how many in a second or a minute, such as 100/s or 6000/m")]
pub struct NotARate;

impl FromStr for Rate {
    type Err = NotARate;

    fn from_str(text: &str) -> Result<Self, NotARate> {
        let (count, unit) = text.split_once('/').ok_or(NotARate)?;
        let per = match unit.trim() {
            "s" => SECOND,
            "m" => MINUTE,
            _ => return Err(NotARate),
        };
        match count.trim().parse() {
            Ok(count) if count > 0 => Ok(Self { count, per }),
            _ => Err(NotARate),
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = if self.per == MINUTE { 'm' } else { 's' };
        write!(formatter, "{}/{unit}", self.count)
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse()
            .map_err(|error| serde::de::Error::custom(format!("{text:?} is {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_as_they_are_shown_and_nothing_else_is_one() {
        for (text, count, per) in [("100/s", 100, SECOND), ("6000/m", 6000, MINUTE)] {
            let rate: Rate = text.parse().expect(text);
            assert_eq!((rate.count, rate.per), (count, per));
            assert_eq!(rate.to_string(), text);
        }
        assert_eq!(
            " 1 / s ".parse(),
            Ok(Rate {
                count: 1,
                per: SECOND
            })
        );
        for text in [
            "",
            "100",
            "0/s",
            "-1/s",
            "1.5/s",
            "100/h",
            "100/",
            "/s",
            "4294967296/s",
        ] {
            assert_eq!(text.parse::<Rate>(), Err(NotARate), "{text:?}");
        }
    }
}
