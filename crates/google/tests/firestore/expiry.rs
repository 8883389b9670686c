//! What Google forgets by itself, and what it keeps.

use std::collections::BTreeMap;
use std::time::Duration;

use events::{Currency, Money, Timestamp};
use google::firestore::{FirestoreSettings, FirestoreStore};
use serde_json::{Value, json};
use store::tallies::{Counted, ItemDetails, ItemTally, OrderTally, Tallies, Tally};
use store::{DeadLetters, DestinationReport, DestinationReports, HeldMessages};
use testing::firestore_emulator;

use crate::support::{NOW, granted, held, letter, request, settings};

pub const INDEXES: &str = include_str!("../../../../infra/firestore/firestore.indexes.json");

fn purchase() -> Tally {
    let euro = Currency::parse("EUR").expect("a currency");
    Tally {
        identity: "purchase:ORD-1".into(),
        counted: Counted::Purchase,
        at: NOW,
        expires: NOW.plus(Duration::from_secs(60)),
        items: vec![ItemTally {
            item_id: "mug".into(),
            details: ItemDetails::default(),
            quantity: 1,
            revenue: Some(Money::from_micros(1, euro)),
            profit: None,
        }],
        order: Some(OrderTally::Purchase {
            transaction: Some("ORD-1".into()),
            value: None,
        }),
    }
}

fn report() -> DestinationReport {
    DestinationReport {
        destination: "loyalty".into(),
        instance: "first".into(),
        since: NOW,
        at: NOW,
        calls: BTreeMap::new(),
        latency_ms: None,
        in_flight: 0,
        last_done: None,
        last_failure: None,
    }
}

/// Something in every collection there is.
pub async fn write_everything(store: &FirestoreStore) {
    let long = "x".repeat(1_000_000);
    let mut claimed = request("purchase:ORD-1", "first");
    claimed.event.event_id = Some(long.clone());
    granted(store, &claimed).await;
    assert!(store.hold(held(long.clone())).await.expect("held"));
    assert!(store.bury(letter("ORD-1", long)).await.expect("kept"));
    store.report(vec![report()]).await.expect("kept");
    store.tally(&[purchase()]).await.expect("counted");
}

async fn asked(settings: &FirestoreSettings, question: &str, body: Option<Value>) -> Value {
    let (project, database) = (&settings.project, &settings.database);
    let host = firestore_emulator();
    let url =
        format!("http://{host}/v1/projects/{project}/databases/{database}/documents{question}");
    let client = reqwest::Client::builder().build().expect("a client");
    let request = match body {
        Some(body) => client.post(url).body(body.to_string()),
        None => client.get(url),
    };
    let answer = request.bearer_auth("owner").send().await;
    let text = answer.expect("an answer").text().await.expect("a body");
    serde_json::from_str(&text).expect("JSON")
}

#[tokio::test]
async fn a_document_says_when_it_may_be_forgotten_just_where_google_looks_for_it() {
    let settings = settings();
    write_everything(&FirestoreStore::new(settings.clone())).await;
    let indexes: Value = serde_json::from_str(INDEXES).expect("JSON");
    let mut is_forgotten: BTreeMap<&str, bool> = BTreeMap::new();
    for entry in indexes["fieldOverrides"].as_array().expect("a list") {
        let collection = entry["collectionGroup"].as_str().expect("a name");
        *is_forgotten.entry(collection).or_default() |= entry["ttl"] == json!(true);
    }
    let found = asked(&settings, ":listCollectionIds", Some(json!({}))).await;
    let found = found["collectionIds"].as_array().expect("a list");
    let mut found: Vec<&str> = found.iter().filter_map(Value::as_str).collect();
    found.sort_unstable();
    assert_eq!(found, is_forgotten.keys().copied().collect::<Vec<_>>());
    for (collection, is_forgotten) in is_forgotten {
        let listed = asked(&settings, &format!("/{collection}"), None).await;
        let documents = listed["documents"].as_array().expect("documents");
        for document in documents {
            let expiry = &document["fields"]["expires_at"];
            let is_time = expiry["timestampValue"].is_string();
            assert_eq!(is_time, is_forgotten, "{collection}: {expiry}");
            assert_eq!(expiry.is_null(), !is_forgotten, "{collection}: {expiry}");
        }
    }
}

/// Google deletes in no order, and a letter whose parts are gone can't be read.
#[tokio::test]
async fn parts_are_kept_longer_than_what_they_are_parts_of() {
    let settings = settings();
    write_everything(&FirestoreStore::new(settings.clone())).await;
    let expiry = async |collection: &str| {
        let listed = asked(&settings, &format!("/{collection}"), None).await;
        let documents = listed["documents"].as_array().expect("documents").clone();
        let times = documents.iter().map(|document| {
            let expiry = &document["fields"]["expires_at"]["timestampValue"];
            Timestamp::parse_rfc3339(expiry.as_str().expect("a time")).expect("a time")
        });
        times.min().expect("a document")
    };
    for (heads, parts) in [
        ("ledger", "ledger_parts"),
        ("held_messages", "held_message_parts"),
        ("dead_letters", "dead_letter_parts"),
    ] {
        let (head, part) = (expiry(heads).await, expiry(parts).await);
        let days = (part.millis() - head.millis()) / (24 * 60 * 60 * 1_000);
        assert!(days >= 7, "{parts}: {days} days");
    }
}
