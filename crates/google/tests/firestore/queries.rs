//! What is asked for, beside the file of indexes: the emulator also answers what production has no index for.

use std::collections::BTreeSet;

use firestore::gcloud_sdk::google::firestore::v1::run_aggregation_query_request::QueryType as Aggregation;
use firestore::gcloud_sdk::google::firestore::v1::run_query_request::QueryType;
use firestore::gcloud_sdk::google::firestore::v1::structured_aggregation_query::QueryType as Aggregated;
use firestore::gcloud_sdk::google::firestore::v1::structured_query::Filter;
use firestore::gcloud_sdk::google::firestore::v1::structured_query::filter::FilterType;
use firestore::gcloud_sdk::google::firestore::v1::{
    RunAggregationQueryRequest, RunQueryRequest, StructuredQuery,
};
use firestore::gcloud_sdk::prost::Message;
use google::firestore::{FirestoreSettings, FirestoreStore};
use serde_json::Value;
use store::held_messages::Wanted;
use store::tallies::{Range, Tallies};
use store::{
    DeadLetterFilter, DeadLetters, DestinationReports, EventQuery, HeldMessages, Ledger, Reason,
};
use testing::firestore_emulator;

use crate::expiry::{INDEXES, write_everything};
use crate::grpc_proxy::{Call, GrpcProxy};
use crate::support::{NOW, settings};

/// Everything that a service on Google Cloud may ask; what is past its time Google forgets by itself.
async fn ask_everything(store: &FirestoreStore) {
    let answered = "the store answers";
    for wanted in [
        Wanted::LongestDue(NOW),
        Wanted::LatestDue(NOW),
        Wanted::WaitingFor("an API".into()),
    ] {
        store.due("crm", wanted, 10).await.expect(answered);
    }
    store.waited_for("crm").await.expect(answered);
    store.backlog().await.expect(answered);
    let identity = EventQuery::Identity("purchase:ORD-1".into());
    for query in [identity, EventQuery::EventId("evt_1".into())] {
        store.find_held(&query).await.expect(answered);
        store.find(&query).await.expect(answered);
    }
    let filtered = DeadLetterFilter {
        reason: Some(Reason::Rejected),
        destination: Some("loyalty".into()),
        since: Some(NOW),
        ..DeadLetterFilter::default()
    };
    for filter in [DeadLetterFilter::default(), filtered] {
        store.list(&filter).await.expect(answered);
    }
    store.reports().await.expect(answered);
    DestinationReports::purge(store, NOW).await.expect(answered);
    store.sums(Range::all_time()).await.expect(answered);
}

fn query_of(call: &Call) -> Option<StructuredQuery> {
    let message = call.message.get(5..)?;
    match call.method.as_str() {
        "RunQuery" => {
            let request = RunQueryRequest::decode(message).expect("a request");
            let QueryType::StructuredQuery(query) = request.query_type?;
            Some(query)
        }
        "RunAggregationQuery" => {
            let request = RunAggregationQueryRequest::decode(message).expect("a request");
            let Aggregation::StructuredAggregationQuery(query) = request.query_type?;
            let Aggregated::StructuredQuery(query) = query.query_type?;
            Some(query)
        }
        _ => None,
    }
}

/// The fields that must be in an index, names of documents aside.
fn fields_of(query: &StructuredQuery) -> BTreeSet<String> {
    fn gather(filter: &Filter, fields: &mut BTreeSet<String>) {
        match &filter.filter_type {
            Some(FilterType::CompositeFilter(all)) => {
                all.filters.iter().for_each(|one| gather(one, fields));
            }
            Some(FilterType::FieldFilter(one)) => {
                fields.extend(one.field.iter().map(|field| field.field_path.clone()));
            }
            Some(FilterType::UnaryFilter(_)) | None => panic!("{filter:?}"),
        }
    }
    let ordered = query
        .order_by
        .iter()
        .filter_map(|order| order.field.clone());
    let mut fields: BTreeSet<String> = ordered.map(|field| field.field_path).collect();
    query
        .r#where
        .iter()
        .for_each(|filter| gather(filter, &mut fields));
    fields.remove("__name__");
    fields
}

#[tokio::test]
async fn every_question_is_answered_from_an_index_of_one_field() {
    let proxy = GrpcProxy::start(firestore_emulator()).await;
    let store = FirestoreStore::new(FirestoreSettings {
        emulator_host: Some(proxy.address()),
        ..settings()
    });
    write_everything(&store).await;
    ask_everything(&store).await;
    let indexes: Value = serde_json::from_str(INDEXES).expect("JSON");
    let exempt = |collection: &str, field: &str| {
        let mut entries = indexes["fieldOverrides"].as_array().expect("a list").iter();
        let is_it =
            |entry: &Value| entry["collectionGroup"] == collection && entry["fieldPath"] == field;
        entries.any(is_it)
    };
    let mut asked = BTreeSet::new();
    for query in proxy.calls().iter().filter_map(query_of) {
        let [from] = &query.from[..] else {
            panic!("{query:?} asks several collections");
        };
        assert!(
            !from.all_descendants,
            "an index of one collection is for it"
        );
        let fields = fields_of(&query);
        assert!(fields.len() <= 1, "{query:?} needs an index of several");
        for field in fields {
            assert!(!exempt(&from.collection_id, &field), "{query:?}");
            asked.insert(format!("{}.{field}", from.collection_id));
        }
    }
    for known in ["dead_letters.at", "ledger.identity_digest"] {
        assert!(asked.contains(known), "{known} is not among {asked:?}");
    }
}
