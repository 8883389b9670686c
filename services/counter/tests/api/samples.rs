//! Every sample, twice and shuffled, against sums that are worked out here from the distinct events, digit by digit.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use crate::helpers::{Counter, World};

/// Whole millionths of a decimal text of up to six decimals.
fn micros(value: &Value) -> i128 {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let digits = format!("{whole}{fraction:0<6}");
    digits.parse().expect("a decimal")
}

/// An amount as the API should write it: two decimals, none for yen.
fn written(micros: i128, currency: &str) -> String {
    let (whole, fraction) = (micros / 1_000_000, micros % 1_000_000);
    if currency == "JPY" {
        assert_eq!(fraction, 0);
        return whole.to_string();
    }
    format!("{whole}.{:02}", fraction / 10_000)
}

#[derive(Default)]
struct Oracle {
    seen: BTreeSet<String>,
    units: BTreeMap<String, i128>,
    revenue: BTreeMap<(String, String), i128>,
    orders: i128,
    order_revenue: BTreeMap<String, i128>,
}

impl Oracle {
    /// Adds a line of a sample file, if it is a purchase that was not there before.
    fn add(&mut self, line: &Value, message_id: &str) {
        let data = line.get("data").unwrap_or(line);
        let mut items = match data.get("items").unwrap_or(data) {
            Value::Array(items) => items.clone(),
            Value::String(text) => serde_json::from_str(text).expect("items"),
            _ => Vec::new(),
        };
        let kind = line.get("eventType").or(line.get("event_name"));
        if kind.map_or(items.is_empty(), |kind| kind != "purchase") {
            return;
        }
        let transaction = data.get("transactionId").or(data.get("transaction_id"));
        let identity = match transaction {
            Some(transaction) => format!("order {transaction}"),
            None => format!("message {message_id}"),
        };
        if !self.seen.insert(identity) {
            return;
        }
        self.orders += 1;
        let currency_of = |item: &Value| {
            let currency = item.get("currency").or(data.get("currency"));
            currency.and_then(Value::as_str).unwrap_or("XXX").to_owned()
        };
        let mut sum: BTreeMap<String, i128> = BTreeMap::new();
        for item in &mut items {
            let quantity = item
                .get("quantity")
                .map_or(1, |quantity| micros(quantity) / 1_000_000);
            let money = micros(&item["price"]) * quantity;
            *sum.entry(currency_of(item)).or_default() += money;
            let id = match item.get("item_id").unwrap_or(&item["item_name"]) {
                Value::String(id) => id.clone(),
                number => number.to_string(),
            };
            *self.units.entry(id.clone()).or_default() += quantity;
            *self.revenue.entry((id, currency_of(item))).or_default() += money;
        }
        let value = data.get("value").or(data.get("transaction_value"));
        if let Some(value) = value {
            let currency = items
                .first()
                .map(currency_of)
                .unwrap_or_else(|| currency_of(data));
            sum = BTreeMap::from([(currency, micros(value))]);
        }
        for (currency, money) in sum {
            *self.order_revenue.entry(currency).or_default() += money;
        }
    }
}

/// Address, message id and text of every line of every sample file.
fn sample_lines() -> Vec<(String, String, String)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/events/tests/samples");
    let mut lines = Vec::new();
    for (file, address) in [
        ("publisher_purchase", "/tally"),
        ("publisher_generate_lead", "/tally"),
        ("publisher_user_login", "/tally"),
        ("hermes_data", "/tally"),
        ("items_realtime", "/tally"),
        ("low_stock", "/tally"),
        // Promotions carry items too: the topic's push address says what they are.
        ("promotions", "/tally?as=promotion"),
    ] {
        let text = std::fs::read_to_string(directory.join(format!("{file}.jsonl"))).expect(file);
        for (index, line) in text.lines().enumerate() {
            lines.push((
                address.to_owned(),
                format!("{file}-{index}"),
                line.to_owned(),
            ));
        }
    }
    lines
}

async fn check(counter: &Counter, oracle: &Oracle) {
    let list = counter.get_json("/api/items?window=all&limit=2000").await;
    let (mut units, mut revenue) = (BTreeMap::new(), BTreeMap::new());
    for item in list["items"].as_array().expect("items") {
        let id = item["itemId"].as_str().expect("an id").to_owned();
        units.insert(
            id.clone(),
            i128::from(item["now"]["unitsSold"].as_i64().expect("a count")),
        );
        for (currency, amount) in item["now"]["revenue"].as_object().expect("amounts") {
            revenue.insert(
                (id.clone(), currency.clone()),
                amount.as_str().expect("text").to_owned(),
            );
        }
    }
    assert_eq!(units, oracle.units);
    let expected: BTreeMap<(String, String), String> = oracle
        .revenue
        .iter()
        // A gift costs nothing, and nothing is no amount.
        .filter(|(_, money)| **money != 0)
        .map(|(key, money)| (key.clone(), written(*money, &key.1)))
        .collect();
    assert_eq!(revenue, expected);
    let summary = counter.get_json("/api/summary?window=all").await;
    assert_eq!(summary["now"]["orders"], oracle.orders as i64);
    let orders: BTreeMap<String, String> =
        serde_json::from_value(summary["now"]["orderRevenue"].clone()).expect("amounts");
    let expected: BTreeMap<String, String> = oracle
        .order_revenue
        .iter()
        .filter(|(_, money)| **money != 0)
        .map(|(currency, money)| (currency.clone(), written(*money, currency)))
        .collect();
    assert_eq!(orders, expected);
}

#[tokio::test]
async fn every_sample_twice_and_shuffled_counts_each_event_once() {
    let mut oracle = Oracle::default();
    for (address, message_id, line) in sample_lines() {
        if address == "/tally" {
            let line: Value = serde_json::from_str(&line).expect("samples are JSON");
            oracle.add(&line, &message_id);
        }
    }
    assert!(oracle.orders > 15, "{}", oracle.orders);
    for seed in 0..3 {
        let world = World::new();
        let counter = world.start();
        let mut lines = sample_lines();
        lines.extend(sample_lines());
        fastrand::Rng::with_seed(seed).shuffle(&mut lines);
        let pushes = lines.iter().map(async |(address, message_id, line)| {
            let status = counter
                .push_data(address, message_id, line.as_bytes())
                .await;
            assert_eq!(status, 204, "{line}");
        });
        futures_util::future::join_all(pushes).await;
        check(&counter, &oracle).await;
        assert!(world.letters().await.is_empty());
    }
}
