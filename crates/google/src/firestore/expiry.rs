//! Forgetting documents by a time they carry.
//!
//! On Google Cloud TTL policies do it and nothing here is called for it: `expires_at` is in no index there. The emulator
//! has no such policies.

use events::Timestamp;
use firestore::gcloud_sdk::google::firestore::v1::structured_query::field_filter::Operator;
use firestore::gcloud_sdk::google::firestore::v1::{Document, StructuredQuery, Write};
use store::StoreUnavailable;

use super::client::{Client, CommitError};
use super::rounds::Rounds;
use super::{query, value, write};

/// Documents that are forgotten in one commit.
const AT_ONCE: usize = 500;
/// The field that TTL policies look at.
pub(super) const EXPIRES_AT: &str = "expires_at";

/// Forgets the documents of a collection whose time has passed; returns how many.
pub(super) async fn forget_expired(
    client: &Client,
    collection: &str,
    now: Timestamp,
) -> Result<u64, StoreUnavailable> {
    let (until, now) = (Operator::LessThanOrEqual, value::time(now));
    forget(
        client,
        query::where_field(collection, EXPIRES_AT, until, now),
    )
    .await
}

/// Forgets the documents that answer the query; returns how many.
pub(super) async fn forget(
    client: &Client,
    matching: StructuredQuery,
) -> Result<u64, StoreUnavailable> {
    let page = StructuredQuery {
        select: query::only([]),
        limit: Some(i32::try_from(AT_ONCE).unwrap_or(i32::MAX)),
        ..matching
    };
    let mut forgotten = 0;
    let mut rounds = Rounds::new("forgetting old documents");
    loop {
        let found = client.query(page.clone()).await?;
        let count = found.len();
        if count == 0 {
            return Ok(forgotten);
        }
        match client
            .commit(found.into_iter().map(deletion).collect())
            .await
        {
            Ok(_) => forgotten += u64::try_from(count).unwrap_or(u64::MAX),
            Err(CommitError::Precondition(_)) => {
                rounds.lost().await?;
                continue;
            }
            Err(error) => return Err(error.into()),
        }
        if count < AT_ONCE {
            return Ok(forgotten);
        }
    }
}

/// One that was written anew since it was found is none of those that were asked for.
fn deletion(document: Document) -> Write {
    match document.update_time {
        Some(read) => write::delete_unchanged(document.name, read),
        None => write::delete(document.name),
    }
}
