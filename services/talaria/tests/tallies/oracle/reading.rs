//! An event's text: the publisher's form, Hermes' rows, or items alone.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::decimal::micros;

pub struct Event {
    pub kind: String,
    pub at: i64,
    pub transaction: Option<String>,
    pub lines: Vec<Line>,
    stated_value: Option<i128>,
    currency: Option<String>,
}

pub struct Line {
    pub id: String,
    pub name: Option<String>,
    pub category: Option<String>,
    pub quantity: i128,
    pub price: Option<i128>,
    pub profit: Option<i128>,
    pub currency: String,
}

impl Event {
    /// What the order is worth, and in which currency; none if its lines are of several and it does not say.
    pub fn value(&self) -> Option<(i128, &str)> {
        if let Some(value) = self.stated_value {
            let of_event = self.currency.as_deref();
            let currency = of_event.or_else(|| only_currency(self.lines.iter()));
            return Some((value, currency.unwrap_or("XXX")));
        }
        let priced = || self.lines.iter().filter(|line| line.price.is_some());
        let sum = priced().filter_map(|line| Some(line.price? * line.quantity));
        Some((sum.sum(), only_currency(priced())?))
    }
}

fn only_currency<'a>(lines: impl Iterator<Item = &'a Line>) -> Option<&'a str> {
    let currencies: BTreeSet<&str> = lines.map(|line| line.currency.as_str()).collect();
    currencies
        .first()
        .copied()
        .filter(|_| currencies.len() == 1)
}

/// The event and what it is known by; `None` for what nobody says the kind of.
pub fn read(text: &str, message_id: &str, said_type: &str) -> Option<(String, Event)> {
    let message: Value = serde_json::from_str(text).expect("JSON");
    let message = if message.is_array() {
        json!({"items": message})
    } else {
        message
    };
    let data = message.get("data").unwrap_or(&message);
    let items: Vec<Value> = match &data["items"] {
        Value::Array(items) => items.clone(),
        Value::String(text) => serde_json::from_str(text).expect("items as text"),
        _ => Vec::new(),
    };
    let says = text_of(&message["eventType"]).or_else(|| text_of(&message["event_name"]));
    let hint = Some(said_type.to_owned()).filter(|hint| !hint.is_empty());
    let kind = says
        .or(hint)
        .or_else(|| (!items.is_empty()).then(|| "purchase".into()))?;
    let transaction = text_of(&data["transactionId"]).or_else(|| text_of(&data["transaction_id"]));
    let identity = match (kind.as_str(), &transaction, text_of(&message["eventId"])) {
        ("purchase", Some(transaction), _) => format!("purchase:{transaction}"),
        (kind, _, Some(event_id)) => format!("{kind}:{event_id}"),
        _ => format!("pubsub:{message_id}"),
    };
    let currency = text_of(&data["currency"]);
    let of_event = currency.as_deref().unwrap_or("XXX");
    let event = Event {
        at: message["eventTimestampMs"].as_i64().unwrap_or(0),
        lines: items
            .iter()
            .filter_map(|item| line(item, of_event))
            .collect(),
        stated_value: amount(&data["value"]).or_else(|| amount(&data["transaction_value"])),
        kind,
        transaction,
        currency,
    };
    Some((identity, event))
}

fn line(item: &Value, currency_of_event: &str) -> Option<Line> {
    let name = text_of(&item["item_name"]);
    Some(Line {
        id: text_of(&item["item_id"]).or_else(|| name.clone())?,
        name,
        category: text_of(&item["item_category"]),
        quantity: amount(&item["quantity"]).unwrap_or(1_000_000) / 1_000_000,
        price: amount(&item["price"]),
        profit: amount(&item["profit"]),
        currency: text_of(&item["currency"]).unwrap_or_else(|| currency_of_event.to_owned()),
    })
}

fn amount(value: &Value) -> Option<i128> {
    (!value.is_null()).then(|| micros(value))
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
