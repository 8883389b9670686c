//! A push that was read as an event, and the letters that are written about it.

use bus::{Push, PushPayload};
use events::{Identity, Received, Timestamp};
use serde_json::Value;
use store::dead_letters::Payload;
use store::{Answer, DeadLetter, DeadLetterSummary, EventReference, Reason};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// An event on its way to destinations.
pub(crate) struct IncomingEvent {
    pub push: Push,
    pub received: Received,
    /// The event as expressions see it.
    pub json: Value,
}

impl IncomingEvent {
    pub(crate) fn identity(&self) -> &str {
        self.received.identity.as_str()
    }

    /// What the ledger keeps of the event.
    pub(crate) fn reference(&self) -> EventReference {
        let update = &self.received.update;
        EventReference {
            identity: self.identity().to_owned(),
            content_hash: self.received.content_hash.clone(),
            event_id: update.event_id.clone(),
            event_type: update.event_type.clone(),
            received: Timestamp::from_millis(update.received_ms),
        }
    }
}

/// What a letter says beside the message itself.
pub(crate) struct Death<'a> {
    /// What the letter is about; the same death has the same id.
    pub about: String,
    pub reason: Reason,
    pub detail: String,
    pub destination: Option<&'a str>,
    pub route: Option<&'a str>,
    pub effect: Option<&'a str>,
    pub attempts: u32,
    pub answer: Option<Answer>,
}

impl<'a> Death<'a> {
    /// A death of the whole message.
    pub(crate) fn of_message(about: String, reason: Reason, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self {
            about,
            reason,
            detail,
            destination: None,
            route: None,
            effect: None,
            attempts: 0,
            answer: None,
        }
    }

    /// The same, at a destination.
    pub(crate) fn at(self, destination: &'a str) -> Self {
        Self {
            destination: Some(destination),
            ..self
        }
    }

    /// The letter's id.
    pub(crate) fn letter_id(&self) -> String {
        // 96 bits of the digest: short enough to type, long enough to be unique.
        let mut digest = Identity::from_text(self.about.clone()).digest();
        digest.truncate(16);
        digest
    }

    /// The letter, which keeps the message as it came.
    pub(crate) fn letter(
        self,
        push: &Push,
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
            message_id: push.message_id.0.clone(),
            replayed: None,
        };
        DeadLetter {
            summary,
            answer: self.answer,
            payload: payload(push),
            attributes: push.attributes.clone(),
            expires,
        }
    }
}

fn payload(push: &Push) -> Payload {
    match &push.payload {
        PushPayload::Decoded(data) => match std::str::from_utf8(data) {
            Ok(text) => Payload::Text(text.to_owned()),
            Err(_) => Payload::Base64(STANDARD.encode(data)),
        },
        PushPayload::NotBase64(text) => Payload::Text(text.clone()),
    }
}
