//! Counts and money of an item, or of all.

use events::Currency;
use serde::Serialize;
use store::tallies::{Counted, Figures, MoneyFigures, OrderFigures, OrderMoney};

use super::{Amounts, amount};

/// Counts and money of an item, or of several together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FiguresShown {
    pub views: i64,
    pub carts: i64,
    pub cart_removals: i64,
    pub checkouts: i64,
    pub purchases: i64,
    pub units_sold: i64,
    pub units_refunded: i64,
    /// Sold less refunded.
    pub revenue: Amounts,
    pub refunded: Amounts,
    /// As far as it is known.
    pub profit: Amounts,
    /// Of units sold less units refunded, how many have a known profit.
    pub profit_known_units: i64,
}

impl FiguresShown {
    /// The figures, with money of that currency alone if one is given.
    pub(crate) fn of(figures: &Figures, currency: Option<Currency>) -> Self {
        let mut shown = Self::counts(figures);
        for (currency, money) in figures.money.iter().filter(|(of, _)| is(currency, **of)) {
            shown.add_money(*currency, money);
        }
        shown
    }

    fn counts(figures: &Figures) -> Self {
        let events = |counted| figures.events.get(&counted).copied().unwrap_or(0);
        let units = |counted| figures.units.get(&counted).copied().unwrap_or(0);
        Self {
            views: events(Counted::ViewItem),
            carts: events(Counted::AddToCart),
            cart_removals: events(Counted::RemoveFromCart),
            checkouts: events(Counted::BeginCheckout),
            purchases: events(Counted::Purchase),
            units_sold: units(Counted::Purchase),
            units_refunded: units(Counted::Refund),
            ..Self::default()
        }
    }

    fn add_money(&mut self, currency: Currency, money: &MoneyFigures) {
        let net = money.sold_micros.saturating_sub(money.refunded_micros);
        self.revenue.insert(currency, amount(net, currency));
        if money.refunded_micros != 0 {
            self.refunded
                .insert(currency, amount(money.refunded_micros, currency));
        }
        // Unknown is not zero: a currency without a known unit is left out.
        if money.profit_units != 0 || money.profit_micros != 0 {
            self.profit
                .insert(currency, amount(money.profit_micros, currency));
            self.profit_known_units = self.profit_known_units.saturating_add(money.profit_units);
        }
    }
}

/// Figures of everything, or of the items of a category (which have no orders).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SummaryFigures {
    #[serde(flatten)]
    pub items: FiguresShown,
    pub orders: Option<i64>,
    pub refunds: Option<i64>,
    pub order_revenue: Option<Amounts>,
    pub order_refunded: Option<Amounts>,
    pub unallocated_refunds: Option<UnallocatedRefunds>,
}

/// Refunds of orders that nothing is known of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct UnallocatedRefunds {
    pub count: i64,
    pub value: Amounts,
}

impl SummaryFigures {
    /// Of items alone.
    pub(crate) fn of_items(items: FiguresShown) -> Self {
        Self {
            items,
            orders: None,
            refunds: None,
            order_revenue: None,
            order_refunded: None,
            unallocated_refunds: None,
        }
    }

    /// Of everything.
    pub(crate) fn of(
        items: FiguresShown,
        orders: &OrderFigures,
        currency: Option<Currency>,
    ) -> Self {
        Self {
            items,
            orders: Some(orders.orders),
            refunds: Some(orders.refunds),
            order_revenue: Some(order_revenue(orders, currency)),
            order_refunded: Some(order_amounts(orders, currency, |money| {
                Some(money.refunded_micros).filter(|micros| *micros != 0)
            })),
            unallocated_refunds: Some(UnallocatedRefunds {
                count: orders.unallocated_refunds,
                value: order_amounts(orders, currency, |money| {
                    Some(money.unallocated_micros).filter(|micros| *micros != 0)
                }),
            }),
        }
    }
}

/// Order revenue, refunds taken off.
pub(crate) fn order_revenue(orders: &OrderFigures, currency: Option<Currency>) -> Amounts {
    order_amounts(orders, currency, |money| {
        let moved =
            money.sold_micros != 0 || money.refunded_micros != 0 || money.unallocated_micros == 0;
        moved.then(|| money.sold_micros.saturating_sub(money.refunded_micros))
    })
}

fn order_amounts(
    orders: &OrderFigures,
    currency: Option<Currency>,
    micros: impl Fn(&OrderMoney) -> Option<i64>,
) -> Amounts {
    let of_currency = orders.money.iter().filter(|(of, _)| is(currency, **of));
    of_currency
        .filter_map(|(currency, money)| Some((*currency, amount(micros(money)?, *currency))))
        .collect()
}

fn is(wanted: Option<Currency>, found: Currency) -> bool {
    wanted.is_none_or(|wanted| wanted == found)
}

/// The sum of several items' figures. Where it would overflow it stays at the largest number: it is only shown.
pub(crate) fn sum<'a>(all: impl Iterator<Item = &'a Figures>) -> Figures {
    let mut sum = Figures::default();
    for figures in all {
        for (counted, count) in &figures.events {
            add(sum.events.entry(*counted).or_default(), *count);
        }
        for (counted, count) in &figures.units {
            add(sum.units.entry(*counted).or_default(), *count);
        }
        for (currency, money) in &figures.money {
            let total = sum.money.entry(*currency).or_default();
            add(&mut total.sold_micros, money.sold_micros);
            add(&mut total.refunded_micros, money.refunded_micros);
            add(&mut total.profit_micros, money.profit_micros);
            add(&mut total.profit_units, money.profit_units);
        }
    }
    sum
}

fn add(total: &mut i64, more: i64) {
    *total = total.saturating_add(more);
}
