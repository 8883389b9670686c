//! A letter as a document: what a listing shows apart from what it must not.

use std::collections::BTreeMap;

use events::Timestamp;
use serde::{Deserialize, Serialize};
use store::dead_letters::Payload;
use store::{Answer, DeadLetter, DeadLetterSummary, StoreUnavailable};

use crate::firestore::collections::{DEAD_LETTER_PARTS, DEAD_LETTERS};
use crate::firestore::expiry::EXPIRES_AT;
use crate::firestore::long_text::{LongText, Whole};
use crate::firestore::value::{self, Fields};

/// When the letter was given up, in milliseconds since the epoch.
pub(super) const AT: &str = "at";
/// The same of its latest replay; absent before the first.
pub(super) const REPLAYED: &str = "replayed";
pub(super) const SUMMARY: &str = "summary";

/// A message can have 10 MB, and more as JSON.
pub(super) const LETTER: LongText = LongText {
    collection: DEAD_LETTERS,
    field: "letter",
    parts: DEAD_LETTER_PARTS,
};

/// What only a look at one letter shows.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    answer: Option<Answer>,
    payload: Payload,
    attributes: BTreeMap<String, String>,
    expires: Timestamp,
}

/// The fields of a letter's document, and its long text.
pub(super) fn written(letter: DeadLetter) -> Result<(Fields, String), StoreUnavailable> {
    let summary = serde_json::to_string(&letter.summary).map_err(StoreUnavailable::new)?;
    let mut fields = value::fields([
        (AT, value::integer(letter.summary.at.millis())),
        (SUMMARY, value::text(summary)),
        (EXPIRES_AT, value::time(letter.expires)),
    ]);
    if let Some(replayed) = letter.summary.replayed {
        fields.insert(REPLAYED.to_owned(), value::integer(replayed.millis()));
    }
    let content = Content {
        answer: letter.answer,
        payload: letter.payload,
        attributes: letter.attributes,
        expires: letter.expires,
    };
    let text = serde_json::to_string(&content).map_err(StoreUnavailable::new)?;
    Ok((fields, text))
}

pub(super) fn is_replayed(fields: &Fields) -> Result<bool, StoreUnavailable> {
    Ok(value::integer_of(fields, REPLAYED)?.is_some())
}

pub(super) fn summary(fields: &Fields) -> Result<DeadLetterSummary, StoreUnavailable> {
    let text = value::text_of(fields, SUMMARY)?.unwrap_or_default();
    let mut summary: DeadLetterSummary = value::from_json(text, "a dead letter")?;
    summary.replayed = value::integer_of(fields, REPLAYED)?.map(Timestamp::from_millis);
    Ok(summary)
}

pub(super) fn letter(whole: Whole) -> Result<DeadLetter, StoreUnavailable> {
    let content: Content = value::from_json(&whole.text, "a dead letter")?;
    Ok(DeadLetter {
        summary: summary(&whole.fields)?,
        answer: content.answer,
        payload: content.payload,
        attributes: content.attributes,
        expires: content.expires,
    })
}
