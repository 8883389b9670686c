//! What the figures must be: worked out from all events at once, in 128 bits, step by step and with none of the
//! product's rules.

mod reading;
mod whole;

use std::collections::{BTreeMap, BTreeSet};

use events::{Currency, Money, Timestamp};

use crate::tallies::{
    Counted, ItemDetails, ItemFigures, OrderTally, Range, Resolution, Sums, Tally, Totals,
};
use reading::{figures, orders};

/// One number of one item, or of everything where there is no item.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Number {
    Events(Counted),
    Units(Counted),
    Sold(Currency),
    Refunded(Currency),
    Profit(Currency),
    ProfitUnits(Currency),
    Orders,
    Refunds,
    Unallocated,
    OrderSold(Currency),
    OrderRefunded(Currency),
    OrderUnallocated(Currency),
}

type Book = BTreeMap<(Option<String>, Number), i128>;

/// The sums over all that `arrived`, repetitions included; the order in which it did is of no importance. Items are in
/// the order of their ids. Panics where a sum needs more than 64 bits.
pub fn sums(arrived: &[Tally], range: Range) -> Sums {
    let distinct = distinct(arrived);
    let mut book = Book::new();
    for tally in &distinct {
        if !within(range, tally.at) {
            continue;
        }
        if matches!(tally.order, Some(OrderTally::RefundOfOrder { .. })) {
            whole::refund(&mut book, &distinct, tally);
        } else {
            add_event(&mut book, tally);
        }
    }
    let ids: BTreeSet<String> = book.keys().filter_map(|(item, _)| item.clone()).collect();
    let items = ids.into_iter().map(|item_id| ItemFigures {
        details: details(&distinct, &item_id),
        figures: figures(&book, Some(&item_id)),
        item_id,
    });
    Sums {
        items: items.collect(),
        totals: Totals {
            items: figures(&book, None),
            orders: orders(&book),
        },
    }
}

fn distinct(arrived: &[Tally]) -> Vec<&Tally> {
    let mut seen = BTreeSet::new();
    arrived
        .iter()
        .filter(|tally| seen.insert(&tally.identity))
        .collect()
}

fn within(range: Range, at: Timestamp) -> bool {
    let step = match range.resolution {
        Resolution::Minute => 60_000,
        Resolution::Quarter => 900_000,
        Resolution::AllTime => return true,
    };
    let start = at.millis() - at.millis().rem_euclid(step);
    range.from.millis() <= start && start < range.to.millis()
}

fn enter(book: &mut Book, item: Option<&str>, number: Number, more: i128) {
    *book.entry((item.map(str::to_owned), number)).or_default() += more;
}

fn bookboth(book: &mut Book, item: &str, number: Number, more: i128) {
    enter(book, Some(item), number.clone(), more);
    enter(book, None, number, more);
}

fn add_event(book: &mut Book, tally: &Tally) {
    let kind = tally.counted;
    enter(book, None, Number::Events(kind), 1);
    let ids: BTreeSet<&str> = tally
        .items
        .iter()
        .map(|line| line.item_id.as_str())
        .collect();
    for id in ids {
        enter(book, Some(id), Number::Events(kind), 1);
    }
    let sign = if kind == Counted::Refund { -1 } else { 1 };
    for line in &tally.items {
        let (id, quantity) = (line.item_id.as_str(), i128::from(line.quantity));
        bookboth(book, id, Number::Units(kind), quantity);
        if kind != Counted::Purchase && kind != Counted::Refund {
            continue;
        }
        if let Some(revenue) = line.revenue {
            let number = match kind {
                Counted::Refund => Number::Refunded(revenue.currency()),
                _ => Number::Sold(revenue.currency()),
            };
            bookboth(book, id, number, micros(revenue));
        }
        if let Some(profit) = line.profit {
            let currency = profit.currency();
            bookboth(book, id, Number::Profit(currency), sign * micros(profit));
            bookboth(book, id, Number::ProfitUnits(currency), sign * quantity);
        }
    }
    match &tally.order {
        Some(OrderTally::Purchase { value, .. }) => {
            enter(book, None, Number::Orders, 1);
            if let Some(value) = value {
                enter(
                    book,
                    None,
                    Number::OrderSold(value.currency()),
                    micros(*value),
                );
            }
        }
        Some(OrderTally::RefundOfItems { value, .. }) => {
            enter(book, None, Number::Refunds, 1);
            if let Some(value) = value {
                enter(
                    book,
                    None,
                    Number::OrderRefunded(value.currency()),
                    micros(*value),
                );
            }
        }
        Some(OrderTally::RefundOfOrder { .. }) | None => {}
    }
}

fn micros(money: Money) -> i128 {
    i128::from(money.micros())
}

fn details(distinct: &[&Tally], item_id: &str) -> ItemDetails {
    let mut by_time = distinct.to_vec();
    by_time.sort_by_key(|tally| (tally.at, tally.identity.clone()));
    let mut shown = ItemDetails::default();
    for tally in by_time {
        // From the last line to the first, so that of one event the first line has the last word.
        for line in tally
            .items
            .iter()
            .rev()
            .filter(|line| line.item_id == item_id)
        {
            let said = line.details.clone();
            if said != ItemDetails::default() {
                shown.at = Some(tally.at);
            }
            shown.name = said.name.or(shown.name);
            shown.category = said.category.or(shown.category);
            shown.brand = said.brand.or(shown.brand);
            shown.price = said.price.or(shown.price);
        }
    }
    shown
}
