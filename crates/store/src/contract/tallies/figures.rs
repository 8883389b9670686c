//! Currencies, profit, ids and details.

use super::samples::{START, event, line, minute, money, purchase, with_profit};
use super::{TalliesHarness, assert_figures, sums, tally};
use crate::tallies::{Counted, ItemDetails, ItemTally, Range, Tally};

/// One item sold in several, with none, two and three decimals, and without any.
pub async fn currencies_are_never_mixed<H: TalliesHarness>(harness: impl AsyncFn() -> H) {
    let harness = harness().await;
    let tallies = harness.tallies();
    let amounts = [
        "12.34 EUR",
        "12.34 USD",
        "1234 JPY",
        "0.001 KWD",
        "0.000001 EUR",
        "5 XXX",
    ];
    let events: Vec<Tally> = amounts
        .iter()
        .map(|amount| {
            purchase(
                amount,
                START,
                Some(amount),
                vec![line("mug", 1, Some(amount))],
            )
        })
        .collect();
    tally(tallies.as_ref(), &events).await;
    assert_figures(tallies.as_ref(), &events, "five currencies").await;
    let all = sums(tallies.as_ref(), Range::all_time()).await;
    let sold = &all.items[0].figures.money;
    assert_eq!(sold.len(), 5);
    assert_eq!(sold[&money("1 EUR").currency()].sold_micros, 12_340_001);
    assert_eq!(sold[&money("1 KWD").currency()].sold_micros, 1_000);
}

/// Not known is not zero, and a known zero is known.
pub async fn profit_is_counted_as_far_as_it_is_known<H: TalliesHarness>(
    harness: impl AsyncFn() -> H,
) {
    let harness = harness().await;
    let tallies = harness.tallies();
    let items = vec![
        with_profit(line("mug", 3, Some("12 EUR")), "4.50 EUR"),
        line("mug", 2, Some("8 EUR")),
        with_profit(line("lid", 2, Some("3 EUR")), "0 EUR"),
        with_profit(line("box", 1, None), "-2 EUR"),
    ];
    // A view with amounts moves no money.
    let view = event(Counted::ViewItem, "1", START, items.clone());
    let events = [purchase("A", START, None, items), view];
    tally(tallies.as_ref(), &events).await;
    assert_figures(tallies.as_ref(), &events, "profit").await;
    let all = sums(tallies.as_ref(), Range::all_time()).await;
    let known: Vec<_> = all
        .items
        .iter()
        .map(|item| item.figures.money[&money("1 EUR").currency()])
        .map(|money| (money.profit_micros, money.profit_units))
        .collect();
    assert_eq!(
        known,
        [(-2_000_000, 1), (0, 2), (4_500_000, 3)],
        "box, lid, mug"
    );
}

/// Whatever a shop calls its items, no two are taken for one.
pub async fn an_item_may_have_any_id<H: TalliesHarness>(harness: impl AsyncFn() -> H) {
    let harness = harness().await;
    let tallies = harness.tallies();
    let long = "é".repeat(750);
    let longer = format!("{}x", &long[..1_498]);
    let ids = [
        "",
        " ",
        ".",
        "..",
        "__x__",
        "a/b",
        "a%2Fb",
        "a",
        "A",
        "a ",
        "☕️🧉",
        "a\u{0}b",
        "a\u{0}c",
        "'; --",
        "`a`",
        "1",
        "01",
        "\u{e9}",
        "e\u{301}",
        long.as_str(),
        longer.as_str(),
    ];
    let events: Vec<Tally> = ids
        .iter()
        .enumerate()
        .map(|(number, id)| {
            let items = vec![line(
                id,
                i64::try_from(number).expect("few") + 1,
                Some("1 EUR"),
            )];
            purchase(&number.to_string(), START, Some("1 EUR"), items)
        })
        .collect();
    tally(tallies.as_ref(), &events).await;
    assert_figures(tallies.as_ref(), &events, "odd ids").await;
    for (number, id) in ids.iter().enumerate() {
        let series = tallies
            .series(Range::all_time(), Some(id))
            .await
            .expect("the store answers");
        let units = i64::try_from(number).expect("few") + 1;
        assert_eq!(series.len(), 1, "{id:?}");
        assert_eq!(
            series[0].totals.items.units[&Counted::Purchase],
            units,
            "{id:?}"
        );
    }
}

/// Each field by itself; of two events at one time, the one with the greater identity counts.
pub async fn details_are_those_of_the_latest_event<H: TalliesHarness>(
    harness: impl AsyncFn() -> H,
) {
    let harness = harness().await;
    let tallies = harness.tallies();
    let says = |name: &str, at, details: [Option<&str>; 4]| {
        let [title, category, brand, price] = details.map(|text| text.map(str::to_owned));
        let details = ItemDetails {
            name: title,
            category,
            brand,
            price: price.as_deref().map(money),
            at: None,
        };
        let line = ItemTally {
            details,
            ..line("mug", 1, None)
        };
        event(Counted::ViewItem, name, at, vec![line])
    };
    let events = [
        says(
            "2",
            minute(5),
            [Some("Mug"), None, Some("Acme"), Some("4 EUR")],
        ),
        says(
            "1",
            minute(5),
            [Some("Not this"), Some("Kitchen"), None, None],
        ),
        says(
            "3",
            minute(4),
            [
                Some("Nor this"),
                Some("Garden"),
                Some("Before"),
                Some("1 EUR"),
            ],
        ),
        says("4", minute(6), [None, None, None, Some("4.50 USD")]),
        says("5", minute(7), [None, None, None, None]),
    ];
    for event in &events {
        tally(tallies.as_ref(), std::slice::from_ref(event)).await;
    }
    assert_figures(tallies.as_ref(), &events, "details").await;
    let all = sums(tallies.as_ref(), Range::all_time()).await;
    let expected = ItemDetails {
        name: Some("Mug".into()),
        category: Some("Kitchen".into()),
        brand: Some("Acme".into()),
        price: Some(money("4.50 USD")),
        at: Some(minute(6)),
    };
    assert_eq!(all.items[0].details, expected);
}
