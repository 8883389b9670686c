//! What only the work on a held message needs: kept apart from its summary, so that listings read none of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{HeldMessage, HeldSummary};
use crate::dead_letters::Payload;

/// A held message without its summary, as backends write it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HeldContent {
    /// See [`HeldMessage::payload`].
    pub payload: Payload,
    /// See [`HeldMessage::attributes`].
    pub attributes: BTreeMap<String, String>,
    /// See [`HeldMessage::message_id`].
    pub message_id: String,
    /// See [`HeldMessage::publish_time`].
    pub publish_time: String,
    /// See [`HeldMessage::event_type_hint`].
    pub event_type_hint: Option<String>,
}

impl HeldContent {
    /// The message of this content.
    pub fn with(self, summary: HeldSummary) -> HeldMessage {
        HeldMessage {
            summary,
            payload: self.payload,
            attributes: self.attributes,
            message_id: self.message_id,
            publish_time: self.publish_time,
            event_type_hint: self.event_type_hint,
        }
    }

    /// What is left of a content that can't be read: its text, for a person.
    pub fn of_unreadable(text: String) -> Self {
        Self {
            payload: Payload::Text(text),
            attributes: BTreeMap::new(),
            message_id: String::new(),
            publish_time: String::new(),
            event_type_hint: None,
        }
    }
}

impl HeldMessage {
    /// Its summary, and the rest.
    pub fn into_parts(self) -> (HeldSummary, HeldContent) {
        let content = HeldContent {
            payload: self.payload,
            attributes: self.attributes,
            message_id: self.message_id,
            publish_time: self.publish_time,
            event_type_hint: self.event_type_hint,
        };
        (self.summary, content)
    }
}
