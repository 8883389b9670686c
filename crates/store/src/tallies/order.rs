//! What is remembered of an order under its transaction, so that it can be refunded as a whole, before or after it is
//! known. How it is kept, as JSON or otherwise, is the backend's choice.

use std::collections::BTreeMap;

use events::{Currency, Money, Timestamp};
use serde::{Deserialize, Serialize};

use super::arithmetic::change;
use super::contribution::Contribution;
use super::{Counted, MoneyFigures, Overflow};

/// One transaction. The default is one that nothing is known of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderRecord {
    /// What its purchase added.
    pub bought: Option<Bought>,
    /// The refund of all of it.
    pub refund: Option<WholeRefund>,
    /// When it may be forgotten: the latest that any of its events names.
    pub expires: Timestamp,
}

/// A refund of a whole order; the first that came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WholeRefund {
    /// When it happened; what it takes off is taken off there.
    pub at: Timestamp,
    /// What it said itself, counted as unallocated as long as nothing was bought.
    pub value: Option<Money>,
}

/// What purchases added. There are several under one transaction only where they are told apart by their event ids.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Bought {
    /// By item id.
    pub items: BTreeMap<String, BoughtItem>,
    /// Order revenue in micros.
    pub value_micros: BTreeMap<Currency, i64>,
}

/// What purchases added to one item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BoughtItem {
    /// Units.
    pub units: i64,
    /// Item revenue and profit; nothing is refunded in it.
    pub money: BTreeMap<Currency, MoneyFigures>,
}

impl Bought {
    pub(super) fn of(purchase: &Contribution) -> Self {
        let item = |figures: &super::Figures| BoughtItem {
            units: figures
                .units
                .get(&Counted::Purchase)
                .copied()
                .unwrap_or_default(),
            money: figures.money.clone(),
        };
        Self {
            items: purchase
                .items
                .iter()
                .map(|(item_id, figures)| (item_id.clone(), item(figures)))
                .collect(),
            value_micros: purchase
                .totals
                .orders
                .money
                .iter()
                .map(|(currency, money)| (*currency, money.sold_micros))
                .collect(),
        }
    }

    /// Adds another purchase of the same transaction. After an error this is of no use any more.
    pub(super) fn add(&mut self, other: &Self) -> Result<(), Overflow> {
        for (item_id, more) in &other.items {
            let item = self.items.entry(item_id.clone()).or_default();
            change(&mut item.units, more.units, i64::checked_add, "units")?;
            for (currency, money) in &more.money {
                item.money.entry(*currency).or_default().add(money)?;
            }
        }
        for (currency, micros) in &other.value_micros {
            let sum = self.value_micros.entry(*currency).or_default();
            change(sum, *micros, i64::checked_add, "order revenue")?;
        }
        Ok(())
    }
}
