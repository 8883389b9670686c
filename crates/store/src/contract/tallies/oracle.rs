//! What the figures must be: worked out from all events at once, in 128 bits, step by step and with none of the
//! product's rules.

use std::collections::{BTreeMap, BTreeSet};

use events::{Currency, Money, Timestamp};

use crate::tallies::{
    Counted, Figures, ItemDetails, ItemFigures, MoneyFigures, OrderFigures, OrderMoney, OrderTally,
    Range, Resolution, Sums, Tally, Totals,
};

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

type Ledger = BTreeMap<(Option<String>, Number), i128>;

/// The sums over all that `arrived`, in that order, repetitions included.
pub(super) fn sums(arrived: &[Tally], range: Range) -> Sums {
    let distinct = distinct(arrived);
    let mut ledger = Ledger::new();
    for tally in &distinct {
        match &tally.order {
            Some(OrderTally::RefundOfOrder { transaction, value }) => {
                if is_first_refund(&distinct, tally, transaction) && within(range, tally.at) {
                    refund_order(&mut ledger, &distinct, tally, transaction, *value);
                }
            }
            _ if within(range, tally.at) => add_event(&mut ledger, tally),
            _ => {}
        }
    }
    let ids: BTreeSet<String> = ledger.keys().filter_map(|(item, _)| item.clone()).collect();
    let items = ids.into_iter().map(|item_id| ItemFigures {
        details: details(&distinct, &item_id),
        figures: figures(&ledger, Some(&item_id)),
        item_id,
    });
    Sums {
        items: items.collect(),
        totals: Totals {
            items: figures(&ledger, None),
            orders: orders(&ledger),
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

fn is_first_refund(distinct: &[&Tally], tally: &Tally, transaction: &str) -> bool {
    let first = distinct.iter().find(|other| {
        matches!(&other.order, Some(OrderTally::RefundOfOrder { transaction: of, .. }) if of == transaction)
    });
    first.is_some_and(|first| first.identity == tally.identity)
}

fn book(ledger: &mut Ledger, item: Option<&str>, number: Number, more: i128) {
    *ledger.entry((item.map(str::to_owned), number)).or_default() += more;
}

fn book_both(ledger: &mut Ledger, item: &str, number: Number, more: i128) {
    book(ledger, Some(item), number.clone(), more);
    book(ledger, None, number, more);
}

fn add_event(ledger: &mut Ledger, tally: &Tally) {
    let kind = tally.counted;
    book(ledger, None, Number::Events(kind), 1);
    let ids: BTreeSet<&str> = tally
        .items
        .iter()
        .map(|line| line.item_id.as_str())
        .collect();
    for id in ids {
        book(ledger, Some(id), Number::Events(kind), 1);
    }
    let sign = if kind == Counted::Refund { -1 } else { 1 };
    for line in &tally.items {
        let (id, quantity) = (line.item_id.as_str(), i128::from(line.quantity));
        book_both(ledger, id, Number::Units(kind), quantity);
        if kind != Counted::Purchase && kind != Counted::Refund {
            continue;
        }
        if let Some(revenue) = line.revenue {
            let number = match kind {
                Counted::Refund => Number::Refunded(revenue.currency()),
                _ => Number::Sold(revenue.currency()),
            };
            book_both(ledger, id, number, micros(revenue));
        }
        if let Some(profit) = line.profit {
            let currency = profit.currency();
            book_both(ledger, id, Number::Profit(currency), sign * micros(profit));
            book_both(ledger, id, Number::ProfitUnits(currency), sign * quantity);
        }
    }
    match &tally.order {
        Some(OrderTally::Purchase { value, .. }) => {
            book(ledger, None, Number::Orders, 1);
            if let Some(value) = value {
                book(
                    ledger,
                    None,
                    Number::OrderSold(value.currency()),
                    micros(*value),
                );
            }
        }
        Some(OrderTally::RefundOfItems { value }) => {
            book(ledger, None, Number::Refunds, 1);
            if let Some(value) = value {
                book(
                    ledger,
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

/// What the transaction's purchases put in comes out, whenever they arrived: those before the refund, or the first
/// after it.
fn refund_order(
    ledger: &mut Ledger,
    distinct: &[&Tally],
    refund: &Tally,
    transaction: &str,
    value: Option<Money>,
) {
    let is_purchase = |tally: &Tally| matches!(&tally.order, Some(OrderTally::Purchase { transaction: Some(of), .. }) if of == transaction);
    let refund_place = distinct
        .iter()
        .position(|tally| tally.identity == refund.identity)
        .expect("the refund arrived");
    let (before, after) = distinct.split_at(refund_place);
    let mut purchases: Vec<&Tally> = before
        .iter()
        .copied()
        .filter(|tally| is_purchase(tally))
        .collect();
    if purchases.is_empty() {
        purchases = after
            .iter()
            .copied()
            .filter(|tally| is_purchase(tally))
            .take(1)
            .collect();
    }
    book(ledger, None, Number::Events(Counted::Refund), 1);
    book(ledger, None, Number::Refunds, 1);
    if purchases.is_empty() {
        book(ledger, None, Number::Unallocated, 1);
        if let Some(value) = value {
            book(
                ledger,
                None,
                Number::OrderUnallocated(value.currency()),
                micros(value),
            );
        }
        return;
    }
    let mut ids = BTreeSet::new();
    for purchase in purchases {
        for line in &purchase.items {
            let (id, quantity) = (line.item_id.as_str(), i128::from(line.quantity));
            ids.insert(id);
            book_both(ledger, id, Number::Units(Counted::Refund), quantity);
            if let Some(revenue) = line.revenue {
                book_both(
                    ledger,
                    id,
                    Number::Refunded(revenue.currency()),
                    micros(revenue),
                );
            }
            if let Some(profit) = line.profit {
                book_both(
                    ledger,
                    id,
                    Number::Profit(profit.currency()),
                    -micros(profit),
                );
                book_both(
                    ledger,
                    id,
                    Number::ProfitUnits(profit.currency()),
                    -quantity,
                );
            }
        }
        if let Some(OrderTally::Purchase {
            value: Some(value), ..
        }) = &purchase.order
        {
            book(
                ledger,
                None,
                Number::OrderRefunded(value.currency()),
                micros(*value),
            );
        }
    }
    for id in ids {
        book(ledger, Some(id), Number::Events(Counted::Refund), 1);
    }
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

fn numbers<'a>(
    ledger: &'a Ledger,
    item: Option<&'a str>,
) -> impl Iterator<Item = (&'a Number, i64)> {
    ledger
        .iter()
        .filter(move |((of, _), sum)| of.as_deref() == item && **sum != 0)
        .map(|((_, number), sum)| (number, i64::try_from(*sum).expect("a small shop")))
}

fn figures(ledger: &Ledger, item: Option<&str>) -> Figures {
    let mut figures = Figures::default();
    let mut money: BTreeMap<Currency, MoneyFigures> = BTreeMap::new();
    for (number, sum) in numbers(ledger, item) {
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

fn orders(ledger: &Ledger) -> OrderFigures {
    let mut figures = OrderFigures::default();
    let mut money: BTreeMap<Currency, OrderMoney> = BTreeMap::new();
    for (number, sum) in numbers(ledger, None) {
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
