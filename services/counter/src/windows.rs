//! The windows that figures are shown for, as ranges of steps, each with the same span before. Pure.

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, NaiveTime, TimeZone};
use chrono_tz::Tz;
use events::Timestamp;
use store::tallies::{Range, Resolution};

const MINUTE_MS: i64 = 60_000;
const QUARTER_MS: i64 = 15 * MINUTE_MS;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// A span of time that ends now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Window {
    /// The current minute and the four before it.
    FiveMinutes,
    /// Likewise.
    ThirtyMinutes,
    /// Likewise.
    SixtyMinutes,
    /// Since midnight in the shop's time zone.
    Today,
    /// Since the beginning.
    All,
}

/// The ranges of a window at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Spans {
    /// The window.
    pub now: Range,
    /// The same span before; nothing is before all.
    pub before: Option<Range>,
    /// What is drawn: the window's own steps, for all time the last day.
    pub series: Range,
}

impl Window {
    pub(crate) const ALL: [Self; 5] = [
        Self::FiveMinutes,
        Self::ThirtyMinutes,
        Self::SixtyMinutes,
        Self::Today,
        Self::All,
    ];

    /// As addresses name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::FiveMinutes => "5m",
            Self::ThirtyMinutes => "30m",
            Self::SixtyMinutes => "60m",
            Self::Today => "today",
            Self::All => "all",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|window| window.name() == name)
    }

    /// The window's ranges at `now`.
    pub(crate) fn spans(self, now: Timestamp, zone: Tz) -> Spans {
        match self {
            Self::FiveMinutes => minutes(5, now),
            Self::ThirtyMinutes => minutes(30, now),
            Self::SixtyMinutes => minutes(60, now),
            Self::Today => today(now, zone),
            Self::All => {
                let to = end_of_quarter(now.millis());
                Spans {
                    now: Range::all_time(),
                    before: None,
                    series: quarters(to - DAY_MS, to),
                }
            }
        }
    }
}

fn minutes(count: i64, now: Timestamp) -> Spans {
    let to = Resolution::Minute.start_of(now).millis() + MINUTE_MS;
    let length = count * MINUTE_MS;
    let range = |from: i64| Range {
        resolution: Resolution::Minute,
        from: Timestamp::from_millis(from),
        to: Timestamp::from_millis(from + length),
    };
    Spans {
        now: range(to - length),
        before: Some(range(to - 2 * length)),
        series: range(to - length),
    }
}

fn quarters(from: i64, to: i64) -> Range {
    Range {
        resolution: Resolution::Quarter,
        from: Timestamp::from_millis(from),
        to: Timestamp::from_millis(to),
    }
}

fn end_of_quarter(millis: i64) -> i64 {
    millis.div_euclid(QUARTER_MS) * QUARTER_MS + QUARTER_MS
}

/// Since local midnight; before it, yesterday from its midnight to the same local time of day.
fn today(now: Timestamp, zone: Tz) -> Spans {
    let local = DateTime::from_timestamp_millis(now.millis())
        .unwrap_or_default()
        .with_timezone(&zone)
        .naive_local();
    let midnight = |date: NaiveDate| moment(date.and_time(NaiveTime::MIN), zone);
    let yesterday = local.date().pred_opt().unwrap_or(local.date());
    let range = quarters(midnight(local.date()), end_of_quarter(now.millis()));
    Spans {
        now: range,
        before: Some(quarters(
            midnight(yesterday),
            end_of_quarter(moment(yesterday.and_time(local.time()), zone)),
        )),
        series: range,
    }
}

/// The moment of a local time: the first if there are two, the end of the gap if there is none.
fn moment(local: NaiveDateTime, zone: Tz) -> i64 {
    let resolve = |local: &NaiveDateTime| {
        zone.from_local_datetime(local)
            .earliest()
            .map(|moment| moment.timestamp_millis())
    };
    if let Some(moment) = resolve(&local) {
        return moment;
    }
    // Clocks are moved by whole quarters of an hour, by a day at most.
    let seconds_of_quarter = local.and_utc().timestamp().rem_euclid(QUARTER_MS / 1000);
    let quarter = local - Duration::seconds(seconds_of_quarter);
    (1..=100)
        .find_map(|quarters| resolve(&(quarter + Duration::minutes(15 * quarters))))
        .unwrap_or_else(|| local.and_utc().timestamp_millis())
}

#[cfg(test)]
mod tests;
