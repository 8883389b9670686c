//! A held message as a document: what a listing shows apart from what it must not.

use events::{Identity, Timestamp};
use store::{HeldContent, HeldMessage, HeldSummary, StoreUnavailable};

use crate::firestore::collections::{HELD_MESSAGE_PARTS, HELD_MESSAGES};
use crate::firestore::expiry::EXPIRES_AT;
use crate::firestore::long_text::LongText;
use crate::firestore::value::{self, Fields};

/// The destination and when the message is due.
pub(super) const DUE_KEY: &str = "due_key";
/// The destination and since when the message is held.
pub(super) const AGE_KEY: &str = "age_key";
/// The destination and what the message waits for beside its time; empty if it doesn't.
pub(super) const WAITS_KEY: &str = "waits_key";
/// An index takes 1,500 bytes, and the texts may be longer.
pub(super) const IDENTITY_DIGEST: &str = "identity_digest";
pub(super) const EVENT_ID_DIGEST: &str = "event_id_digest";
pub(super) const SUMMARY: &str = "summary";

/// A message can have 10 MB, and more as JSON.
pub(super) const MESSAGE: LongText = LongText {
    collection: HELD_MESSAGES,
    field: "message",
    parts: HELD_MESSAGE_PARTS,
};

/// Sorts a destination's messages by a time. Destinations' ids have no point, so that none is in the middle of another's.
pub(super) fn key(destination: &str, at: Timestamp) -> String {
    // Times before 1970 are none that a message can have.
    let millis = at.millis().max(0);
    format!("{destination}.{millis:020}")
}

/// Finds a destination's messages by what they wait for.
pub(super) fn waits_key(destination: &str, waits_for: &str) -> String {
    format!("{destination}.{waits_for}")
}

/// The destination of such a key, and the rest.
pub(super) fn parts_of_key(key: &str) -> Option<(&str, &str)> {
    key.split_once('.')
}

/// Not after any key of the destination.
pub(super) fn first_key(destination: &str) -> String {
    format!("{destination}.")
}

/// After all keys of the destination, and before those of any that sorts after it.
pub(super) fn last_key(destination: &str) -> String {
    // The character after the point.
    format!("{destination}/")
}

/// The fields of a message's document, and its long text.
pub(super) fn written(message: HeldMessage) -> Result<(Fields, String), StoreUnavailable> {
    let (summary, content) = message.into_parts();
    let fields = fields(&summary)?;
    let text = serde_json::to_string(&content).map_err(StoreUnavailable::new)?;
    Ok((fields, text))
}

/// All fields but the text.
pub(super) fn fields(summary: &HeldSummary) -> Result<Fields, StoreUnavailable> {
    let digest = |text: &str| value::text(Identity::from_text(text).digest());
    let mut fields = changing(summary)?;
    fields.extend(value::fields([
        (
            AGE_KEY,
            value::text(key(&summary.destination, summary.first_held)),
        ),
        (IDENTITY_DIGEST, digest(&summary.identity)),
        (EXPIRES_AT, value::time(summary.expires)),
    ]));
    if let Some(event_id) = &summary.event_id {
        fields.insert(EVENT_ID_DIGEST.to_owned(), digest(event_id));
    }
    Ok(fields)
}

/// The fields that change while a message is held.
pub(super) fn changing(summary: &HeldSummary) -> Result<Fields, StoreUnavailable> {
    let text = serde_json::to_string(summary).map_err(StoreUnavailable::new)?;
    let mut fields = found_by(
        &summary.destination,
        summary.due,
        summary.waits_for.as_deref(),
    );
    fields.insert(SUMMARY.to_owned(), value::text(text));
    Ok(fields)
}

/// The fields by which a message is found to be worked.
pub(super) fn found_by(destination: &str, due: Timestamp, waits_for: Option<&str>) -> Fields {
    let waits_key = waits_for.map_or(String::new(), |what| waits_key(destination, what));
    value::fields([
        (DUE_KEY, value::text(key(destination, due))),
        (WAITS_KEY, value::text(waits_key)),
    ])
}

pub(super) fn summary(fields: &Fields) -> Result<HeldSummary, StoreUnavailable> {
    let text = value::text_of(fields, SUMMARY)?.unwrap_or_default();
    value::from_json(text, "a held message")
}

pub(super) fn content(text: &str) -> Result<HeldContent, StoreUnavailable> {
    value::from_json(text, "a held message's content")
}
