//! Nothing depends on the order in which events come.

use super::samples::{
    event, line, minute, money, of_order, purchase, refund_of_items, refund_of_order, with_profit,
};
use super::{TalliesHarness, assert_figures, ranges, sums, tally};
use crate::tallies::{Counted, ItemDetails, ItemTally, Sums, Tallies, Tally};

fn named(line: ItemTally, name: &str, price: Option<&str>) -> ItemTally {
    ItemTally {
        details: ItemDetails {
            name: Some(name.to_owned()),
            price: price.map(money),
            ..ItemDetails::default()
        },
        ..line
    }
}

/// All 120 orders of five events, one by one and as one batch.
pub async fn every_order_of_a_few_events_is_the_same<H: TalliesHarness>(
    harness: impl AsyncFn() -> H,
) {
    let bought = vec![
        named(
            with_profit(line("mug", 2, Some("8 EUR")), "3 EUR"),
            "Mug",
            Some("4 EUR"),
        ),
        line("lid", 1, Some("150 JPY")),
    ];
    let events = [
        event(
            Counted::ViewItem,
            "1",
            minute(0),
            vec![named(line("mug", 1, None), "Cup", None)],
        ),
        purchase("A", minute(0), Some("9 EUR"), bought),
        of_order(
            "A",
            refund_of_items(
                "A-1",
                minute(16),
                Some("4 EUR"),
                vec![line("mug", 1, Some("4 EUR"))],
            ),
        ),
        refund_of_order("A-back", minute(17), "A", Some("9 EUR")),
        refund_of_order("B-back", minute(17), "B", Some("1.500 KWD")),
    ];
    let mut first = None;
    for (number, order) in permutations(events.len()).into_iter().enumerate() {
        let arrived: Vec<Tally> = order.iter().map(|place| events[*place].clone()).collect();
        let harness = harness().await;
        let tallies = harness.tallies();
        let batch_size = if number % 2 == 0 {
            1
        } else {
            1 + number % arrived.len()
        };
        for batch in arrived.chunks(batch_size) {
            tally(tallies.as_ref(), batch).await;
        }
        let all = everything(tallies.as_ref()).await;
        if first.is_none() {
            assert_figures(tallies.as_ref(), &arrived, "the first order").await;
        }
        assert_eq!(
            &all,
            first.get_or_insert_with(|| all.clone()),
            "{order:?} by {batch_size}"
        );
    }
}

/// A shop's day with redeliveries, shuffled by several seeds, in batches of many sizes.
pub async fn a_shop_in_any_order_has_the_same_figures<H: TalliesHarness>(
    harness: impl AsyncFn() -> H,
) {
    for seed in 1..=8 {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut events = shop(&mut random);
        let repeated: Vec<Tally> = random
            .choose_multiple(events.iter(), 20)
            .into_iter()
            .cloned()
            .collect();
        events.extend(repeated);
        random.shuffle(&mut events);
        let harness = harness().await;
        let tallies = harness.tallies();
        let mut offered = events.as_slice();
        while !offered.is_empty() {
            let (batch, rest) = offered.split_at(random.usize(1..=offered.len().min(40)));
            tally(tallies.as_ref(), batch).await;
            offered = rest;
        }
        assert_figures(tallies.as_ref(), &events, &format!("seed {seed}")).await;
    }
}

fn shop(random: &mut fastrand::Rng) -> Vec<Tally> {
    let mut events = Vec::new();
    for number in 0..60 {
        let (name, at) = (number.to_string(), minute(random.i64(-30..40)));
        let lines: Vec<ItemTally> = (0..random.usize(1..4)).map(|_| some_line(random)).collect();
        let value = random.bool().then(|| some_amount(random));
        let tally = match random.u8(0..6) {
            0 => event(Counted::ViewItem, &name, at, lines),
            1 => event(Counted::AddToCart, &name, at, lines),
            2 => event(Counted::BeginCheckout, &name, at, lines),
            3 => refund_of_items(&name, at, value.as_deref(), lines),
            _ => purchase(&name, at, value.as_deref(), lines),
        };
        if random.u8(0..3) == 0 {
            // Of purchases and of what never was one.
            let back = format!("{name}-back");
            let later = minute(random.i64(0..40));
            events.push(refund_of_order(&back, later, &name, value.as_deref()));
        }
        if random.u8(0..3) == 0 {
            let lines = (0..random.usize(1..3)).map(|_| some_line(random)).collect();
            let (some, later) = (format!("{name}-some"), minute(random.i64(0..40)));
            let refund = refund_of_items(&some, later, value.as_deref(), lines);
            events.push(of_order(&name, refund));
        }
        events.push(tally);
    }
    events
}

fn some_amount(random: &mut fastrand::Rng) -> String {
    let currency = ["EUR", "USD", "JPY", "KWD"][random.usize(0..4)];
    format!(
        "{}.{:03} {currency}",
        random.u32(0..500),
        random.u32(0..1_000)
    )
}

fn some_line(random: &mut fastrand::Rng) -> ItemTally {
    let item_id = format!("item/{}", random.u8(0..5));
    let revenue = random.bool().then(|| some_amount(random));
    let line = line(&item_id, random.i64(0..6), revenue.as_deref());
    let price = some_amount(random);
    let line = match random.u8(0..3) {
        0 => line,
        1 => named(line, &format!("Name {}", random.u8(..)), None),
        _ => named(line, "Other", Some(&price)),
    };
    match random.bool() {
        true => with_profit(line, &some_amount(random)),
        false => line,
    }
}

async fn everything(tallies: &dyn Tallies) -> Vec<Sums> {
    let mut all = Vec::new();
    for range in ranges() {
        all.push(sums(tallies, range).await);
    }
    all
}

fn permutations(length: usize) -> Vec<Vec<usize>> {
    let Some(last) = length.checked_sub(1) else {
        return vec![Vec::new()];
    };
    let mut all = Vec::new();
    for shorter in permutations(last) {
        for place in 0..length {
            let mut longer = shorter.clone();
            longer.insert(place, last);
            all.push(longer);
        }
    }
    all
}
