//! What is counted.

use std::collections::BTreeMap;

use events::{Currency, Money, Timestamp};
use serde::{Deserialize, Serialize};

/// The kinds of events that are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Counted {
    /// `view_item`.
    ViewItem,
    /// `add_to_cart`.
    AddToCart,
    /// `remove_from_cart`.
    RemoveFromCart,
    /// `begin_checkout`.
    BeginCheckout,
    /// `purchase`.
    Purchase,
    /// `refund`.
    Refund,
}

impl Counted {
    /// All kinds.
    pub const ALL: [Self; 6] = [
        Self::ViewItem,
        Self::AddToCart,
        Self::RemoveFromCart,
        Self::BeginCheckout,
        Self::Purchase,
        Self::Refund,
    ];

    /// The event type.
    pub fn name(self) -> &'static str {
        match self {
            Self::ViewItem => "view_item",
            Self::AddToCart => "add_to_cart",
            Self::RemoveFromCart => "remove_from_cart",
            Self::BeginCheckout => "begin_checkout",
            Self::Purchase => "purchase",
            Self::Refund => "refund",
        }
    }

    /// The kind of that event type; `None` if it isn't counted.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|counted| counted.name() == name)
    }
}

/// Counts of an item, or of all items together. What is zero has no entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Events that hold the item, by kind; altogether: events. A refund of a whole order counts for each of its items.
    pub events: BTreeMap<Counted, i64>,
    /// Units, by kind. Bought units are those of `Purchase`; what came back are those of `Refund`.
    pub units: BTreeMap<Counted, i64>,
    /// Item revenue (price times quantity) and profit, by currency.
    pub money: BTreeMap<Currency, MoneyFigures>,
}

/// Item revenue and profit in one currency, in micros.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MoneyFigures {
    /// Revenue of what was bought.
    pub sold_micros: i64,
    /// Revenue of what came back.
    pub refunded_micros: i64,
    /// Profit of what was bought less what came back, as far as it is known.
    pub profit_micros: i64,
    /// Units bought less units back whose profit is known.
    pub profit_units: i64,
}

/// Orders, in a range or altogether.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderFigures {
    /// Purchases.
    pub orders: i64,
    /// Refunds, whole ones and of items.
    pub refunds: i64,
    /// Refunds of whole orders that nothing is known of (yet).
    pub unallocated_refunds: i64,
    /// Order revenue, by currency.
    pub money: BTreeMap<Currency, OrderMoney>,
}

/// Order revenue in one currency, in micros.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OrderMoney {
    /// Value of orders.
    pub sold_micros: i64,
    /// Value of what came back.
    pub refunded_micros: i64,
    /// Value that unallocated refunds name; it is in no other figure.
    pub unallocated_micros: i64,
}

/// Everything altogether.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Of the items.
    pub items: Figures,
    /// Of the orders.
    pub orders: OrderFigures,
}

/// An item and its counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemFigures {
    /// The item's id.
    pub item_id: String,
    /// As the latest event names them.
    pub details: ItemDetails,
    /// Its counts.
    pub figures: Figures,
}

/// What is known of an item beside its counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ItemDetails {
    /// `item_name`.
    pub name: Option<String>,
    /// `item_category`.
    pub category: Option<String>,
    /// `item_brand`.
    pub brand: Option<String>,
    /// Price of a unit.
    pub price: Option<Money>,
    /// When the event that says so happened; details of a later event win.
    pub at: Option<Timestamp>,
}
