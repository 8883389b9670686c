//! A record as a document.

use events::Identity;
use firestore::gcloud_sdk::google::firestore::v1::Document;
use store::{LedgerRecord, StoreUnavailable};

use crate::firestore::client::{Client, CommitError};
use crate::firestore::collections::{LEDGER, LEDGER_PARTS};
use crate::firestore::expiry::EXPIRES_AT;
use crate::firestore::long_text::{LongText, Version, Whole};
use crate::firestore::value::{self, Fields};

/// Records are asked for by digests, since an index takes 1,500 bytes and the texts may be longer.
pub(super) const IDENTITY_DIGEST: &str = "identity_digest";
pub(super) const EVENT_ID_DIGEST: &str = "event_id_digest";
const DESTINATION: &str = "destination";
/// Which call of this or another process wrote the lease.
const CLAIM: &str = "claim";

/// One order of 500 items can make effects, each with ten attempts, of several MiB together.
const RECORD: LongText = LongText {
    collection: LEDGER,
    field: "record",
    parts: LEDGER_PARTS,
};

/// A record as it is in the database, or was when this process wrote it.
#[derive(Debug)]
pub(super) struct Kept {
    pub record: LedgerRecord,
    pub version: Version,
    /// Of the claim that wrote the lease, if nothing was written under it since.
    pub claim: Option<i64>,
    /// Of the record's text.
    pub bytes: usize,
}

/// The name of an event's record at a destination.
pub(super) fn id(identity: &str, destination: &str) -> String {
    format!("{}.{destination}", Identity::from_text(identity).digest())
}

pub(super) async fn read(client: &Client, id: &str) -> Result<Option<Kept>, StoreUnavailable> {
    RECORD
        .read(client, id)
        .await?
        .map(Kept::try_from)
        .transpose()
}

/// The record of a document that a query has found; `None` if it is gone since.
pub(super) async fn read_found(
    client: &Client,
    found: Document,
) -> Result<Option<LedgerRecord>, StoreUnavailable> {
    let digest = value::text_of(&found.fields, IDENTITY_DIGEST)?.unwrap_or_default();
    let destination = value::text_of(&found.fields, DESTINATION)?.unwrap_or_default();
    let id = format!("{digest}.{destination}");
    let whole = RECORD.read_found(client, &id, found).await?;
    Ok(whole
        .map(Kept::try_from)
        .transpose()?
        .map(|kept| kept.record))
}

/// Writes a new record, or one in the place of `before`.
pub(super) async fn write(
    client: &Client,
    id: &str,
    record: LedgerRecord,
    before: Option<Version>,
    claim: Option<i64>,
) -> Result<Kept, CommitError> {
    let text = serde_json::to_string(&record).map_err(StoreUnavailable::new)?;
    let (bytes, expires) = (text.len(), record.expires);
    let version = RECORD
        .write(
            client,
            id,
            before.as_ref(),
            fields(&record, claim),
            &text,
            expires,
        )
        .await?;
    Ok(Kept {
        record,
        version,
        claim,
        bytes,
    })
}

fn fields(record: &LedgerRecord, claim: Option<i64>) -> Fields {
    let event = &record.event;
    let digest = |text: &str| value::text(Identity::from_text(text).digest());
    let mut fields = value::fields([
        (IDENTITY_DIGEST, digest(&event.identity)),
        (DESTINATION, value::text(&record.destination)),
        (EXPIRES_AT, value::time(record.expires)),
    ]);
    if let Some(event_id) = &event.event_id {
        fields.insert(EVENT_ID_DIGEST.to_owned(), digest(event_id));
    }
    if let Some(claim) = claim {
        fields.insert(CLAIM.to_owned(), value::integer(claim));
    }
    fields
}

impl Kept {
    /// The record, for a rule to change, and what it replaces then.
    pub(super) fn split(kept: Option<Self>) -> (Option<LedgerRecord>, Option<Version>) {
        kept.map(|kept| (kept.record, kept.version)).unzip()
    }
}

impl TryFrom<Whole> for Kept {
    type Error = StoreUnavailable;

    fn try_from(whole: Whole) -> Result<Self, StoreUnavailable> {
        Ok(Self {
            record: value::from_json(&whole.text, "a ledger record")?,
            version: whole.version,
            claim: value::integer_of(&whole.fields, CLAIM)?,
            bytes: whole.text.len(),
        })
    }
}
