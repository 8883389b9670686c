//! What items cost the shop, from a file, for events that name no profit.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use events::{Currency, Money};
use serde::Deserialize;

/// Costs of a unit by item id. Empty if there is no list.
#[derive(Debug, Default)]
pub(crate) struct CostList(BTreeMap<String, Money>);

/// Why a cost list can't be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CostListError {
    /// The file can't be read.
    #[error("can't read the cost list {}: {reason}", path.display())]
    Unreadable { path: PathBuf, reason: String },
    /// The file is not of the right form.
    #[error(
        "the cost list {} is not valid: {reason}; write each item as ITEM_ID: {{ cost: \"1.50\", currency: EUR }}",
        path.display()
    )]
    Invalid { path: PathBuf, reason: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    cost: serde_json::Value,
    currency: String,
}

impl CostList {
    /// Reads the file.
    pub(crate) fn load(path: &Path) -> Result<Self, CostListError> {
        let text = std::fs::read_to_string(path).map_err(|error| CostListError::Unreadable {
            path: path.into(),
            reason: error.to_string(),
        })?;
        Self::parse(&text).map_err(|reason| CostListError::Invalid {
            path: path.into(),
            reason,
        })
    }

    fn parse(text: &str) -> Result<Self, String> {
        let entries: BTreeMap<String, Entry> =
            serde_saphyr::from_str(text).map_err(|error| error.to_string())?;
        let cost = |(id, entry): (String, Entry)| {
            let cost = Currency::parse(&entry.currency)
                .map_err(|error| error.to_string())
                .and_then(|currency| {
                    Money::from_json(&entry.cost, currency).map_err(|error| error.to_string())
                });
            match cost {
                Ok(cost) => Ok((id, cost)),
                Err(reason) => Err(format!("{id}: {reason}")),
            }
        };
        entries
            .into_iter()
            .map(cost)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Price less cost; `None` if the list doesn't have the item in the price's currency.
    pub(crate) fn profit_per_unit(&self, item_id: &str, price: Money) -> Option<Money> {
        price.checked_sub(*self.0.get(item_id)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn euros(text: &str) -> Money {
        Money::parse(text, Currency::parse("EUR").expect("a currency")).expect("an amount")
    }

    #[test]
    fn profit_is_price_less_cost_in_the_same_currency_and_otherwise_unknown() {
        let list = CostList::parse(
            "LAMP-07: { cost: \"80.25\", currency: EUR }\n123: { cost: 0.1, currency: EUR }\nyen: { cost: 5, currency: JPY }\n",
        )
        .expect("a good list");
        assert_eq!(
            list.profit_per_unit("LAMP-07", euros("129.50")),
            Some(euros("49.25"))
        );
        assert_eq!(
            list.profit_per_unit("123", euros("0.30")),
            Some(euros("0.20"))
        );
        assert_eq!(list.profit_per_unit("yen", euros("9")), None);
        assert_eq!(list.profit_per_unit("other", euros("9")), None);
    }

    #[test]
    fn a_mistake_names_the_item_and_what_is_right() {
        for (text, expected) in [
            ("a: { cost: much, currency: EUR }", "a: not an amount"),
            ("a: { cost: \"1\", currency: EURO }", "ISO 4217"),
            ("a: { cost: \"1\", currency: EUR, tax: 1 }", "tax"),
            ("a: { currency: EUR }", "cost"),
        ] {
            let error = CostList::parse(text).expect_err(text);
            assert!(error.contains(expected), "{expected} is missing in {error}");
        }
    }
}
