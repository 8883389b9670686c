//! The items and the money of an order: what was bought of it, or what came back.

use std::collections::BTreeMap;

use events::Currency;
use serde::{Deserialize, Serialize};

use super::arithmetic::change;
use super::contribution::Contribution;
use super::{Counted, MoneyFigures, Overflow};

/// What an order's purchases added, or what refunds of its items took off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Goods {
    /// By item id.
    pub items: BTreeMap<String, GoodsOfItem>,
    /// Order revenue in micros.
    pub value_micros: BTreeMap<Currency, i64>,
}

/// The same of one item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GoodsOfItem {
    /// Units.
    pub units: i64,
    /// Item revenue and profit, as the events added them: nothing is refunded in what was bought, and nothing is sold in
    /// what came back, whose profit is below zero.
    pub money: BTreeMap<Currency, MoneyFigures>,
}

impl Goods {
    pub(super) fn of_purchase(purchase: &Contribution) -> Self {
        let value = |money: &super::OrderMoney| money.sold_micros;
        Self::of(purchase, Counted::Purchase, value)
    }

    pub(super) fn of_refund(refund: &Contribution) -> Self {
        let value = |money: &super::OrderMoney| money.refunded_micros;
        Self::of(refund, Counted::Refund, value)
    }

    fn of(
        contribution: &Contribution,
        counted: Counted,
        value: impl Fn(&super::OrderMoney) -> i64,
    ) -> Self {
        let item = |figures: &super::Figures| GoodsOfItem {
            units: figures.units.get(&counted).copied().unwrap_or_default(),
            money: figures.money.clone(),
        };
        let (items, orders) = (&contribution.items, &contribution.totals.orders.money);
        Self {
            items: items
                .iter()
                .map(|(item_id, figures)| (item_id.clone(), item(figures)))
                .collect(),
            value_micros: orders
                .iter()
                .map(|(currency, money)| (*currency, value(money)))
                .collect(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty() && self.value_micros.is_empty()
    }

    /// Adds those of another event. After an error this is of no use any more.
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

    /// What is left of what was bought, number by number: nothing where more came back, and never more than was bought.
    /// A currency in which nothing was bought has nothing left.
    pub(super) fn less(&self, returned: &Self) -> Self {
        let nothing = GoodsOfItem::default();
        let items = self.items.iter().map(|(item_id, bought)| {
            let returned = returned.items.get(item_id).unwrap_or(&nothing);
            (item_id.clone(), bought.less(returned))
        });
        let value_micros = self.value_micros.iter().map(|(currency, bought)| {
            let returned = returned.value_micros.get(currency).copied();
            (*currency, left(*bought, returned.unwrap_or_default()))
        });
        Self {
            items: items.collect(),
            value_micros: value_micros.collect(),
        }
    }
}

impl GoodsOfItem {
    fn less(&self, returned: &Self) -> Self {
        let money = self.money.iter().map(|(currency, bought)| {
            let returned = returned.money.get(currency).copied().unwrap_or_default();
            let left = MoneyFigures {
                sold_micros: left(bought.sold_micros, returned.refunded_micros),
                refunded_micros: 0,
                profit_micros: left_of_profit(bought.profit_micros, returned.profit_micros),
                profit_units: left_of_profit(bought.profit_units, returned.profit_units),
            };
            (*currency, left)
        });
        Self {
            units: left(self.units, returned.units),
            money: money.collect(),
        }
    }
}

/// Between nothing and all of it; a discount that was bought is below zero. What saturates is outside anyway.
fn left(bought: i64, returned: i64) -> i64 {
    between(bought.saturating_sub(returned), bought)
}

/// Profit that came back is below zero already.
fn left_of_profit(bought: i64, returned: i64) -> i64 {
    between(bought.saturating_add(returned), bought)
}

fn between(rest: i64, all: i64) -> i64 {
    rest.clamp(all.min(0), all.max(0))
}
