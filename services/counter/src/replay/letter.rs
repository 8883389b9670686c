//! What speaks against replaying a letter, and the message that it becomes.

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bus::{Message, attribute};
use events::Identity;
use store::dead_letters::Payload;
use store::{DeadLetter, DeadLetterSummary, Reason};

use super::ReplayOrder;
use crate::replayer::ReplaySelection;

/// Attributes that the bus sets when it gives up; a message that starts again has none.
const OF_THE_GIVEN_UP: [&str; 4] = [
    attribute::DEAD_LETTER_DELIVERY_COUNT,
    attribute::DEAD_LETTER_SUBSCRIPTION,
    attribute::DEAD_LETTER_SUBSCRIPTION_PROJECT,
    attribute::DEAD_LETTER_PUBLISH_TIME,
];

/// Why a letter is not replayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Objection {
    /// In words.
    pub(super) reason: String,
    /// Whether `--accept-duplicates` overrules it.
    pub(super) needs_accept_duplicates: bool,
}

impl Objection {
    fn new(reason: &str) -> Self {
        Self {
            reason: reason.to_owned(),
            needs_accept_duplicates: false,
        }
    }
}

/// Why this letter is not replayed by this order, if so.
pub(super) fn objection(letter: &DeadLetterSummary, order: &ReplayOrder) -> Option<Objection> {
    if !letter.reason.is_replayable() {
        return Some(Objection::new(
            "the same identity came with other content: decide which is right, a repetition can't",
        ));
    }
    let chosen = match &order.selection {
        ReplaySelection::Ids(ids) => ids.contains(&letter.id),
        ReplaySelection::Filter(filter) => filter.reason == Some(Reason::OutcomeUnknown),
    };
    if letter.reason == Reason::OutcomeUnknown && !chosen {
        return Some(Objection::new(
            "the call may have arrived, and the API may do it again: look there first, then name the letter's id or \
             --reason outcome-unknown",
        ));
    }
    let recognisable = letter
        .identity
        .as_ref()
        .is_some_and(|identity| !Identity::from_text(identity.as_str()).is_message_only());
    if letter.reason == Reason::Undelivered && !recognisable && !order.accept_duplicates {
        let reason = "the message has no id of its own, so what was done of it may be done again: \
                      --accept-duplicates replays it all the same";
        return Some(Objection {
            needs_accept_duplicates: true,
            ..Objection::new(reason)
        });
    }
    None
}

/// The letter's message, which keeps the identity it had.
pub(super) fn message_of(letter: &DeadLetter) -> anyhow::Result<Message> {
    let data = match &letter.payload {
        Payload::Text(text) => text.clone().into_bytes(),
        Payload::Base64(text) => STANDARD
            .decode(text)
            .context("the kept payload is no base64")?,
    };
    let mut attributes = letter.attributes.clone();
    attributes.retain(|name, _| !OF_THE_GIVEN_UP.contains(&name.as_str()));
    if let Some(identity) = &letter.summary.identity {
        attributes.insert(attribute::IDENTITY.to_owned(), identity.clone());
    }
    Ok(Message {
        data: data.into(),
        attributes,
    })
}
