//! The `items` of an event: an array of objects, however it was sent, each with a quantity.

use serde_json::{Map, Value};

use super::field::{self, Kind, Sign};
use crate::json_text::{MAX_DEPTH, array_from_text, remove_null};
use crate::validation::Checker;
use crate::{Currency, Money};

/// Items stand in `data`, which stands in the event.
const DEPTH_ABOVE_ITEMS: usize = 2;

const TEXTS: [(&str, Kind); 9] = [
    ("item_id", Kind::Identifier),
    ("item_name", Kind::Text),
    ("item_brand", Kind::Text),
    ("item_category", Kind::Text),
    ("item_variant", Kind::Text),
    ("coupon", Kind::Text),
    ("promotion_id", Kind::Identifier),
    ("promotion_name", Kind::Text),
    ("currency", Kind::Currency),
];

/// Puts `data.items` right in place: JSON text becomes an array, each item's fields are normalised.
pub(super) fn normalise(data: &mut Map<String, Value>, sign: Sign, checker: &mut Checker) {
    remove_null(data, "items");
    let Some(value) = data.get_mut("items") else {
        return;
    };
    if let Value::String(text) = value
        && let Some(items) = array_from_text(text, MAX_DEPTH - DEPTH_ABOVE_ITEMS)
    {
        *value = Value::Array(items);
    }
    let Value::Array(items) = value else {
        return checker.report("/data/items", "must be an array of items");
    };
    if items.len() > checker.limits.max_items {
        let most = checker.limits.max_items;
        return checker.report(
            "/data/items",
            format!("must have at most {most} items; send the rest as another event"),
        );
    }
    let mut sum = Some(0_i64);
    for (index, item) in items.iter_mut().enumerate() {
        let pointer = format!("/data/items/{index}");
        match item {
            Value::Object(item) => {
                let total = normalise_item(item, sign, &pointer, checker);
                sum = sum.and_then(|sum| sum.checked_add(total));
            }
            _ => checker.report(
                pointer,
                "must be an object with item_id, price and quantity",
            ),
        }
    }
    if sum.is_none() {
        checker.report(
            "/data/items",
            "must together cost at most 9223372036854.775807",
        );
    }
}

/// The micros the line adds to the sum; 0 for a line that was reported or has no price.
fn normalise_item(
    item: &mut Map<String, Value>,
    sign: Sign,
    pointer: &str,
    checker: &mut Checker,
) -> i64 {
    for (key, kind) in TEXTS {
        field::normalise(item, key, kind, pointer, checker);
    }
    for key in ["profit", "discount"] {
        field::normalise(item, key, Kind::Amount(Sign::Any), pointer, checker);
    }
    let price_is_right = field::normalise(item, "price", Kind::Amount(sign), pointer, checker);
    remove_null(item, "quantity");
    item.entry("quantity").or_insert_with(|| 1.into());
    let quantity_is_right =
        field::normalise(item, "quantity", Kind::Quantity(sign), pointer, checker);
    if !(price_is_right && quantity_is_right) {
        return 0;
    }
    // The currency does not matter to whether the product fits.
    let price = item
        .get("price")
        .and_then(|price| Money::from_json(price, Currency::NONE).ok());
    let Some((price, quantity)) = price.zip(item.get("quantity").and_then(Value::as_i64)) else {
        return 0;
    };
    match price.checked_mul_quantity(quantity) {
        Ok(total) => total.micros(),
        Err(_) => {
            checker.report(
                format!("{pointer}/quantity"),
                "times price must be at most 9223372036854.775807",
            );
            0
        }
    }
}
