//! The ledger on Firestore: one document a record, written only if nobody else has written it meanwhile.
//!
//! Most events are new, and whoever has a lease knows the record as it wrote it: a claim and an advance are a write each
//! and no read. Where that proves wrong the record is read and the decision made again.

mod document;
mod held;
mod latest;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use events::{Identity, Timestamp};
use firestore::gcloud_sdk::google::firestore::v1::StructuredQuery;
use firestore::gcloud_sdk::google::firestore::v1::structured_query::field_filter::Operator;
use store::ledger::{advance, claim, reopen};
use store::{
    Advance, AdvanceError, Claim, ClaimRequest, EventQuery, Ledger, LedgerRecord, Reopened,
    StoreUnavailable,
};

use super::client::CommitError;
use super::collections::{LEDGER, LEDGER_PARTS};
use super::long_text::Version;
use super::rounds::Rounds;
use super::{FirestoreStore, expiry, query, value};
use document::{EVENT_ID_DIGEST, IDENTITY_DIGEST, Kept};
pub(super) use held::HeldRecords;

/// A tag that gives all its events one id would have all of them read, and paid for, by one question.
const MOST_FOUND: i32 = 1_000;

#[async_trait]
impl Ledger for FirestoreStore {
    async fn claim(&self, request: ClaimRequest) -> Result<Claim, StoreUnavailable> {
        let id = document::id(&request.event.identity, &request.destination);
        let mut untold = self.held_records.untold(fastrand::i64(..));
        let mut rounds = Rounds::new("claiming an event");
        let mut existing = None;
        let mut is_read = false;
        loop {
            let (record, version) = self.unworked(existing, untold.token);
            match claim(record, &request) {
                (answer, Some(record)) => {
                    let token = Some(untold.token);
                    match document::write(&self.client, &id, record, version, token).await {
                        Ok(kept) => {
                            self.held_records.hold(id, kept);
                            untold.tell();
                            return Ok(answer);
                        }
                        Err(CommitError::Precondition(_)) => rounds.lost().await?,
                        Err(error) => return Err(error.into()),
                    }
                }
                (answer, None) if is_read => {
                    untold.tell();
                    return Ok(answer);
                }
                // That nothing is to be done was decided without a look at what is there.
                (_, None) => {}
            }
            existing = document::read(&self.client, &id).await?;
            is_read = true;
        }
    }

    async fn advance(&self, step: Advance) -> Result<(), AdvanceError> {
        let id = document::id(&step.lease.identity, &step.lease.destination);
        let mut rounds = Rounds::new("writing what became of an event");
        let mut existing = self.held_records.take(&id, step.lease.fence);
        let mut is_in_doubt = false;
        loop {
            if existing.is_none() {
                existing = document::read(&self.client, &id).await?;
            }
            let (record, version) = Kept::split(existing);
            let record = advance(record, &step)?;
            match document::write(&self.client, &id, record, version, None).await {
                Ok(kept) if step.until.is_some() => {
                    self.held_records.hold(id, kept);
                    return Ok(());
                }
                Ok(_) => return Ok(()),
                Err(CommitError::Precondition(_)) => rounds.lost().await?,
                // A call that was made hangs on it, and writing it twice is writing it once.
                Err(CommitError::Unavailable(_)) if !is_in_doubt => is_in_doubt = true,
                Err(error) => return Err(StoreUnavailable::from(error).into()),
            }
            existing = None;
        }
    }

    async fn reopen(
        &self,
        identity: &str,
        destination: &str,
        effect: &str,
        letter: &str,
        now: Timestamp,
    ) -> Result<Reopened, StoreUnavailable> {
        let id = document::id(identity, destination);
        let mut rounds = Rounds::new("opening an effect again");
        loop {
            let existing = document::read(&self.client, &id).await?;
            let token = existing.as_ref().and_then(|kept| kept.claim);
            let (record, version) = Kept::split(existing);
            let (answer, changed) = reopen(record, effect, letter, now);
            let Some(record) = changed else {
                return Ok(answer);
            };
            match document::write(&self.client, &id, record, version, token).await {
                Ok(_) => return Ok(answer),
                Err(CommitError::Precondition(_)) => rounds.lost().await?,
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn find(&self, query: &EventQuery) -> Result<Vec<LedgerRecord>, StoreUnavailable> {
        let (field, key) = match query {
            EventQuery::EventId(event_id) => (EVENT_ID_DIGEST, event_id),
            EventQuery::Identity(identity) => (IDENTITY_DIGEST, identity),
        };
        let digest = value::text(Identity::from_text(key).digest());
        let found = self
            .client
            .query(StructuredQuery {
                limit: Some(MOST_FOUND),
                ..query::where_field(LEDGER, field, Operator::Equal, digest)
            })
            .await?;
        let mut records = Vec::with_capacity(found.len());
        for found in found {
            records.extend(document::read_found(&self.client, found).await?);
        }
        records.sort_by(|one, other| {
            let by_identity = || one.event.identity.cmp(&other.event.identity);
            one.destination
                .cmp(&other.destination)
                .then_with(by_identity)
        });
        Ok(records)
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreUnavailable> {
        let forgotten = expiry::forget_expired(&self.client, LEDGER, now).await?;
        expiry::forget_expired(&self.client, LEDGER_PARTS, now).await?;
        Ok(forgotten)
    }
}

impl FirestoreStore {
    /// The record for a claim to decide on. A lease that nobody was told of is none: the answer to its claim was lost,
    /// so nobody works under it, and it would keep everybody out until it ends.
    fn unworked(
        &self,
        existing: Option<Kept>,
        token: i64,
    ) -> (Option<LedgerRecord>, Option<Version>) {
        let existing = existing.map(|mut kept| {
            let is_untold = |claim| claim == token || self.held_records.is_untold(claim);
            if kept.claim.is_some_and(is_untold) {
                kept.record.lease = None;
            }
            kept
        });
        Kept::split(existing)
    }
}
