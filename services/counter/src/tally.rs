//! From an event to what it adds. Pure.
//!
//! An item without an id is counted under its name, as far as that is kept. One without either is left out of the items;
//! its money is still in the order's value.

use events::{Item, Money, Received, Timestamp, items};
use store::tallies::{Counted, ItemDetails, ItemTally, OrderTally, Tally};

use crate::cost_list::CostList;

/// Units of one item in one event at most. All-time sums are never forgotten, so one absurd event must not fill them.
const MAX_QUANTITY: i64 = 1_000_000;
/// Units of currency of one amount at most.
const MAX_AMOUNT: u64 = 10_000_000_000;
const MICROS: u64 = 1_000_000;
/// Bytes of an item's name, category and brand that are kept, as many as an id may have. Every reader is shown them, and
/// some requests of strangers with a megabyte each would fill documents, memories and the page.
const MAX_TEXT_BYTES: usize = 1_500;

/// What the event adds; `None` if its type is not counted. `expires` is when its marker may be forgotten. An error
/// says what is wrong with the event, for its dead letter.
pub(crate) fn tally_of(
    received: &Received,
    costs: &CostList,
    expires: Timestamp,
) -> Result<Option<Tally>, String> {
    let update = &received.update;
    let Some(counted) = update.event_type.as_deref().and_then(Counted::parse) else {
        return Ok(None);
    };
    let at = update.event_time();
    let event_items = items(update);
    let tallies: Result<Vec<_>, String> = event_items
        .iter()
        .filter_map(|item| item_tally(item, counted, at, costs).transpose())
        .collect();
    Ok(Some(Tally {
        identity: received.identity.as_str().to_owned(),
        counted,
        at,
        expires,
        items: tallies?,
        order: order_tally(received, counted, !event_items.is_empty())?,
    }))
}

fn item_tally(
    item: &Item,
    counted: Counted,
    at: Timestamp,
    costs: &CostList,
) -> Result<Option<ItemTally>, String> {
    let named = item.item_id.as_deref().or(item.item_name.as_deref());
    let Some(item_id) = named.map(shortened) else {
        return Ok(None);
    };
    if item.quantity > MAX_QUANTITY {
        return Err(format!(
            "an item's quantity is too large to be counted: at most {MAX_QUANTITY}"
        ));
    }
    check_amount("an item's price", item.price)?;
    let too_large =
        |error: events::MoneyError| format!("an item's money can't be counted: {error}");
    let moves_money = matches!(counted, Counted::Purchase | Counted::Refund);
    let (mut revenue, mut profit) = (None, None);
    if moves_money {
        revenue = item.total().transpose().map_err(too_large)?;
        let listed = || costs.profit_per_unit(&item_id, item.price?);
        profit = item
            .profit
            .or_else(listed)
            .map(|unit| unit.checked_mul_quantity(item.quantity))
            .transpose()
            .map_err(too_large)?;
        check_amount("an item's revenue", revenue)?;
        check_amount("an item's profit", profit)?;
    }
    Ok(Some(ItemTally {
        item_id,
        details: ItemDetails {
            name: item.item_name.as_deref().map(shortened),
            category: item.item_category.as_deref().map(shortened),
            brand: item.item_brand.as_deref().map(shortened),
            price: item.price,
            at: Some(at),
        },
        // Some shops send what leaves a cart as a negative quantity of another event; no unit is ever less than none.
        quantity: item.quantity.max(0),
        revenue,
        profit,
    }))
}

fn shortened(text: &str) -> String {
    text[..text.floor_char_boundary(MAX_TEXT_BYTES)].to_owned()
}

fn order_tally(
    received: &Received,
    counted: Counted,
    has_items: bool,
) -> Result<Option<OrderTally>, String> {
    let transaction = received
        .update
        .data
        .get("transactionId")
        .and_then(|id| id.as_str())
        .filter(|id| !id.trim().is_empty())
        .map(str::to_owned);
    let value = received.value;
    if matches!(counted, Counted::Purchase | Counted::Refund) {
        check_amount("the order's value", value)?;
    }
    Ok(match counted {
        Counted::Purchase => Some(OrderTally::Purchase { transaction, value }),
        Counted::Refund => {
            let value = value.map(positive).transpose()?;
            Some(match transaction {
                Some(transaction) if !has_items => OrderTally::RefundOfOrder { transaction, value },
                // Without items and order, its value is all that is known of it.
                transaction => OrderTally::RefundOfItems { transaction, value },
            })
        }
        _ => None,
    })
}

/// An error if it is too far above or below zero to be added up.
fn check_amount(what: &str, amount: Option<Money>) -> Result<(), String> {
    match amount {
        Some(amount) if amount.micros().unsigned_abs() > MAX_AMOUNT * MICROS => Err(format!(
            "{what} is too large to be counted: at most {MAX_AMOUNT} of a currency"
        )),
        _ => Ok(()),
    }
}

/// Some senders write a refund's value below zero, others above; it means the same.
fn positive(value: Money) -> Result<Money, String> {
    let micros = value
        .micros()
        .checked_abs()
        .ok_or("the refund's value is too large to be counted")?;
    Ok(Money::from_micros(micros, value.currency()))
}

#[cfg(test)]
mod tests;
