//! Events for the tests, put together like sentences.

use std::time::Duration;

use events::{Currency, Money, Timestamp};

use crate::tallies::{Counted, ItemDetails, ItemTally, OrderTally, Tally};

/// The beginning of a quarter of an hour.
pub(super) const START: Timestamp = Timestamp::from_millis(1_764_060_300_000);

/// The beginning of the n-th minute after [`START`].
pub(super) fn minute(number: i64) -> Timestamp {
    Timestamp::from_millis(START.millis() + number * 60_000)
}

/// Such as `money("12.50 EUR")`.
pub(super) fn money(text: &str) -> Money {
    let (amount, currency) = text.split_once(' ').expect("an amount and a currency");
    let currency = Currency::parse(currency).expect("a currency");
    Money::parse(amount, currency).expect("an amount")
}

/// So many of an item, with a revenue for all of them.
pub(super) fn line(item_id: &str, quantity: i64, revenue: Option<&str>) -> ItemTally {
    ItemTally {
        item_id: item_id.to_owned(),
        details: ItemDetails::default(),
        quantity,
        revenue: revenue.map(money),
        profit: None,
    }
}

pub(super) fn with_profit(line: ItemTally, profit: &str) -> ItemTally {
    ItemTally {
        profit: Some(money(profit)),
        ..line
    }
}

pub(super) fn event(counted: Counted, name: &str, at: Timestamp, items: Vec<ItemTally>) -> Tally {
    Tally {
        identity: format!("{}:{name}", counted.name()),
        counted,
        at,
        expires: at.plus(Duration::from_secs(45 * 24 * 60 * 60)),
        items,
        order: None,
    }
}

/// The purchase of transaction `name`.
pub(super) fn purchase(
    name: &str,
    at: Timestamp,
    value: Option<&str>,
    items: Vec<ItemTally>,
) -> Tally {
    Tally {
        order: Some(OrderTally::Purchase {
            transaction: Some(name.to_owned()),
            value: value.map(money),
        }),
        ..event(Counted::Purchase, name, at, items)
    }
}

/// The refund `name` of some items of no order in particular.
pub(super) fn refund_of_items(
    name: &str,
    at: Timestamp,
    value: Option<&str>,
    items: Vec<ItemTally>,
) -> Tally {
    Tally {
        order: Some(OrderTally::RefundOfItems {
            transaction: None,
            value: value.map(money),
        }),
        ..event(Counted::Refund, name, at, items)
    }
}

/// The same event, that says which order it is about.
pub(super) fn of_order(transaction: &str, refund: Tally) -> Tally {
    let Some(OrderTally::RefundOfItems { value, .. }) = refund.order else {
        panic!("{} is no refund of items", refund.identity);
    };
    Tally {
        order: Some(OrderTally::RefundOfItems {
            transaction: Some(transaction.to_owned()),
            value,
        }),
        ..refund
    }
}

/// The refund `name` of all of a transaction.
pub(super) fn refund_of_order(
    name: &str,
    at: Timestamp,
    transaction: &str,
    value: Option<&str>,
) -> Tally {
    Tally {
        order: Some(OrderTally::RefundOfOrder {
            transaction: transaction.to_owned(),
            value: value.map(money),
        }),
        ..event(Counted::Refund, name, at, Vec::new())
    }
}
