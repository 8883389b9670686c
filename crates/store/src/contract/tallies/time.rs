//! Ranges and their borders, series, the version, and what is forgotten.

use std::time::Duration;

use events::Timestamp;

use super::samples::{START, event, line, minute, money, purchase, refund_of_order};
use super::{TalliesHarness, oracle, sums, tally};
use crate::tallies::{Counted, Point, Range, Resolution, Tallied, Tallies, Tally};

fn view(name: &str, at: Timestamp) -> Tally {
    event(Counted::ViewItem, name, at, vec![line("mug", 1, None)])
}

/// The first millisecond of a step is in it, the last too; `to` is not included.
pub async fn a_range_holds_the_steps_that_begin_in_it<H: TalliesHarness>(
    harness: impl AsyncFn() -> H,
) {
    let harness = harness().await;
    let tallies = harness.tallies();
    let millis = |number: i64| Timestamp::from_millis(START.millis() + number);
    let times = [
        -60_001, -60_000, -1, 0, 59_999, 60_000, 899_999, 900_000, -900_001, -900_000,
    ];
    let events: Vec<Tally> = times
        .iter()
        .map(|time| view(&time.to_string(), millis(*time)))
        .collect();
    tally(tallies.as_ref(), &events).await;
    let borders = [
        -1_800_000, -900_000, -899_999, -120_000, -60_000, -1, 0, 1, 60_000, 60_001, 900_000,
        900_001,
    ];
    for resolution in [Resolution::Minute, Resolution::Quarter] {
        for from in borders {
            for to in borders {
                let range = Range {
                    resolution,
                    from: millis(from),
                    to: millis(to),
                };
                let expected = oracle::sums(&events, range);
                assert_eq!(
                    sums(tallies.as_ref(), range).await,
                    expected,
                    "{resolution:?} {from} {to}"
                );
            }
        }
    }
    let minute_zero = Range {
        resolution: Resolution::Minute,
        from: START,
        to: minute(1),
    };
    let views = sums(tallies.as_ref(), minute_zero)
        .await
        .totals
        .items
        .events;
    assert_eq!(views, [(Counted::ViewItem, 2)].into());
    let no_bounds = Range {
        from: minute(1),
        to: minute(1),
        ..Range::all_time()
    };
    let all = sums(tallies.as_ref(), no_bounds).await;
    assert_eq!(
        all.totals.items.events,
        [(Counted::ViewItem, 10)].into(),
        "all time has no bounds"
    );
}

/// Oldest first; of one item without orders; steps without anything are left out.
pub async fn a_series_has_a_point_for_each_step_that_has_anything<H: TalliesHarness>(
    harness: impl AsyncFn() -> H,
) {
    let harness = harness().await;
    let tallies = harness.tallies();
    let sold = |name: &str, at, item| {
        purchase(name, at, Some("4 EUR"), vec![line(item, 1, Some("4 EUR"))])
    };
    let events = [
        sold("C", minute(31), "mug"),
        sold("A", minute(2), "mug"),
        sold("B", minute(3), "lid"),
        refund_of_order("A-back", minute(20), "A", None),
        refund_of_order("D-back", minute(21), "D", Some("1 EUR")),
    ];
    tally(tallies.as_ref(), &events).await;
    for (resolution, minutes) in [(Resolution::Minute, 1), (Resolution::Quarter, 15)] {
        let range = Range {
            resolution,
            from: START,
            to: minute(31),
        };
        for item in [None, Some("mug"), Some("lid"), Some("unknown")] {
            let series = tallies
                .series(range, item)
                .await
                .expect("the store answers");
            let mut expected = Vec::new();
            for start in (0..31).step_by(minutes) {
                expected.extend(point(&events, range, minute(start), item));
            }
            assert_eq!(series, expected, "{resolution:?} {item:?}");
        }
    }
    let all = tallies
        .series(Range::all_time(), None)
        .await
        .expect("the store answers");
    let totals = oracle::sums(&events, Range::all_time()).totals;
    assert_eq!(
        all,
        [Point {
            start: Timestamp::from_millis(0),
            totals
        }]
    );
}

fn point(events: &[Tally], range: Range, start: Timestamp, item: Option<&str>) -> Option<Point> {
    let step = range.resolution.step_ms().expect("a step");
    let to = Timestamp::from_millis(start.millis() + step);
    let sums = oracle::sums(
        events,
        Range {
            from: start,
            to,
            ..range
        },
    );
    let mut totals = sums.totals;
    if let Some(item) = item {
        let figures = sums
            .items
            .into_iter()
            .find(|figures| figures.item_id == item)?;
        totals = crate::tallies::Totals {
            items: figures.figures,
            ..Default::default()
        };
    }
    (totals != Default::default()).then_some(Point { start, totals })
}

async fn version(tallies: &dyn Tallies) -> u64 {
    tallies.version().await.expect("the store answers")
}

/// Whoever waits is woken; an event that is known changes nothing.
pub async fn the_version_changes_with_what_is_added_and_only_then<H: TalliesHarness>(
    harness: impl AsyncFn() -> H,
) {
    let harness = harness().await;
    let tallies = harness.tallies();
    let before = version(tallies.as_ref()).await;
    tally(tallies.as_ref(), &[view("1", START)]).await;
    let first = version(tallies.as_ref()).await;
    assert!(first > before, "{before} then {first}");
    let told = tallies.changed(before).await.expect("the store answers");
    assert_eq!(told, first, "who is behind is told at once");
    tally(tallies.as_ref(), &[view("1", START)]).await;
    assert_eq!(version(tallies.as_ref()).await, first);

    let waiting = tokio::spawn({
        let tallies = harness.tallies();
        async move { tallies.changed(first).await }
    });
    tally(tallies.as_ref(), &[view("2", START)]).await;
    let told = waiting.await.expect("no panic").expect("the store answers");
    assert_eq!(told, version(tallies.as_ref()).await);
    assert!(told > first, "{first} then {told}");
}

/// Minutes after three hours, quarters after eight days, markers and orders at their time; sums of all time never.
pub async fn old_steps_and_markers_are_forgotten_and_all_time_is_not<H: TalliesHarness>(
    harness: impl AsyncFn() -> H,
) {
    const HOUR: i64 = 60;
    let harness = harness().await;
    let tallies = harness.tallies();
    let bought = purchase(
        "A",
        START,
        Some("4 EUR"),
        vec![line("mug", 1, Some("4 EUR"))],
    );
    let events = [bought.clone(), view("later", minute(HOUR))];
    tally(tallies.as_ref(), &events).await;
    let all = sums(tallies.as_ref(), Range::all_time()).await;
    let seen = async |resolution| {
        let range = Range {
            resolution,
            from: minute(-1_000),
            to: minute(100_000),
        };
        let points = tallies
            .series(range, Some("mug"))
            .await
            .expect("the store answers");
        let viewed = sums(tallies.as_ref(), range).await.totals.items.events;
        let of_points = points
            .iter()
            .flat_map(|point| point.totals.items.events.values());
        assert_eq!(viewed.values().sum::<i64>(), of_points.sum::<i64>());
        points.len()
    };
    let day = 24 * HOUR;
    for (now, minutes, quarters) in [
        (3 * HOUR - 1, 2, 2),
        (3 * HOUR + 1, 1, 2),
        (4 * HOUR + 1, 0, 2),
        (8 * day - 1, 0, 2),
        (8 * day + 20, 0, 1),
        (9 * day, 0, 0),
    ] {
        tallies.purge(minute(now)).await.expect("purged");
        let left = (
            seen(Resolution::Minute).await,
            seen(Resolution::Quarter).await,
        );
        assert_eq!(left, (minutes, quarters), "after {now} minutes");
        assert_eq!(sums(tallies.as_ref(), Range::all_time()).await, all);
    }
    assert_eq!(
        tally(tallies.as_ref(), &events).await,
        [Tallied::Known; 2],
        "markers are kept longer"
    );

    let expired = bought.expires;
    tallies
        .purge(expired.minus(Duration::from_millis(1)))
        .await
        .expect("purged");
    assert_eq!(
        tally(tallies.as_ref(), std::slice::from_ref(&bought)).await,
        [Tallied::Known]
    );
    assert!(tallies.purge(expired).await.expect("purged") > 0);
    let late = refund_of_order("A-back", expired, "A", Some("4 EUR"));
    tally(tallies.as_ref(), std::slice::from_ref(&late)).await;
    let after = sums(tallies.as_ref(), Range::all_time()).await;
    assert_eq!(
        after.totals.orders.unallocated_refunds, 1,
        "the order is forgotten"
    );
    assert_eq!(
        after.totals.items.money[&money("1 EUR").currency()].refunded_micros,
        0
    );
}
