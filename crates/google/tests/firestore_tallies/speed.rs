//! Batches against a commit for every event, side by side.

use std::time::{Duration, Instant};

use firestore::FirestoreDb;
use firestore::gcloud_sdk::google::firestore::v1::document_transform::FieldTransform;
use firestore::gcloud_sdk::google::firestore::v1::document_transform::field_transform::TransformType;
use firestore::gcloud_sdk::google::firestore::v1::precondition::ConditionType;
use firestore::gcloud_sdk::google::firestore::v1::value::ValueType;
use firestore::gcloud_sdk::google::firestore::v1::write::Operation;
use firestore::gcloud_sdk::google::firestore::v1::{
    CommitRequest, Document, DocumentMask, Precondition, Value, Write,
};
use futures_util::StreamExt;
use store::tallies::Tally;
use testing::unique_project;

use crate::shop::{add, assert_exact, minute, purchase, unique_store, view};

/// The first of them warm the emulator up.
const BATCHES: usize = 6;
const BATCH: usize = 500;
const ITEMS: usize = 60;
/// Commits of one event each that are on their way at once.
const AT_ONCE: usize = 32;

/// One event in ten is a purchase.
fn events() -> Vec<Tally> {
    let event = |number: usize| {
        let item = format!("SKU-{}", number * number % ITEMS);
        let at = minute(i64::try_from(number / 1_000).expect("few"));
        match number % 10 {
            0 => purchase(&number.to_string(), at, &[&item]),
            _ => view(&number.to_string(), at, &[&item]),
        }
    };
    (0..BATCHES * BATCH).map(event).collect()
}

/// A marker and an increment of the item, the minute and the quarter.
fn writes(documents: &str, number: usize) -> Vec<Write> {
    let document = |name: String| Document {
        name: format!("{documents}/{name}"),
        ..Document::default()
    };
    let marker = Write {
        current_document: Some(Precondition {
            condition_type: Some(ConditionType::Exists(false)),
        }),
        operation: Some(Operation::Update(document(format!("markers/{number}")))),
        ..Write::default()
    };
    let one = Value {
        value_type: Some(ValueType::IntegerValue(1)),
    };
    let (item, at) = (number * number % ITEMS, number / 1_000);
    let increments = [
        format!("items/{item}"),
        format!("minutes/{at}.{}", item % 4),
        format!("quarters/0.{}", item % 4),
    ];
    let increments = increments.map(|name| Write {
        update_mask: Some(DocumentMask::default()),
        update_transforms: vec![FieldTransform {
            field_path: format!("views.i{item}"),
            transform_type: Some(TransformType::Increment(one.clone())),
        }],
        operation: Some(Operation::Update(document(name))),
        ..Write::default()
    });
    [marker].into_iter().chain(increments).collect()
}

async fn a_commit_an_event(database: &FirestoreDb) -> Duration {
    let documents = database.get_documents_path().clone();
    let began = Instant::now();
    let commits = (0..BATCH).map(|number| {
        let request = CommitRequest {
            database: database.get_database_path().clone(),
            writes: writes(&documents, number),
            ..CommitRequest::default()
        };
        async move { database.client().get().commit(request).await.map(drop) }
    });
    let mut commits = futures_util::stream::iter(commits).buffer_unordered(AT_ONCE);
    while let Some(committed) = commits.next().await {
        committed.expect("the emulator answers");
    }
    began.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn batches_take_three_times_the_events_of_a_commit_an_event() {
    let (store, events) = (unique_store(), events());
    let (mut in_batches, mut one_by_one) = (Duration::MAX, Duration::MAX);
    // In turns and the best of each, whatever else this machine does meanwhile.
    for batch in events.chunks(BATCH) {
        let began = Instant::now();
        add(store.as_ref(), batch).await;
        in_batches = in_batches.min(began.elapsed());
        let database = FirestoreDb::new(unique_project()).await;
        let database = database.expect("the emulator answers");
        one_by_one = one_by_one.min(a_commit_an_event(&database).await);
    }
    assert!(
        one_by_one > 3 * in_batches,
        "{BATCH} events take {in_batches:?} in a batch and {one_by_one:?} one by one"
    );
    assert_exact(store.as_ref(), &events, "fast").await;
}
