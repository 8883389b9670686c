//! What is left of an order when all of it comes back.

use std::collections::BTreeMap;

use super::reading::{Event, Line};
use super::{ALTOGETHER, Sums, add};

/// How much of something: of an item of that name, or of the order itself. The second part says of what.
type Heap<'a> = BTreeMap<(&'a str, What<'a>), i128>;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What<'a> {
    Units,
    Money(&'a str),
    Profit(&'a str),
    UnitsWithProfit(&'a str),
    Value(&'a str),
}

/// Takes the order back but for what was returned.
pub fn take_back(sums: &mut Sums, purchase: &Event, returned: &[&Event]) {
    add(sums, ALTOGETHER, "refunds", 1);
    let gone = heap(returned.iter().copied());
    for (key, bought) in heap([purchase].into_iter()) {
        let gone = gone.get(&key).copied().unwrap_or(0);
        let (least, most) = (bought.min(0), bought.max(0));
        enter(sums, key, (bought - gone).max(least).min(most));
    }
}

fn heap<'a>(events: impl Iterator<Item = &'a Event>) -> Heap<'a> {
    let mut heap = Heap::new();
    for event in events {
        if let Some((value, currency)) = event.value() {
            // Shops write a refund's value above or below zero.
            let is_refund = event.kind == "refund";
            let value = if is_refund { value.abs() } else { value };
            *heap.entry((ALTOGETHER, What::Value(currency))).or_default() += value;
        }
        for line in &event.lines {
            for (what, more) in of_line(line) {
                *heap.entry((line.id.as_str(), what)).or_default() += more;
            }
        }
    }
    heap
}

fn of_line(line: &Line) -> Vec<(What<'_>, i128)> {
    let (quantity, currency) = (line.quantity, line.currency.as_str());
    let mut parts = vec![(What::Units, quantity)];
    if let Some(price) = line.price {
        parts.push((What::Money(currency), price * quantity));
    }
    if let Some(profit) = line.profit {
        parts.push((What::Profit(currency), profit * quantity));
        parts.push((What::UnitsWithProfit(currency), quantity));
    }
    parts
}

fn enter(sums: &mut Sums, (whose, what): (&str, What<'_>), left: i128) {
    if let What::Value(currency) = what {
        add(sums, whose, &format!("orderRevenue.{currency}"), -left);
        add(sums, whose, &format!("orderRefunded.{currency}"), left);
        return;
    }
    for whose in [whose, ALTOGETHER] {
        match what {
            What::Units => add(sums, whose, "unitsRefunded", left),
            What::Money(currency) => {
                add(sums, whose, &format!("revenue.{currency}"), -left);
                add(sums, whose, &format!("refunded.{currency}"), left);
            }
            What::Profit(currency) => add(sums, whose, &format!("profit.{currency}"), -left),
            What::UnitsWithProfit(_) => add(sums, whose, "profitKnownUnits", -left),
            What::Value(_) => {}
        }
    }
}
