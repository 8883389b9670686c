//! Refunds of whole orders: what is left of the order comes off.

use std::collections::{BTreeMap, BTreeSet};

use super::{Book, Number, bookboth, enter, micros};
use crate::tallies::{Counted, ItemTally, OrderTally, Tally};

/// Numbers of an order, by item; those of the order itself have none.
type Numbers<'a> = BTreeMap<(Option<&'a str>, Number), i128>;

/// Enters the refund, if it is the order's earliest.
pub(super) fn refund(book: &mut Book, distinct: &[&Tally], refund: &Tally) {
    let Some(OrderTally::RefundOfOrder { transaction, value }) = &refund.order else {
        return;
    };
    if !is_earliest(distinct, refund, transaction) {
        return;
    }
    enter(book, None, Number::Events(Counted::Refund), 1);
    enter(book, None, Number::Refunds, 1);
    let purchases: Vec<&Tally> = distinct
        .iter()
        .copied()
        .filter(|tally| matches!(&tally.order, Some(OrderTally::Purchase { transaction: Some(of), .. }) if of == transaction))
        .collect();
    if purchases.is_empty() {
        enter(book, None, Number::Unallocated, 1);
        if let Some(value) = value {
            let number = Number::OrderUnallocated(value.currency());
            enter(book, None, number, micros(*value));
        }
        return;
    }
    let returns = distinct
        .iter()
        .copied()
        .filter(|tally| matches!(&tally.order, Some(OrderTally::RefundOfItems { transaction: Some(of), .. }) if of == transaction));
    let returned = numbers(returns);
    for ((item, number), bought) in numbers(purchases.iter().copied()) {
        let back = returned.get(&(item, number.clone())).copied();
        let left = left(bought, back.unwrap_or_default());
        // What comes back is less profit; everything else is counted as refunded.
        match (item, &number) {
            (Some(item), Number::Profit(_) | Number::ProfitUnits(_)) => {
                bookboth(book, item, number, -left);
            }
            (Some(item), _) => bookboth(book, item, number, left),
            (None, _) => enter(book, None, number, left),
        }
    }
    let lines = purchases.iter().flat_map(|purchase| &purchase.items);
    let items: BTreeSet<&str> = lines.map(|line| line.item_id.as_str()).collect();
    for item in items {
        enter(book, Some(item), Number::Events(Counted::Refund), 1);
    }
}

fn is_earliest(distinct: &[&Tally], refund: &Tally, transaction: &str) -> bool {
    let same = distinct.iter().filter(|other| {
        matches!(&other.order, Some(OrderTally::RefundOfOrder { transaction: of, .. }) if of == transaction)
    });
    let earliest = same.min_by_key(|other| (other.at, value_of(other)));
    earliest.is_some_and(|earliest| earliest.identity == refund.identity)
}

fn value_of(refund: &Tally) -> Option<(String, i128)> {
    match &refund.order {
        Some(OrderTally::RefundOfOrder { value, .. }) => {
            value.map(|value| (value.currency().to_string(), micros(value)))
        }
        _ => None,
    }
}

/// As numbers of a refund, but all above zero, whether they were bought or came back.
fn numbers<'a>(events: impl Iterator<Item = &'a Tally>) -> Numbers<'a> {
    let mut sums = Numbers::new();
    for event in events {
        for line in &event.items {
            for (number, more) in numbers_of(line) {
                *sums.entry((Some(&line.item_id), number)).or_default() += more;
            }
        }
        if let Some(
            OrderTally::Purchase {
                value: Some(value), ..
            }
            | OrderTally::RefundOfItems {
                value: Some(value), ..
            },
        ) = &event.order
        {
            let number = Number::OrderRefunded(value.currency());
            *sums.entry((None, number)).or_default() += micros(*value);
        }
    }
    sums
}

fn numbers_of(line: &ItemTally) -> Vec<(Number, i128)> {
    let quantity = i128::from(line.quantity);
    let mut numbers = vec![(Number::Units(Counted::Refund), quantity)];
    if let Some(revenue) = line.revenue {
        numbers.push((Number::Refunded(revenue.currency()), micros(revenue)));
    }
    if let Some(profit) = line.profit {
        numbers.push((Number::Profit(profit.currency()), micros(profit)));
        numbers.push((Number::ProfitUnits(profit.currency()), quantity));
    }
    numbers
}

/// Between nothing and all that was bought, on whichever side of zero that is.
fn left(bought: i128, back: i128) -> i128 {
    match bought - back {
        rest if bought >= 0 => rest.clamp(0, bought),
        rest => rest.clamp(bought, 0),
    }
}
