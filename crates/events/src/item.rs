//! The things an event is about, as the counter reads them, and what they are worth together.

use serde_json::{Map, Value};

use crate::decimal::Decimal;
use crate::json_text::identifier_text;
use crate::{BackendUpdate, Currency, Money, MoneyError};

/// One line of a basket. Its price and profit are for one piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The shop's id; `None` when the sender gave none.
    pub item_id: Option<String>,
    /// What people call it.
    pub item_name: Option<String>,
    /// The shop's category.
    pub item_category: Option<String>,
    /// The maker.
    pub item_brand: Option<String>,
    /// What one costs.
    pub price: Option<Money>,
    /// How many; 1 when the sender did not say.
    pub quantity: i64,
    /// What the shop earns on one; unknown is not zero.
    pub profit: Option<Money>,
    /// Its own currency, else the event's, else [`Currency::NONE`].
    pub currency: Currency,
}

impl Item {
    /// Price times quantity; `None` without a price.
    pub fn total(&self) -> Option<Result<Money, MoneyError>> {
        Some(self.price?.checked_mul_quantity(self.quantity))
    }

    fn from_json(item: &Map<String, Value>, event_currency: Currency) -> Self {
        let currency = currency_of(item).unwrap_or(event_currency);
        let text = |key: &str| {
            item.get(key)
                .and_then(identifier_text)
                .filter(|text| !text.trim().is_empty())
        };
        let money = |key: &str| Money::from_json(item.get(key)?, currency).ok();
        Self {
            item_id: text("item_id"),
            item_name: text("item_name"),
            item_category: text("item_category"),
            item_brand: text("item_brand"),
            price: money("price"),
            quantity: quantity_of(item),
            profit: money("profit"),
            currency,
        }
    }
}

/// The items of an event. Everything [`crate::from_publisher`] and [`crate::read_message`] check is readable here; in
/// event types they do not know, what can't be read is absent, and a quantity that can't be read is 0, so that
/// nothing is made up.
pub fn items(update: &BackendUpdate) -> Vec<Item> {
    items_of(&update.data)
}

fn items_of(data: &Map<String, Value>) -> Vec<Item> {
    let event_currency = currency_of(data).unwrap_or(Currency::NONE);
    let items = data.get("items").and_then(Value::as_array);
    let objects = items.into_iter().flatten().filter_map(Value::as_object);
    objects
        .map(|item| Item::from_json(item, event_currency))
        .collect()
}

/// See [`BackendUpdate::value_at_stake`].
pub(crate) fn value_at_stake(data: &Map<String, Value>) -> Option<Money> {
    let items = items_of(data);
    if let Some(value) = data.get("value") {
        let currency = currency_of(data)
            .or_else(|| common_currency(&items))
            .unwrap_or(Currency::NONE);
        if let Ok(money) = Money::from_json(value, currency) {
            return Some(money);
        }
    }
    let mut totals = items.iter().filter_map(Item::total);
    let first = totals.next()?.ok()?;
    totals.try_fold(first, |sum, total| sum.checked_add(total.ok()?).ok())
}

fn common_currency(items: &[Item]) -> Option<Currency> {
    let currency = items.first()?.currency;
    items
        .iter()
        .all(|item| item.currency == currency)
        .then_some(currency)
}

fn currency_of(map: &Map<String, Value>) -> Option<Currency> {
    Currency::parse(map.get("currency")?.as_str()?).ok()
}

fn quantity_of(item: &Map<String, Value>) -> i64 {
    let decimal = match item.get("quantity") {
        None | Some(Value::Null) => return 1,
        Some(Value::Number(number)) => Decimal::from_number(number),
        Some(Value::String(text)) => Decimal::parse(text),
        Some(_) => None,
    };
    decimal.and_then(|decimal| decimal.to_whole()).unwrap_or(0)
}
