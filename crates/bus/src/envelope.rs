//! The body of a push request, as Pub/Sub sends it; one type for both backends.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::MessageId;

/// The JSON of a push request. Unknown keys are ignored, because Pub/Sub adds some over time.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PushEnvelope {
    /// The message with its payload still encoded.
    pub message: PushMessage,
    /// Full name of the subscription, `projects/{project}/subscriptions/{name}`.
    #[serde(default)]
    pub subscription: String,
    /// 1 on the first delivery; absent where the subscription has no dead-letter policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_attempt: Option<u32>,
}

/// The message inside a [`PushEnvelope`].
///
/// Pub/Sub sends id and time under two spellings each; the camelCase ones are read, and both are written.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PushMessage {
    /// Standard base64 with padding; absent when the message has attributes alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// Attributes; absent means none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
    /// The bus's id of the message.
    pub message_id: String,
    /// When the bus took the message, RFC 3339.
    #[serde(default)]
    pub publish_time: String,
    /// The same as `message_id`, for consumers that know the other spelling.
    #[serde(rename = "message_id", default, skip_deserializing)]
    pub message_id_snake_case: String,
    /// The same as `publish_time`, for consumers that know the other spelling.
    #[serde(rename = "publish_time", default, skip_deserializing)]
    pub publish_time_snake_case: String,
}

/// A push that has been read: payload decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// The payload.
    pub payload: PushPayload,
    /// Attributes of the message.
    pub attributes: BTreeMap<String, String>,
    /// The bus's id of the message.
    pub message_id: MessageId,
    /// RFC 3339, as it came; empty if it didn't.
    pub publish_time: String,
    /// Full name of the subscription; empty if it didn't come.
    pub subscription: String,
    /// 1 on the first delivery; `None` where the bus doesn't count.
    pub delivery_attempt: Option<u32>,
}

/// The payload of a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PushPayload {
    /// Decoded; empty when the message has attributes alone.
    Decoded(Bytes),
    /// `message.data` as it came, because it is no standard base64. It never will be, so a consumer keeps the text
    /// as a dead letter and acknowledges.
    NotBase64(String),
}

/// The request's body is not JSON, or not the shape of a push. A set-up fault: the message itself may be sound, so
/// the push is refused and the bus keeps the message.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "the body is not a Pub/Sub push ({fault}): is the subscription set to push without a wrapper?"
)]
pub struct NotAPush {
    /// Kind and place of the fault, without the body's content.
    pub fault: String,
}

impl PushEnvelope {
    /// The envelope that carries `data` and `attributes`.
    pub fn new(
        subscription: String,
        message_id: &MessageId,
        publish_time: String,
        data: &[u8],
    ) -> Self {
        let message = PushMessage {
            data: (!data.is_empty()).then(|| STANDARD.encode(data)),
            attributes: BTreeMap::new(),
            message_id: message_id.0.clone(),
            message_id_snake_case: message_id.0.clone(),
            publish_time_snake_case: publish_time.clone(),
            publish_time,
        };
        Self {
            message,
            subscription,
            delivery_attempt: None,
        }
    }
}

impl Push {
    /// Reads the body of a push request.
    pub fn from_body(body: &[u8]) -> Result<Self, NotAPush> {
        // Not serde_json's own words: they can repeat texts of the body.
        let envelope: PushEnvelope = serde_json::from_slice(body).map_err(|error| NotAPush {
            fault: format!(
                "{:?} error at line {} column {}",
                error.classify(),
                error.line(),
                error.column()
            ),
        })?;
        let message = envelope.message;
        let payload = match message.data {
            None => PushPayload::Decoded(Bytes::new()),
            Some(encoded) => match STANDARD.decode(&encoded) {
                Ok(data) => PushPayload::Decoded(data.into()),
                Err(_) => PushPayload::NotBase64(encoded),
            },
        };
        Ok(Self {
            payload,
            attributes: message.attributes,
            message_id: MessageId(message.message_id),
            publish_time: message.publish_time,
            subscription: envelope.subscription,
            delivery_attempt: envelope.delivery_attempt,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_are_written_and_one_is_read() {
        let mut envelope = PushEnvelope::new(
            "projects/p/subscriptions/s".into(),
            &MessageId("7".into()),
            "2025-11-25T09:00:00Z".into(),
            b"{}",
        );
        envelope.delivery_attempt = Some(3);
        envelope
            .message
            .attributes
            .insert("probe".into(), "1".into());
        let body = serde_json::to_vec(&envelope).expect("an envelope is JSON");
        let json: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(json["message"]["messageId"], json["message"]["message_id"]);
        assert_eq!(
            json["message"]["publishTime"],
            json["message"]["publish_time"]
        );
        let push = Push::from_body(&body).expect("a push");
        assert_eq!(
            push.payload,
            PushPayload::Decoded(Bytes::from_static(b"{}"))
        );
        assert_eq!(push.message_id.0, "7");
        assert_eq!(push.delivery_attempt, Some(3));
        assert_eq!(push.attributes["probe"], "1");
    }

    #[test]
    fn a_message_of_attributes_alone_has_no_data() {
        let push = Push::from_body(
            br#"{"message":{"attributes":{"probe":"1"},"messageId":"9"},"subscription":"s"}"#,
        )
        .expect("a push");
        assert_eq!(push.payload, PushPayload::Decoded(Bytes::new()));
        assert_eq!(push.delivery_attempt, None);
    }

    #[test]
    fn what_is_no_push_says_so_without_repeating_it() {
        let cases: [&[u8]; 5] = [
            b"",
            b"[]",
            b"{\"secret\":\"x\"}",
            b"{\"message\":7}",
            b"\xff",
        ];
        for body in cases {
            let error = Push::from_body(body).expect_err("no push");
            assert!(!error.to_string().contains("secret"));
        }
    }

    #[test]
    fn a_payload_that_is_no_base64_is_kept_as_it_came() {
        let push =
            Push::from_body(br#"{"message":{"data":"%%%","messageId":"9"}}"#).expect("a push");
        assert_eq!(push.payload, PushPayload::NotBase64("%%%".into()));
    }
}
