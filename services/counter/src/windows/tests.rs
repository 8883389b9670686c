//! Windows at moments that are easy to get wrong.

use super::*;

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).expect("a time")
}

fn zone(name: &str) -> Tz {
    name.parse().expect("a zone")
}

fn bounds(range: Range) -> (String, String) {
    (range.from.to_rfc3339(), range.to.to_rfc3339())
}

#[test]
fn minute_windows_hold_the_current_minute_and_those_before_it() {
    for (window, from, before) in [
        (Window::FiveMinutes, "11:56", "11:51"),
        (Window::ThirtyMinutes, "11:31", "11:01"),
        (Window::SixtyMinutes, "11:01", "10:01"),
    ] {
        for now in ["2025-11-25T12:00:00Z", "2025-11-25T12:00:59.999Z"] {
            let spans = window.spans(at(now), Tz::UTC);
            let time = |time: &str| format!("2025-11-25T{time}:00.000Z");
            assert_eq!(bounds(spans.now), (time(from), time("12:01")), "{now}");
            let span_before = spans.before.expect("a span before");
            assert_eq!(bounds(span_before), (time(before), time(from)), "{now}");
            assert_eq!(spans.now.resolution, Resolution::Minute);
            assert_eq!(spans.series, spans.now);
        }
    }
}

#[test]
fn all_has_no_bounds_and_nothing_before_it_and_draws_the_last_day() {
    let spans = Window::All.spans(at("2025-11-25T12:07:00Z"), Tz::UTC);
    assert_eq!((spans.now, spans.before), (Range::all_time(), None));
    let expected = (
        "2025-11-24T12:15:00.000Z".into(),
        "2025-11-25T12:15:00.000Z".into(),
    );
    assert_eq!(bounds(spans.series), expected);
}

#[test]
fn today_begins_at_local_midnight_also_when_clocks_are_moved() {
    // Zone, now, today from and to, yesterday from and to; all UTC.
    let cases = [
        (
            "UTC",
            "2025-11-25T12:07Z",
            ["25T00:00", "25T12:15", "24T00:00", "24T12:15"],
        ),
        (
            "Europe/Berlin",
            "2025-11-25T00:30Z",
            ["24T23:00", "25T00:45", "23T23:00", "24T00:45"],
        ),
        // Midnight itself: the first quarter of the new day.
        (
            "Europe/Berlin",
            "2025-11-24T23:00Z",
            ["24T23:00", "24T23:15", "23T23:00", "23T23:15"],
        ),
        // The day on which clocks go forward has 23 hours; the day before it has the same local time an hour later.
        (
            "Europe/Berlin",
            "2025-03-30T10:07Z",
            ["29T23:00", "30T10:15", "28T23:00", "29T11:15"],
        ),
        // The day after: half past two did not exist yesterday, so yesterday is taken up to three.
        (
            "Europe/Berlin",
            "2025-03-31T00:30Z",
            ["30T22:00", "31T00:45", "29T23:00", "30T01:15"],
        ),
        // The day on which clocks go back, in its second half past two.
        (
            "Europe/Berlin",
            "2025-10-26T01:30Z",
            ["25T22:00", "26T01:45", "24T22:00", "25T00:45"],
        ),
        // The day after: half past two was there twice; the first counts.
        (
            "Europe/Berlin",
            "2025-10-27T01:30Z",
            ["26T23:00", "27T01:45", "25T22:00", "26T00:45"],
        ),
        (
            "Asia/Kathmandu",
            "2025-11-25T12:00Z",
            ["24T18:15", "25T12:15", "23T18:15", "24T12:15"],
        ),
        (
            "America/New_York",
            "2025-11-25T02:00Z",
            ["24T05:00", "25T02:15", "23T05:00", "24T02:15"],
        ),
        // Clocks go forward at midnight: the day begins at one.
        (
            "Africa/Cairo",
            "2025-04-25T12:00Z",
            ["24T22:00", "25T12:15", "23T22:00", "24T13:15"],
        ),
    ];
    for (name, now, expected) in cases {
        let now = now.replace('Z', ":00Z");
        let spans = Window::Today.spans(at(&now), zone(name));
        let before = spans.before.expect("a span before");
        let short = |moment: Timestamp| moment.to_rfc3339()[8..16].to_owned();
        let found = [spans.now.from, spans.now.to, before.from, before.to].map(short);
        assert_eq!(found, expected, "{name} at {now}");
        assert_eq!(spans.now.resolution, Resolution::Quarter);
    }
}

#[test]
fn a_day_that_a_zone_left_out_is_no_fault() {
    // Samoa went from the 29th to the 31st of December 2011.
    let spans = Window::Today.spans(at("2011-12-31T12:00:00Z"), zone("Pacific/Apia"));
    assert!(spans.now.from < spans.now.to);
}
