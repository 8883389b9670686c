//! What the figures must be. Nothing in here is the product's.

mod decimal;
mod reading;
mod rest;

use std::collections::{BTreeMap, BTreeSet};

use decimal::written;
use reading::{Event, Line};

/// Whose figure, and which: `("MUG-01", "revenue.DKK")`. Figures that are zero are left out.
pub type Book = BTreeMap<(String, String), String>;

/// Whose figures those of everything together are.
pub const ALTOGETHER: &str = "(altogether)";

type Sums = BTreeMap<(String, String), i128>;

/// The distinct events.
#[derive(Default)]
pub struct Oracle {
    events: BTreeMap<String, Event>,
}

impl Oracle {
    /// Knows what was published.
    pub fn published<'a>(texts: impl IntoIterator<Item = &'a String>) -> Self {
        let mut oracle = Self::default();
        for text in texts {
            oracle.add(text, "", "");
        }
        oracle
    }

    /// An event arrives: its text, what its message is called, and what the push address says it is, if anything.
    pub fn add(&mut self, text: &str, message_id: &str, said_type: &str) {
        if let Some((identity, event)) = reading::read(text, message_id, said_type) {
            self.events.entry(identity).or_insert(event);
        }
    }

    /// How many distinct events there are of a kind.
    pub fn count(&self, kind: &str) -> usize {
        let events = self.events.values();
        events.filter(|event| event.kind == kind).count()
    }

    /// All figures of all time, by item and altogether.
    pub fn figures(&self) -> Book {
        let (mut sums, mut refunded_orders) = (Sums::new(), BTreeSet::new());
        for event in self.events.values() {
            match (event.kind.as_str(), &event.transaction) {
                ("purchase", _) => sell(&mut sums, event),
                ("refund", Some(transaction)) if event.lines.is_empty() => {
                    let already = !refunded_orders.insert(transaction);
                    self.take_order_back(&mut sums, transaction, event, already);
                }
                ("refund", _) => take_back(&mut sums, event),
                ("view_item", _) => count_event(&mut sums, event, "views"),
                ("add_to_cart", _) => count_event(&mut sums, event, "carts"),
                ("remove_from_cart", _) => count_event(&mut sums, event, "cartRemovals"),
                ("begin_checkout", _) => count_event(&mut sums, event, "checkouts"),
                _ => {}
            }
        }
        let moved = sums.into_iter().filter(|(_, sum)| *sum != 0);
        let text = |figure: &str, sum| match figure.rsplit_once('.') {
            Some((_, currency)) if currency != "count" => written(sum, currency),
            _ => sum.to_string(),
        };
        moved
            .map(|((whose, figure), sum)| {
                let text = text(&figure, sum);
                ((whose, figure), text)
            })
            .collect()
    }

    /// An order comes back once, however often that is said, and whatever of it has come back by itself is not there to
    /// come back again.
    fn take_order_back(&self, sums: &mut Sums, transaction: &str, refund: &Event, already: bool) {
        if already {
            return;
        }
        if let Some(purchase) = self.events.get(&format!("purchase:{transaction}")) {
            let refunds = self.events.values().filter(|event| {
                event.kind == "refund" && event.transaction.as_deref() == Some(transaction)
            });
            let returned: Vec<&Event> = refunds.filter(|event| !event.lines.is_empty()).collect();
            return rest::take_back(sums, purchase, &returned);
        }
        add(sums, ALTOGETHER, "refunds", 1);
        add(sums, ALTOGETHER, "unallocatedRefunds.count", 1);
        if let Some((value, currency)) = refund.value() {
            let figure = format!("unallocatedRefunds.value.{currency}");
            add(sums, ALTOGETHER, &figure, value.abs());
        }
    }

    /// What the latest event that says something of an item says. Times must be in the events.
    pub fn details(&self) -> Book {
        let mut by_time: Vec<(&String, &Event)> = self.events.iter().collect();
        by_time.sort_by_key(|(identity, event)| (event.at, *identity));
        let (mut book, mut prices) = (Book::new(), BTreeMap::new());
        for (_, event) in by_time {
            // Of one event the first line has the last word.
            for line in event.lines.iter().rev() {
                for (what, said) in [("name", &line.name), ("category", &line.category)] {
                    if let Some(said) = said {
                        book.insert((line.id.clone(), what.into()), said.clone());
                    }
                }
                if let Some(price) = line.price {
                    prices.insert(&line.id, (price, &line.currency));
                }
            }
        }
        for (id, (price, currency)) in prices {
            let key = (id.clone(), format!("price.{currency}"));
            book.insert(key, written(price, currency));
        }
        book
    }
}

fn add(sums: &mut Sums, whose: &str, figure: &str, more: i128) {
    *sums.entry((whose.into(), figure.into())).or_default() += more;
}

/// Once for everything, and once for each item however many lines it has.
fn count_event(sums: &mut Sums, event: &Event, figure: &str) {
    let ids: BTreeSet<&str> = event.lines.iter().map(|line| line.id.as_str()).collect();
    for whose in ids.into_iter().chain([ALTOGETHER]) {
        add(sums, whose, figure, 1);
    }
}

fn sell(sums: &mut Sums, purchase: &Event) {
    count_event(sums, purchase, "purchases");
    add(sums, ALTOGETHER, "orders", 1);
    if let Some((value, currency)) = purchase.value() {
        add(sums, ALTOGETHER, &format!("orderRevenue.{currency}"), value);
    }
    for line in &purchase.lines {
        move_line(sums, line, "unitsSold", 1);
    }
}

/// What a refund names.
fn take_back(sums: &mut Sums, event: &Event) {
    add(sums, ALTOGETHER, "refunds", 1);
    if let Some((value, currency)) = event.value() {
        let value = value.abs();
        add(
            sums,
            ALTOGETHER,
            &format!("orderRevenue.{currency}"),
            -value,
        );
        add(
            sums,
            ALTOGETHER,
            &format!("orderRefunded.{currency}"),
            value,
        );
    }
    for line in &event.lines {
        move_line(sums, line, "unitsRefunded", -1);
    }
}

fn move_line(sums: &mut Sums, line: &Line, units: &str, sign: i128) {
    let Line {
        quantity, currency, ..
    } = line;
    for whose in [&line.id, ALTOGETHER] {
        add(sums, whose, units, *quantity);
        if let Some(price) = line.price {
            let money = price * quantity;
            add(sums, whose, &format!("revenue.{currency}"), sign * money);
            if sign < 0 {
                add(sums, whose, &format!("refunded.{currency}"), money);
            }
        }
        if let Some(profit) = line.profit {
            add(
                sums,
                whose,
                &format!("profit.{currency}"),
                sign * profit * quantity,
            );
            add(sums, whose, "profitKnownUnits", sign * quantity);
        }
    }
}
