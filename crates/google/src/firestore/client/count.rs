//! Counting documents without reading them.

use firestore::gcloud_sdk::google::firestore::v1::run_aggregation_query_request::QueryType;
use firestore::gcloud_sdk::google::firestore::v1::structured_aggregation_query::aggregation::{
    Count, Operator,
};
use firestore::gcloud_sdk::google::firestore::v1::structured_aggregation_query::{
    Aggregation, QueryType as Aggregated,
};
use firestore::gcloud_sdk::google::firestore::v1::{
    RunAggregationQueryRequest, StructuredAggregationQuery, StructuredQuery,
};
use futures_util::TryStreamExt;
use store::StoreUnavailable;

use super::Client;
use crate::firestore::value;

/// What a count is called in its answer.
const COUNT: &str = "count";
/// A count of a million would take longer than is waited for, and whoever needs one would get none; each also costs as many
/// reads as it has thousands.
const MOST_COUNTED: i64 = 100_000;

impl Client {
    /// How many documents answer a query; [`MOST_COUNTED`] if there are more. Costs a read for each thousand.
    pub(in crate::firestore) async fn count(
        &self,
        query: StructuredQuery,
    ) -> Result<u64, StoreUnavailable> {
        let counting = StructuredAggregationQuery {
            aggregations: vec![Aggregation {
                alias: COUNT.to_owned(),
                operator: Some(Operator::Count(Count {
                    up_to: Some(MOST_COUNTED),
                })),
            }],
            query_type: Some(Aggregated::StructuredQuery(query)),
        };
        let request = RunAggregationQueryRequest {
            parent: format!("{}/documents", self.database),
            query_type: Some(QueryType::StructuredAggregationQuery(counting)),
            ..RunAggregationQueryRequest::default()
        };
        let mut client = self.connection().await?.client().get();
        let reading = async {
            let stream = client.run_aggregation_query(request).await?.into_inner();
            stream.try_collect::<Vec<_>>().await
        };
        let answers = self.bounded(reading).await?;
        let result = answers.into_iter().find_map(|answer| answer.result);
        let fields = result.map(|result| result.aggregate_fields);
        let count = value::integer_of(&fields.unwrap_or_default(), COUNT)?.unwrap_or_default();
        let count = count.unsigned_abs();
        self.count_read(
            usize::try_from(count.div_ceil(1_000))
                .unwrap_or(usize::MAX)
                .max(1),
        );
        Ok(count)
    }
}
