//! What one event adds to the figures, wherever in time that is counted.

use std::collections::BTreeMap;

use events::Money;

use super::arithmetic::change;
use super::{
    Counted, Figures, Goods, ItemTally, MoneyFigures, OrderFigures, OrderMoney, OrderTally,
    Overflow, Tally, Totals,
};

/// What is added, by item and altogether.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Contribution {
    pub(super) totals: Totals,
    pub(super) items: BTreeMap<String, Figures>,
}

impl Contribution {
    /// Of an event that stands for itself: any but a refund of a whole order.
    pub(super) fn of(tally: &Tally) -> Result<Self, Overflow> {
        let mut items: BTreeMap<String, Figures> = BTreeMap::new();
        for line in &tally.items {
            let figures = items.entry(line.item_id.clone()).or_default();
            figures.add(&figures_of(line, tally.counted)?)?;
            figures.events.insert(tally.counted, 1);
        }
        let orders = tally.order.as_ref().map(orders_of).unwrap_or_default();
        Self::together(tally.counted, items, orders)
    }

    /// Of a refund of an order of which this is left.
    pub(super) fn of_refund(left: &Goods) -> Result<Self, Overflow> {
        let mut items = BTreeMap::new();
        for (item_id, item) in &left.items {
            let mut figures = Figures {
                events: [(Counted::Refund, 1)].into(),
                units: nonzero(Counted::Refund, item.units),
                ..Figures::default()
            };
            for (currency, money) in &item.money {
                figures.money.insert(*currency, taken_back(money)?);
            }
            items.insert(item_id.clone(), figures);
        }
        let refunded = |micros: &i64| OrderMoney {
            refunded_micros: *micros,
            ..OrderMoney::default()
        };
        let orders = OrderFigures {
            refunds: 1,
            money: left
                .value_micros
                .iter()
                .map(|(currency, micros)| (*currency, refunded(micros)))
                .collect(),
            ..OrderFigures::default()
        };
        Self::together(Counted::Refund, items, orders)
    }

    /// Of a refund of an order that nothing is known of.
    pub(super) fn unallocated(value: Option<Money>) -> Result<Self, Overflow> {
        let mut orders = order_money(value, |money, micros| money.unallocated_micros = micros);
        orders.refunds = 1;
        orders.unallocated_refunds = 1;
        Self::together(Counted::Refund, BTreeMap::new(), orders)
    }

    /// Adds the items up. Altogether an event counts once, however many items it holds.
    fn together(
        counted: Counted,
        items: BTreeMap<String, Figures>,
        orders: OrderFigures,
    ) -> Result<Self, Overflow> {
        let mut all = Figures::default();
        for figures in items.values() {
            all.add(figures)?;
        }
        all.events = [(counted, 1)].into();
        let mut totals = Totals::default();
        // Adding leaves out what is zero.
        totals.add(&Totals { items: all, orders })?;
        Ok(Self { totals, items })
    }
}

/// Of one line, apart from the event itself: an item that stands on two lines is still in one event.
fn figures_of(line: &ItemTally, counted: Counted) -> Result<Figures, Overflow> {
    let mut figures = Figures {
        units: nonzero(counted, line.quantity),
        ..Figures::default()
    };
    let is_refund = counted == Counted::Refund;
    if !is_refund && counted != Counted::Purchase {
        return Ok(figures);
    }
    if let Some(revenue) = line.revenue {
        let money = figures.money.entry(revenue.currency()).or_default();
        let sum = if is_refund {
            &mut money.refunded_micros
        } else {
            &mut money.sold_micros
        };
        *sum = revenue.micros();
    }
    if let Some(profit) = line.profit {
        let money = figures.money.entry(profit.currency()).or_default();
        let operation = if is_refund {
            i64::checked_sub
        } else {
            i64::checked_add
        };
        change(
            &mut money.profit_micros,
            profit.micros(),
            operation,
            "profit",
        )?;
        change(
            &mut money.profit_units,
            line.quantity,
            operation,
            "units with a profit",
        )?;
    }
    Ok(figures)
}

fn orders_of(order: &OrderTally) -> OrderFigures {
    match order {
        OrderTally::Purchase { value, .. } => OrderFigures {
            orders: 1,
            ..order_money(*value, |money, micros| money.sold_micros = micros)
        },
        OrderTally::RefundOfItems { value, .. } | OrderTally::RefundOfOrder { value, .. } => {
            OrderFigures {
                refunds: 1,
                ..order_money(*value, |money, micros| money.refunded_micros = micros)
            }
        }
    }
}

fn order_money(value: Option<Money>, set: impl Fn(&mut OrderMoney, i64)) -> OrderFigures {
    let mut figures = OrderFigures::default();
    if let Some(value) = value {
        set(
            figures.money.entry(value.currency()).or_default(),
            value.micros(),
        );
    }
    figures
}

fn taken_back(bought: &MoneyFigures) -> Result<MoneyFigures, Overflow> {
    let mut money = MoneyFigures {
        refunded_micros: bought.sold_micros,
        ..MoneyFigures::default()
    };
    change(
        &mut money.profit_micros,
        bought.profit_micros,
        i64::checked_sub,
        "profit",
    )?;
    change(
        &mut money.profit_units,
        bought.profit_units,
        i64::checked_sub,
        "units with a profit",
    )?;
    Ok(money)
}

fn nonzero(counted: Counted, units: i64) -> BTreeMap<Counted, i64> {
    (units != 0)
        .then_some((counted, units))
        .into_iter()
        .collect()
}
