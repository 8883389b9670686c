//! Refunds: of items, of whole orders, of orders that nobody knows.

use super::samples::{
    START, line, minute, money, purchase, refund_of_items, refund_of_order, with_profit,
};
use super::{TalliesHarness, assert_figures, sums, tally};
use crate::tallies::{Counted, OrderTally, Range, Resolution, Tally};

fn mugs(name: &str) -> Tally {
    let items = vec![
        with_profit(line("mug", 2, Some("8.00 EUR")), "3.10 EUR"),
        line("lid", 1, Some("1.50 EUR")),
        line("mug", 1, Some("4.00 EUR")),
    ];
    purchase(name, START, Some("12.00 EUR"), items)
}

/// Counted at the refund's time.
pub async fn a_refund_of_items_takes_off_what_it_names<H: TalliesHarness>(
    harness: impl AsyncFn() -> H,
) {
    let harness = harness().await;
    let tallies = harness.tallies();
    let items = vec![with_profit(line("mug", 1, Some("4.00 EUR")), "1.55 EUR")];
    let refund = refund_of_items("A-1", minute(16), Some("4.00 EUR"), items);
    let events = [mugs("A"), refund];
    tally(tallies.as_ref(), &events).await;
    assert_figures(tallies.as_ref(), &events, "a refund of items").await;
    let all = sums(tallies.as_ref(), Range::all_time()).await;
    let euro = all.items[1].figures.money[&money("1 EUR").currency()];
    assert_eq!(
        (euro.sold_micros, euro.refunded_micros),
        (12_000_000, 4_000_000)
    );
    assert_eq!((euro.profit_micros, euro.profit_units), (1_550_000, 1));
}

/// A later refund of it, under another identity, adds nothing.
pub async fn a_whole_order_is_refunded_once_at_the_refunds_time<H: TalliesHarness>(
    harness: impl AsyncFn() -> H,
) {
    let harness = harness().await;
    let tallies = harness.tallies();
    let mut arrived = Vec::new();
    for event in [
        mugs("A"),
        mugs("B"),
        refund_of_order("A-back", minute(16), "A", Some("99.00 EUR")),
        refund_of_order("A-again", minute(20), "A", None),
    ] {
        tally(tallies.as_ref(), std::slice::from_ref(&event)).await;
        arrived.push(event);
        assert_figures(
            tallies.as_ref(),
            &arrived,
            &format!("{} events", arrived.len()),
        )
        .await;
    }
    let quarter = Range {
        resolution: Resolution::Quarter,
        from: minute(15),
        to: minute(30),
    };
    let refunded = sums(tallies.as_ref(), quarter).await;
    assert_eq!(refunded.totals.items.units, [(Counted::Refund, 4)].into());
    let euro = refunded.totals.orders.money[&money("1 EUR").currency()];
    assert_eq!(
        euro.refunded_micros, 12_000_000,
        "the order's value, not the refund's"
    );
    let profit = refunded.totals.items.money[&money("1 EUR").currency()];
    assert_eq!(
        (profit.profit_micros, profit.profit_units),
        (-3_100_000, -2)
    );
}

/// Afterwards everything is as if they had come the other way round, in the same batch or in two.
pub async fn a_refund_before_its_purchase_is_unallocated_until_it_comes<H: TalliesHarness>(
    harness: impl AsyncFn() -> H,
) {
    for value in [None, Some("7.25 USD"), Some("12.00 EUR")] {
        let events = [refund_of_order("A-back", minute(16), "A", value), mugs("A")];
        let harness_of_two = harness().await;
        let tallies = harness_of_two.tallies();
        tally(tallies.as_ref(), &events[..1]).await;
        let unallocated = sums(tallies.as_ref(), Range::all_time()).await;
        assert_eq!(unallocated.totals.orders.unallocated_refunds, 1);
        assert_eq!(unallocated.items, []);
        assert_figures(tallies.as_ref(), &events[..1], "the refund alone").await;
        tally(tallies.as_ref(), &events[1..]).await;
        assert_figures(tallies.as_ref(), &events, "both").await;
        let allocated = sums(tallies.as_ref(), Range::all_time()).await;

        let harness_of_one = harness().await;
        let tallies = harness_of_one.tallies();
        tally(tallies.as_ref(), &events).await;
        assert_eq!(sums(tallies.as_ref(), Range::all_time()).await, allocated);
        let the_other_way = harness().await;
        let tallies = the_other_way.tallies();
        let [refund, bought] = events;
        tally(tallies.as_ref(), &[bought, refund]).await;
        assert_eq!(sums(tallies.as_ref(), Range::all_time()).await, allocated);
    }
}

/// Where purchases are told apart by event id, several may name one transaction: they are one order, and are refunded
/// together, whether they come before the refund or after it.
pub async fn a_second_purchase_of_a_transaction_adds_up<H: TalliesHarness>(
    harness: impl AsyncFn() -> H,
) {
    let harness = harness().await;
    let tallies = harness.tallies();
    let named = |identity: &str| Tally {
        identity: identity.to_owned(),
        ..mugs("A")
    };
    let events = [
        named("purchase:evt_1"),
        named("purchase:evt_2"),
        refund_of_order("A-back", minute(2), "A", None),
        named("purchase:evt_3"),
    ];
    for event in &events {
        tally(tallies.as_ref(), std::slice::from_ref(event)).await;
    }
    assert_figures(tallies.as_ref(), &events, "three purchases").await;
    let all = sums(tallies.as_ref(), Range::all_time()).await;
    let orders = &all.totals.orders.money[&money("1 EUR").currency()];
    assert_eq!(
        (orders.sold_micros, orders.refunded_micros),
        (36_000_000, 36_000_000)
    );
}

/// There is nothing that a refund could name.
pub async fn a_purchase_without_a_transaction_is_not_refunded_whole<H: TalliesHarness>(
    harness: impl AsyncFn() -> H,
) {
    let harness = harness().await;
    let tallies = harness.tallies();
    let bare = Tally {
        order: Some(OrderTally::Purchase {
            transaction: None,
            value: Some(money("12.00 EUR")),
        }),
        ..mugs("bare")
    };
    let events = [
        bare,
        refund_of_order("bare-back", minute(1), "", Some("12.00 EUR")),
    ];
    tally(tallies.as_ref(), &events).await;
    assert_figures(tallies.as_ref(), &events, "a bare purchase").await;
    let all = sums(tallies.as_ref(), Range::all_time()).await;
    assert_eq!(all.totals.orders.unallocated_refunds, 1);
}
