//! A held message as a document: what a listing shows apart from what it must not.

use std::collections::BTreeMap;

use events::{Identity, Timestamp};
use serde::{Deserialize, Serialize};
use store::dead_letters::Payload;
use store::{HeldMessage, HeldSummary, StoreUnavailable};

use crate::firestore::collections::{HELD_MESSAGE_PARTS, HELD_MESSAGES};
use crate::firestore::expiry::EXPIRES_AT;
use crate::firestore::long_text::LongText;
use crate::firestore::value::{self, Fields};

/// The destination and when the message is due.
pub(super) const DUE_KEY: &str = "due_key";
/// The destination and since when the message is held.
pub(super) const AGE_KEY: &str = "age_key";
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

/// What only the work on a message needs.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    payload: Payload,
    attributes: BTreeMap<String, String>,
    message_id: String,
    publish_time: String,
    event_type_hint: Option<String>,
}

/// Sorts a destination's messages by a time. Destinations' ids have no point, so that none is in the middle of another's.
pub(super) fn key(destination: &str, at: Timestamp) -> String {
    // Times before 1970 are none that a message can have.
    let millis = at.millis().max(0);
    format!("{destination}.{millis:020}")
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
    let fields = fields(&message.summary)?;
    let content = Content {
        payload: message.payload,
        attributes: message.attributes,
        message_id: message.message_id,
        publish_time: message.publish_time,
        event_type_hint: message.event_type_hint,
    };
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
    Ok(value::fields([
        (DUE_KEY, value::text(key(&summary.destination, summary.due))),
        (SUMMARY, value::text(text)),
    ]))
}

pub(super) fn summary(fields: &Fields) -> Result<HeldSummary, StoreUnavailable> {
    let text = value::text_of(fields, SUMMARY)?.unwrap_or_default();
    value::from_json(text, "a held message")
}

pub(super) fn message(summary: HeldSummary, text: &str) -> Result<HeldMessage, StoreUnavailable> {
    let content: Content = value::from_json(text, "a held message")?;
    Ok(HeldMessage {
        summary,
        payload: content.payload,
        attributes: content.attributes,
        message_id: content.message_id,
        publish_time: content.publish_time,
        event_type_hint: content.event_type_hint,
    })
}
