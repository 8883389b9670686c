//! Purchases of one to three of fifty items, and what they add up to.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use events::{Currency, Money, Timestamp};
use serde_json::{Value, json};
use store::tallies::{Counted, ItemDetails, ItemTally, OrderTally, Sums, Tally};

const ITEMS: usize = 50;
const MARKER_RETENTION: Duration = Duration::from_secs(45 * 24 * 60 * 60);
const MICROS_A_CENT: i64 = 10_000;

/// A purchase, told by its number.
pub struct Purchase {
    order: String,
    lines: Vec<Line>,
}

struct Line {
    item: String,
    quantity: i64,
    cents: i64,
}

/// The first so many purchases.
pub fn purchases(count: usize) -> Vec<Purchase> {
    (0..count).map(Purchase::numbered).collect()
}

impl Purchase {
    fn numbered(number: usize) -> Self {
        let line = |place: usize| {
            let item = (7 * number + 13 * place) % ITEMS;
            Line {
                item: format!("SKU-{item}"),
                quantity: if (number + place).is_multiple_of(3) {
                    2
                } else {
                    1
                },
                cents: i64::try_from(125 * (item + 1)).unwrap_or_default(),
            }
        };
        Self {
            order: format!("ORD-{number}"),
            lines: (0..=number % 3).map(line).collect(),
        }
    }

    /// What one commit an event adds.
    pub fn increments(&self) -> Vec<(String, i64)> {
        let increment = |line: &Line| (line.item.clone(), line.quantity);
        self.lines.iter().map(increment).collect()
    }

    pub fn order(&self) -> &str {
        &self.order
    }

    pub fn tally(&self, at: Timestamp) -> Tally {
        let line = |line: &Line| ItemTally {
            item_id: line.item.clone(),
            details: ItemDetails {
                name: Some(format!("Item {}", line.item)),
                price: Some(euros(line.cents)),
                ..ItemDetails::default()
            },
            quantity: line.quantity,
            revenue: Some(euros(line.cents * line.quantity)),
            profit: None,
        };
        Tally {
            identity: format!("purchase:{}", self.order),
            counted: Counted::Purchase,
            at,
            expires: at.plus(MARKER_RETENTION),
            items: self.lines.iter().map(line).collect(),
            order: Some(OrderTally::Purchase {
                transaction: Some(self.order.clone()),
                value: Some(euros(self.cents())),
            }),
        }
    }

    /// The body of its push.
    pub fn push(&self, at: Timestamp) -> String {
        let item = |line: &Line| {
            json!({"item_id": line.item, "item_name": format!("Item {}", line.item),
                "price": decimal(line.cents), "quantity": line.quantity})
        };
        let items: Vec<Value> = self.lines.iter().map(item).collect();
        let event = json!({
            "eventType": "purchase", "eventId": self.order, "clientId": "1203948571.1763981200",
            "data": {"transactionId": self.order, "value": decimal(self.cents()), "currency": "EUR", "items": items},
        });
        json!({
            "message": {
                "attributes": {"eventType": "purchase", "eventId": self.order, "receivedMs": at.millis().to_string()},
                "data": STANDARD.encode(event.to_string()), "messageId": self.order, "publishTime": at.to_rfc3339(),
            },
            "subscription": "projects/shop/subscriptions/backend-updates.counter",
        })
        .to_string()
    }

    fn cents(&self) -> i64 {
        let lines = self.lines.iter();
        lines.map(|line| line.cents * line.quantity).sum()
    }
}

/// Units by item.
pub fn units(purchases: &[Purchase]) -> BTreeMap<String, i64> {
    let mut units = BTreeMap::new();
    for line in purchases.iter().flat_map(|purchase| &purchase.lines) {
        *units.entry(line.item.clone()).or_default() += line.quantity;
    }
    units
}

/// Fails unless the sums of all time are those of the purchases, to the cent.
pub fn check(sums: &Sums, purchases: &[Purchase]) -> anyhow::Result<()> {
    let currency = euros(0).currency();
    let sold: i64 = purchases.iter().map(Purchase::cents).sum();
    let orders = &sums.totals.orders;
    let revenue = orders.money.get(&currency).context("no revenue")?;
    ensure!(
        orders.orders == i64::try_from(purchases.len())?,
        "{} orders were sent and {} counted",
        purchases.len(),
        orders.orders
    );
    ensure!(
        revenue.sold_micros == sold * MICROS_A_CENT,
        "{sold} cents were sold and {} micros counted",
        revenue.sold_micros
    );
    let bought = sums.items.iter().map(|item| {
        let units = item.figures.units.get(&Counted::Purchase);
        (item.item_id.clone(), units.copied().unwrap_or_default())
    });
    ensure!(
        bought.collect::<BTreeMap<_, _>>() == units(purchases),
        "an item's units are not those that were sent"
    );
    Ok(())
}

fn decimal(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

fn euros(cents: i64) -> Money {
    let euro = Currency::parse("EUR").unwrap_or(Currency::NONE);
    Money::from_micros(cents * MICROS_A_CENT, euro)
}
