//! Stores on the emulator, and a shop's events.

use std::sync::Arc;
use std::time::Duration;

use events::{Currency, Money, Timestamp};
use google::firestore::{FirestoreSettings, FirestoreStore};
use store::contract::tallies::oracle;
use store::tallies::{
    Counted, ItemDetails, ItemTally, OrderTally, Range, Resolution, Sums, Tallied, Tallies, Tally,
};
use testing::{firestore_emulator, unique_project};

/// The beginning of an hour.
pub const START: Timestamp = Timestamp::from_millis(1_764_061_200_000);

/// A project of its own on the emulator.
pub fn settings() -> FirestoreSettings {
    FirestoreSettings {
        emulator_host: Some(firestore_emulator()),
        ..FirestoreSettings::new(unique_project())
    }
}

/// A store that holds nothing yet.
pub fn unique_store() -> Arc<FirestoreStore> {
    Arc::new(FirestoreStore::new(settings()))
}

/// Two instances on one database.
pub fn two_stores() -> [FirestoreStore; 2] {
    let settings = settings();
    [settings.clone(), settings].map(FirestoreStore::new)
}

pub fn minute(number: i64) -> Timestamp {
    Timestamp::from_millis(START.millis() + number * 60_000)
}

pub fn euros(micros: i64) -> Money {
    let euro = Currency::parse("EUR").expect("a currency");
    Money::from_micros(micros, euro)
}

/// One of an item for a euro, with a name that says which event it is from.
pub fn line(item_id: &str, event: &str) -> ItemTally {
    ItemTally {
        item_id: item_id.to_owned(),
        details: ItemDetails {
            name: Some(format!("{item_id} as of {event}")),
            category: Some("Kitchen".into()),
            ..ItemDetails::default()
        },
        quantity: 1,
        revenue: Some(euros(1_000_000)),
        profit: Some(euros(250_000)),
    }
}

pub fn view(name: &str, at: Timestamp, items: &[&str]) -> Tally {
    Tally {
        identity: format!("view_item:{name}"),
        counted: Counted::ViewItem,
        at,
        expires: at.plus(Duration::from_secs(45 * 24 * 60 * 60)),
        items: items.iter().map(|item| line(item, name)).collect(),
        order: None,
    }
}

pub fn purchase(name: &str, at: Timestamp, items: &[&str]) -> Tally {
    let micros = 1_000_000 * i64::try_from(items.len()).expect("few");
    Tally {
        identity: format!("purchase:{name}"),
        counted: Counted::Purchase,
        order: Some(OrderTally::Purchase {
            transaction: Some(name.to_owned()),
            value: Some(euros(micros)),
        }),
        ..view(name, at, items)
    }
}

pub fn refund(name: &str, at: Timestamp, transaction: &str) -> Tally {
    Tally {
        identity: format!("refund:{name}"),
        counted: Counted::Refund,
        order: Some(OrderTally::RefundOfOrder {
            transaction: transaction.to_owned(),
            value: None,
        }),
        ..view(name, at, &[])
    }
}

/// One of each of these items of an order comes back.
pub fn refund_of_items(name: &str, at: Timestamp, transaction: &str, items: &[&str]) -> Tally {
    let micros = 1_000_000 * i64::try_from(items.len()).expect("few");
    Tally {
        identity: format!("refund:{name}"),
        counted: Counted::Refund,
        order: Some(OrderTally::RefundOfItems {
            transaction: Some(transaction.to_owned()),
            value: Some(euros(micros)),
        }),
        ..view(name, at, items)
    }
}

pub async fn add(tallies: &dyn Tallies, batch: &[Tally]) -> Vec<Tallied> {
    tallies.tally(batch).await.expect("the store answers")
}

pub fn range(resolution: Resolution, from: i64, to: i64) -> Range {
    Range {
        resolution,
        from: minute(from),
        to: minute(to),
    }
}

/// All time, and the minutes and quarters of a day around [`START`].
pub fn ranges() -> [Range; 3] {
    [
        Range::all_time(),
        range(Resolution::Minute, -5_000, 720),
        range(Resolution::Quarter, -5_000, 720),
    ]
}

/// With items in order.
pub async fn sums(tallies: &dyn Tallies, range: Range) -> Sums {
    let mut sums = tallies.sums(range).await.expect("the store answers");
    sums.items
        .sort_by(|one, other| one.item_id.cmp(&other.item_id));
    sums
}

/// Compares what the store says with the suite's oracle. `arrived` may hold repetitions.
pub async fn assert_exact(tallies: &dyn Tallies, arrived: &[Tally], what: &str) {
    for range in ranges() {
        let (said, expected) = (sums(tallies, range).await, oracle::sums(arrived, range));
        assert_eq!(said.totals, expected.totals, "{what}: {range:?}");
        assert_eq!(said.items, expected.items, "{what}: {range:?}");
    }
}

/// A document's fields as the REST interface tells them; `None` if it isn't there.
pub async fn fields_of(project: &str, document: &str) -> Option<serde_json::Value> {
    let host = firestore_emulator();
    let url =
        format!("http://{host}/v1/projects/{project}/databases/(default)/documents/{document}");
    let client = reqwest::Client::builder().build().expect("a client");
    let request = client.get(url).bearer_auth("owner");
    let answer = request.send().await.expect("the emulator answers");
    if answer.status() == reqwest::StatusCode::NOT_FOUND {
        return None;
    }
    let text = answer.text().await.expect("an answer");
    let document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    Some(document["fields"].clone())
}

/// Makes a document with that text and nothing else.
pub async fn put(project: &str, document: &str, text: &str) {
    let host = firestore_emulator();
    let url =
        format!("http://{host}/v1/projects/{project}/databases/(default)/documents/{document}");
    let body = serde_json::json!({"fields": {"text": {"stringValue": text}}});
    let client = reqwest::Client::builder().build().expect("a client");
    let request = client.patch(url).bearer_auth("owner");
    let answer = request.body(body.to_string()).send().await;
    let answer = answer.expect("the emulator answers");
    assert!(answer.status().is_success(), "{answer:?}");
}

/// What `talaria up` on an emulator that is emptied meets.
pub async fn empty(project: &str) {
    let host = firestore_emulator();
    let url = format!("http://{host}/emulator/v1/projects/{project}/databases/(default)/documents");
    let client = reqwest::Client::builder().build().expect("a client");
    let answer = client
        .delete(url)
        .send()
        .await
        .expect("the emulator answers");
    assert!(answer.status().is_success(), "{answer:?}");
}
