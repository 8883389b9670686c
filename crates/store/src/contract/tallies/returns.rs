//! Refunds of some items of an order, and of all of it: together they take off the order once.

use super::samples::{
    START, line, minute, money, of_order, purchase, refund_of_items, refund_of_order, with_profit,
};
use super::{TalliesHarness, assert_figures, sums, tally};
use crate::tallies::{ItemTally, MoneyFigures, Range, Resolution, Sums, Tally};

fn bought() -> Tally {
    let items = vec![
        with_profit(line("mug", 3, Some("12.00 EUR")), "4.65 EUR"),
        line("lid", 1, Some("1.50 EUR")),
    ];
    purchase("A", START, Some("14.00 EUR"), items)
}

fn returned(name: &str, at: i64, value: Option<&str>, items: Vec<ItemTally>) -> Tally {
    of_order("A", refund_of_items(name, minute(at), value, items))
}

fn one_mug() -> Tally {
    let items = vec![with_profit(line("mug", 1, Some("4.00 EUR")), "1.55 EUR")];
    returned("A-1", 2, Some("4.00 EUR"), items)
}

fn whole(at: i64) -> Tally {
    let name = format!("A-{at}");
    refund_of_order(&name, minute(at), "A", Some("99.00 EUR"))
}

/// What is left of the order is taken off, at the whole refund's time.
pub async fn items_that_came_back_first_are_taken_off_once<H: TalliesHarness>(
    harness: impl AsyncFn() -> H,
) {
    let euro = money("1 EUR").currency();
    let arrivals = [
        [bought(), one_mug(), whole(17)],
        [bought(), whole(17), one_mug()],
        [one_mug(), whole(17), bought()],
        [whole(17), one_mug(), bought()],
    ];
    for events in arrivals {
        let harness = harness().await;
        let tallies = harness.tallies();
        for event in &events {
            tally(tallies.as_ref(), std::slice::from_ref(event)).await;
        }
        let all = sums(tallies.as_ref(), Range::all_time()).await;
        let orders = all.totals.orders.money[&euro];
        assert_eq!(
            (orders.sold_micros, orders.refunded_micros),
            (14_000_000, 14_000_000)
        );
        let items = MoneyFigures {
            sold_micros: 13_500_000,
            refunded_micros: 13_500_000,
            ..MoneyFigures::default()
        };
        assert_eq!(all.totals.items.money[&euro], items);
        let second_quarter = Range {
            resolution: Resolution::Quarter,
            from: minute(15),
            to: minute(30),
        };
        let then = sums(tallies.as_ref(), second_quarter).await;
        let refunded = then.totals.orders.money[&euro].refunded_micros;
        assert_eq!(refunded, 10_000_000, "less what came back before");
        assert_figures(tallies.as_ref(), &events, "an item and the rest").await;
    }
}

/// Nothing is taken off twice, and nothing is given again.
pub async fn what_is_left_of_an_order_is_right_in_any_case<H: TalliesHarness>(
    harness: impl AsyncFn() -> H,
) {
    for (what, events) in cases() {
        let mut backwards = events.clone();
        backwards.reverse();
        let mut turned = events.clone();
        turned.rotate_left(1);
        let mut found: Option<Sums> = None;
        for arrived in [events, backwards, turned] {
            let harness = harness().await;
            let tallies = harness.tallies();
            for number in 0..arrived.len() {
                tally(tallies.as_ref(), &arrived[number..=number]).await;
                assert_figures(tallies.as_ref(), &arrived[..=number], what).await;
            }
            let all = sums(tallies.as_ref(), Range::all_time()).await;
            assert_eq!(&all, found.get_or_insert_with(|| all.clone()), "{what}");
        }
    }
}

fn cases() -> Vec<(&'static str, Vec<Tally>)> {
    let five = line("mug", 5, Some("20.00 EUR"));
    let five = returned(
        "A-5",
        1,
        Some("20.00 EUR"),
        vec![with_profit(five, "9 EUR")],
    );
    let dollars = line("mug", 1, Some("4.00 USD"));
    let dollars = returned("A-$", 1, Some("4.00 USD"), vec![dollars]);
    let unknown = returned("A-?", 1, None, vec![line("mug", 1, None)]);
    let lid = with_profit(line("lid", 1, Some("1.50 EUR")), "0.20 EUR");
    let lid = returned("A-lid", 1, None, vec![lid]);
    let stranger = returned("A-box", 1, None, vec![line("box", 1, Some("2.00 EUR"))]);
    let loss = vec![
        with_profit(line("lamp", 2, Some("5.00 EUR")), "-3.00 EUR"),
        line("coupon", 1, Some("-1.00 EUR")),
    ];
    let loss = purchase("A", START, Some("4.00 EUR"), loss);
    let lamp = with_profit(line("lamp", 1, Some("2.50 EUR")), "-1.50 EUR");
    let lamp = returned("A-lamp", 1, Some("2.50 EUR"), vec![lamp]);
    let again = |event: Tally, name: &str| Tally {
        identity: name.to_owned(),
        at: minute(5),
        ..event
    };
    let twice = vec![
        bought(),
        one_mug(),
        whole(17),
        again(bought(), "purchase:evt_2"),
        again(one_mug(), "refund:evt_2"),
    ];
    vec![
        ("more than was bought", vec![bought(), five, whole(17)]),
        ("another currency", vec![bought(), dollars, whole(17)]),
        ("unknown amounts", vec![bought(), unknown, whole(17)]),
        (
            "an unknown profit that is known later",
            vec![bought(), lid, whole(17)],
        ),
        (
            "an item that was never bought",
            vec![bought(), stranger, whole(17)],
        ),
        ("a loss and a discount", vec![loss, lamp, whole(17)]),
        ("two purchases of one transaction", twice),
        ("an order that nobody knows", vec![one_mug(), whole(17)]),
        ("at the same minute", vec![bought(), one_mug(), whole(2)]),
        ("said twice", vec![whole(17), bought(), whole(3), one_mug()]),
    ]
}

/// Whichever comes first; at the later ones' times nothing remains.
pub async fn an_order_comes_back_at_the_earliest_refunds_time<H: TalliesHarness>(
    harness: impl AsyncFn() -> H,
) {
    for known in [vec![bought()], Vec::new()] {
        let harness = harness().await;
        let tallies = harness.tallies();
        let mut arrived = known;
        arrived.extend([whole(20), whole(16), whole(3), whole(40)]);
        for number in 0..arrived.len() {
            tally(tallies.as_ref(), &arrived[number..=number]).await;
            assert_figures(tallies.as_ref(), &arrived[..=number], "refunds").await;
        }
        let later = Range {
            resolution: Resolution::Minute,
            from: minute(4),
            to: minute(60),
        };
        assert_eq!(sums(tallies.as_ref(), later).await, Sums::default());
        for item in [None, Some("mug")] {
            let series = tallies.series(later, item).await;
            assert_eq!(series.expect("the store answers"), [], "{item:?}");
        }
    }
}

/// Altogether a minute has what it had before, since what one order takes out of it another puts in. Their items differ.
pub async fn orders_that_change_places_take_their_items_along<H: TalliesHarness>(
    harness: impl AsyncFn() -> H,
) {
    let harness = harness().await;
    let tallies = harness.tallies();
    let bought = |order: &str, item: &str| {
        let items = vec![line(item, 1, Some("4.00 EUR"))];
        purchase(order, START, Some("4.00 EUR"), items)
    };
    let whole =
        |order: &str, at: i64| refund_of_order(&format!("{order}-{at}"), minute(at), order, None);
    let events = [
        bought("A", "mug"),
        bought("B", "lid"),
        whole("A", 40),
        whole("B", 16),
        whole("A", 16),
        whole("B", 3),
    ];
    let (first, moved) = events.split_at(4);
    for (batch, arrived) in [(first, first), (moved, &events[..])] {
        tally(tallies.as_ref(), batch).await;
        assert_figures(tallies.as_ref(), arrived, "change places").await;
    }
}
