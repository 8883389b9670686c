//! How a letter is written: what died of what, and the message it came in.

use std::collections::BTreeMap;
use std::fmt::{Debug, Display};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use events::{Identity, Received, Timestamp};

use super::{Answer, DeadLetter, DeadLetterSummary, Payload, Reason};

/// What a letter says beside the message itself.
#[derive(Clone, Debug)]
pub struct Death<'a> {
    /// What the letter is about; the same death has the same id.
    pub about: String,
    /// Why.
    pub reason: Reason,
    /// The reason in words, without the event's content.
    pub detail: String,
    /// The destination's id, if it got that far.
    pub destination: Option<&'a str>,
    /// The route, if it is about one effect.
    pub route: Option<&'a str>,
    /// The ledger's key of the effect, if it is about one.
    pub effect: Option<&'a str>,
    /// Calls made.
    pub attempts: u32,
    /// The API's last answer, if there was one.
    pub answer: Option<Answer>,
}

/// The message that a letter keeps.
#[derive(Clone, Debug)]
pub struct DeadMessage<'a> {
    /// The message's id on the bus.
    pub message_id: &'a str,
    /// As it came.
    pub payload: Payload,
    /// As they came.
    pub attributes: &'a BTreeMap<String, String>,
}

impl<'a> Death<'a> {
    /// A death of the whole message.
    pub fn of_message(about: String, reason: Reason, detail: impl Into<String>) -> Self {
        Self {
            about,
            reason,
            detail: detail.into(),
            destination: None,
            route: None,
            effect: None,
            attempts: 0,
            answer: None,
        }
    }

    /// A death of a message that couldn't be read. Neither service nor subscription is part of what it is about: the
    /// same message dies the same death wherever it is delivered, and is kept once.
    pub fn of_unread_message(
        message_id: impl Display,
        payload: impl Debug,
        reason: Reason,
        detail: impl Into<String>,
    ) -> Self {
        Self::of_message(format!("message/{message_id}/{payload:?}"), reason, detail)
    }

    /// The same, at a destination.
    pub fn at(self, destination: &'a str) -> Self {
        Self {
            destination: Some(destination),
            ..self
        }
    }

    /// The letter's id.
    pub fn letter_id(&self) -> String {
        // 96 bits of the digest: short enough to type, long enough to be unique.
        let mut digest = Identity::from_text(self.about.clone()).digest();
        digest.truncate(16);
        digest
    }

    /// The letter, which keeps the message as it came.
    pub fn letter(
        self,
        message: DeadMessage<'_>,
        received: Option<&Received>,
        at: Timestamp,
        expires: Timestamp,
    ) -> DeadLetter {
        let update = received.map(|received| &received.update);
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let summary = DeadLetterSummary {
            id: self.letter_id(),
            reason: self.reason,
            detail: self.detail,
            at,
            identity: received.map(|received| received.identity.as_str().to_owned()),
            event_id: update.and_then(|update| update.event_id.clone()),
            event_type: update.and_then(|update| update.event_type.clone()),
            destination: owned(self.destination),
            route: owned(self.route),
            effect: owned(self.effect),
            attempts: self.attempts,
            value: received.and_then(|received| received.value),
            message_id: message.message_id.to_owned(),
            replayed: None,
        };
        DeadLetter {
            summary,
            answer: self.answer,
            payload: message.payload,
            attributes: message.attributes.clone(),
            expires,
        }
    }
}

impl Payload {
    /// The payload of these bytes.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Base64(STANDARD.encode(bytes)),
        }
    }
}
