//! Events as a busy shop sends them: a hot item in many, rare ones in few, three currencies, refunds in all forms.

use events::{Clock, SystemClock};
use serde_json::{Value, json};

/// When the events of a test begin to happen: lately enough to be believed, and all of them before now.
pub fn an_hour_ago() -> i64 {
    SystemClock.now().millis() - 60 * 60 * 1000
}

/// An event's text. `number` names it, and says how many milliseconds after `begin` it happened.
pub fn event(kind: &str, number: usize, begin: i64, data: &Value) -> String {
    let at = begin + i64::try_from(number).expect("few events");
    let event = json!({
        "eventType": kind, "eventId": format!("evt-{number}"), "clientId": "1.2",
        "eventTimestampMs": at, "data": data,
    });
    event.to_string()
}

/// So many events, some of them several times, in any order: half of the refunds come before their purchases. The same
/// seed makes the same.
pub fn shuffled_events(seed: u64, count: usize) -> Vec<String> {
    let mut maker = Maker {
        random: fastrand::Rng::with_seed(seed),
        begin: an_hour_ago(),
        made: 0,
        purchases: Vec::new(),
    };
    let mut events: Vec<String> = (0..count).map(|_| maker.next()).collect();
    for _ in 0..count / 8 {
        let again = events[maker.random.usize(0..count)].clone();
        events.push(again);
    }
    maker.random.shuffle(&mut events);
    events
}

struct Maker {
    random: fastrand::Rng,
    begin: i64,
    made: usize,
    purchases: Vec<Value>,
}

impl Maker {
    fn next(&mut self) -> String {
        self.made += 1;
        // Reloaded pages and refunds need an order.
        let first = if self.purchases.is_empty() { 1 } else { 20 };
        let (kind, data) = match self.random.u8(0..first) {
            0..8 => ("purchase", self.purchase()),
            // The thank-you page is loaded again: the same order under another event id.
            8 => ("purchase", self.earlier_purchase()),
            9..11 => ("refund", self.refund_of_order()),
            11..13 => ("refund", self.refund_of_items()),
            13..16 => ("view_item", self.basket(1)),
            16..18 => ("add_to_cart", self.basket(1)),
            18 => ("remove_from_cart", self.basket(1)),
            _ => ("begin_checkout", self.basket(3)),
        };
        // The reloaded page says when the order was made.
        let number = data["madeAs"].as_u64().map_or(self.made, |number| {
            usize::try_from(number).expect("few events")
        });
        let mut event: Value =
            serde_json::from_str(&event(kind, number, self.begin, &data)).expect("JSON");
        event["eventId"] = format!("evt-{}", self.made).into();
        event.to_string()
    }

    fn purchase(&mut self) -> Value {
        let lines = self.random.usize(0..5);
        let mut data = self.basket(lines);
        data["transactionId"] = format!("ORD-{}", self.made).into();
        data["madeAs"] = self.made.into();
        if self.random.bool() {
            data["value"] = self.amount(2);
        }
        self.purchases.push(data.clone());
        data
    }

    fn earlier_purchase(&mut self) -> Value {
        let index = self.random.usize(0..self.purchases.len());
        self.purchases[index].clone()
    }

    fn refund_of_order(&mut self) -> Value {
        let value = self.amount(2);
        let transaction = match self.random.u8(0..4) {
            0 => format!("UNKNOWN-{}", self.made).into(),
            _ => self.earlier_purchase()["transactionId"].clone(),
        };
        json!({"transactionId": transaction, "value": value, "currency": "EUR"})
    }

    fn refund_of_items(&mut self) -> Value {
        let mut data = self.basket(1);
        data["transactionId"] = self.earlier_purchase()["transactionId"].clone();
        data
    }

    fn basket(&mut self, lines: usize) -> Value {
        let items: Vec<Value> = (0..lines).map(|_| self.line()).collect();
        match self.random.bool() {
            true => json!({"items": items, "currency": "EUR"}),
            false => json!({"items": items}),
        }
    }

    fn line(&mut self) -> Value {
        let warm = self.random.usize(0..30);
        let (id, currency, decimals) = match self.random.u8(0..10) {
            0..3 => ("HOT".to_owned(), Some("EUR"), 2),
            3..5 => ("HOT".to_owned(), Some("JPY"), 0),
            5..7 => (format!("WARM-{warm}"), Some("KWD"), 3),
            7..9 => (format!("WARM-{warm}"), None, 2),
            _ => (format!("RARE-{}", self.made), Some("DKK"), 2),
        };
        let mut line = json!({
            "item_id": id, "item_name": format!("{id} as of {}", self.made), "item_category": "Things",
            "price": self.amount(decimals),
        });
        if let Some(currency) = currency {
            line["currency"] = currency.into();
        }
        match self.random.u8(0..4) {
            0 => {}
            1 => line["quantity"] = self.random.u8(1..9).to_string().into(),
            _ => line["quantity"] = self.random.u8(1..9).into(),
        }
        if self.random.bool() {
            line["profit"] = format!("-0.{:02}", self.random.u8(1..100)).into();
        } else if self.random.bool() {
            line["profit"] = self.amount(decimals);
        }
        line
    }

    /// A number or a text, with so many decimals.
    fn amount(&mut self, decimals: usize) -> Value {
        let digits = format!("{:07}", self.random.u32(0..5_000_000));
        let (whole, fraction) = digits.split_at(digits.len() - decimals);
        let whole = match whole.trim_start_matches('0') {
            "" => "0",
            whole => whole,
        };
        let point = if decimals == 0 { "" } else { "." };
        let text = format!("{whole}{point}{fraction}");
        match self.random.bool() {
            true => text.into(),
            false => serde_json::from_str(&text).expect("a number"),
        }
    }
}
