//! What is known about each event type's data: which keys are amounts, identifiers, times and flags. A view puts right
//! what real traffic gets wrong (numbers as text, `null`, old key names) and reports what can't be put right. Keys and event
//! types that no view names pass untouched.

pub(crate) mod field;
mod items;

use serde_json::{Map, Value};

use crate::json_text::{identifier_text, is_blank, remove_null};
use crate::validation::Checker;
use field::{Kind, Sign};

/// The typed keys of one event type's data, and what its items' prices and quantities may be, if it has items.
struct View {
    fields: &'static [(&'static str, Kind)],
    items: Option<Sign>,
}

const PURCHASE: View = View {
    fields: &[
        ("transactionId", Kind::Identifier),
        ("value", Kind::Amount(Sign::NotNegative)),
        ("tax", Kind::Amount(Sign::Any)),
        ("shipping", Kind::Amount(Sign::Any)),
        ("discount", Kind::Amount(Sign::Any)),
        ("currency", Kind::Currency),
        ("coupon", Kind::Text),
        ("loyaltyTier", Kind::Text),
        ("customerSegment", Kind::Text),
    ],
    items: Some(Sign::NotNegative),
};

const REFUND: View = View {
    fields: &[
        ("transactionId", Kind::Identifier),
        ("value", Kind::Amount(Sign::Any)),
        ("tax", Kind::Amount(Sign::Any)),
        ("shipping", Kind::Amount(Sign::Any)),
        ("currency", Kind::Currency),
        ("coupon", Kind::Text),
    ],
    items: Some(Sign::NotNegative),
};

/// Looking and carting, and what a message on a topic of its own may be when nothing names its type.
const BROWSING: View = View {
    fields: &[
        ("transactionId", Kind::Identifier),
        ("value", Kind::Amount(Sign::Any)),
        ("currency", Kind::Currency),
        ("coupon", Kind::Text),
    ],
    items: Some(Sign::Any),
};

const GENERATE_LEAD: View = View {
    fields: &[
        ("leadSource", Kind::Text),
        ("leadMedium", Kind::Text),
        ("leadFormId", Kind::Identifier),
        ("emailHashed", Kind::Text),
        ("value", Kind::Amount(Sign::Any)),
        ("currency", Kind::Currency),
    ],
    items: None,
};

const USER_LOGIN: View = View {
    fields: &[
        ("loginMethod", Kind::Text),
        ("isFirstLogin", Kind::Flag),
        ("lastLoginTimestamp", Kind::Moment),
    ],
    items: None,
};

const LOW_STOCK: View = View {
    fields: &[
        ("sku", Kind::Identifier),
        ("stock", Kind::Number),
        ("threshold", Kind::Number),
        ("location_id", Kind::Identifier),
        ("transactionId", Kind::Identifier),
    ],
    items: None,
};

const PROMOTION: View = View {
    fields: &[
        ("transactionId", Kind::Identifier),
        ("item_promotion", Kind::Text),
        ("promotion_id", Kind::Identifier),
        ("promotion_name", Kind::Text),
        ("coupon", Kind::Text),
        ("discount", Kind::Amount(Sign::Any)),
        ("value", Kind::Amount(Sign::Any)),
        ("currency", Kind::Currency),
        ("item_id", Kind::Identifier),
    ],
    items: Some(Sign::Any),
};

fn view_of(event_type: &str) -> Option<&'static View> {
    match event_type {
        "purchase" => Some(&PURCHASE),
        "refund" => Some(&REFUND),
        "generate_lead" => Some(&GENERATE_LEAD),
        "user_login" => Some(&USER_LOGIN),
        "view_item" | "add_to_cart" | "remove_from_cart" | "begin_checkout" => Some(&BROWSING),
        "LowStock" => Some(&LOW_STOCK),
        "promotion" => Some(&PROMOTION),
        _ => None,
    }
}

/// Normalises `data` in place and reports what can't be put right. Without an event type nobody knows what the keys
/// mean: items and amounts are put right where that is possible, and nothing is refused.
pub(crate) fn normalise(
    event_type: Option<&str>,
    data: &mut Map<String, Value>,
    checker: &mut Checker,
) {
    match event_type.map(view_of) {
        Some(Some(view)) => view.normalise(data, checker),
        Some(None) => {}
        None => BROWSING.normalise(data, &mut Checker::new(checker.limits)),
    }
}

impl View {
    fn normalise(&self, data: &mut Map<String, Value>, checker: &mut Checker) {
        for (key, kind) in self.fields {
            match *key {
                "transactionId" => rename_transaction_id(data, checker),
                "value" => rename_transaction_value(data, *kind, checker),
                _ => {}
            }
            field::normalise(data, key, *kind, "/data", checker);
        }
        if let Some(sign) = self.items {
            items::normalise(data, sign, checker);
        }
    }
}

/// GA4 and Hermes say `transaction_id`.
fn rename_transaction_id(data: &mut Map<String, Value>, checker: &mut Checker) {
    const OLD: &str = "transaction_id";
    const NEW: &str = "transactionId";
    if !field::normalise(data, OLD, Kind::Identifier, "/data", checker) {
        return;
    }
    match data.get(NEW).filter(|value| !is_blank(value)) {
        None => rename(data, OLD, NEW),
        Some(new) => {
            let old = data.get(OLD).filter(|value| !is_blank(value));
            if old.is_some_and(|old| identifier_text(old) != identifier_text(new)) {
                checker.report(
                    format!("/data/{OLD}"),
                    "must be the same as transactionId, or be left out",
                );
            }
        }
    }
}

/// Hermes' article says `transaction_value`.
fn rename_transaction_value(data: &mut Map<String, Value>, kind: Kind, checker: &mut Checker) {
    const OLD: &str = "transaction_value";
    remove_null(data, "value");
    if !data.contains_key("value") && field::normalise(data, OLD, kind, "/data", checker) {
        rename(data, OLD, "value");
    }
}

fn rename(data: &mut Map<String, Value>, old: &str, new: &str) {
    if let Some(value) = data.remove(old) {
        data.insert(new.to_owned(), value);
    }
}
