//! The oracle's numbers in the shape of figures.

use std::collections::BTreeMap;

use events::Currency;

use super::{Book, Number};
use crate::tallies::{Figures, MoneyFigures, OrderFigures, OrderMoney};

fn numbers<'a>(book: &'a Book, item: Option<&'a str>) -> impl Iterator<Item = (&'a Number, i64)> {
    book.iter()
        .filter(move |((of, _), sum)| of.as_deref() == item && **sum != 0)
        .map(|((_, number), sum)| (number, i64::try_from(*sum).expect("a small shop")))
}

pub(super) fn figures(book: &Book, item: Option<&str>) -> Figures {
    let mut figures = Figures::default();
    let mut money: BTreeMap<Currency, MoneyFigures> = BTreeMap::new();
    for (number, sum) in numbers(book, item) {
        match number {
            Number::Events(kind) => drop(figures.events.insert(*kind, sum)),
            Number::Units(kind) => drop(figures.units.insert(*kind, sum)),
            Number::Sold(currency) => money.entry(*currency).or_default().sold_micros = sum,
            Number::Refunded(currency) => money.entry(*currency).or_default().refunded_micros = sum,
            Number::Profit(currency) => money.entry(*currency).or_default().profit_micros = sum,
            Number::ProfitUnits(currency) => money.entry(*currency).or_default().profit_units = sum,
            _ => {}
        }
    }
    Figures { money, ..figures }
}

pub(super) fn orders(book: &Book) -> OrderFigures {
    let mut figures = OrderFigures::default();
    let mut money: BTreeMap<Currency, OrderMoney> = BTreeMap::new();
    for (number, sum) in numbers(book, None) {
        match number {
            Number::Orders => figures.orders = sum,
            Number::Refunds => figures.refunds = sum,
            Number::Unallocated => figures.unallocated_refunds = sum,
            Number::OrderSold(currency) => money.entry(*currency).or_default().sold_micros = sum,
            Number::OrderRefunded(currency) => {
                money.entry(*currency).or_default().refunded_micros = sum;
            }
            Number::OrderUnallocated(currency) => {
                money.entry(*currency).or_default().unallocated_micros = sum;
            }
            _ => {}
        }
    }
    OrderFigures { money, ..figures }
}
