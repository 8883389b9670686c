//! What makes two messages the same event, and the names made of it.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::BackendUpdate;

/// The namespace of our keys, drawn once. It never changes, or APIs would see old effects under new keys.
const EFFECT_KEYS: Uuid = Uuid::from_u128(0x8d0f_6a52_3c1e_4b7a_9f24_61d7_b05e_c983);
/// Stands for the event type in identities of messages; no event has it.
pub(crate) const TYPE_OF_MESSAGES: &str = "pubsub";

/// What a purchase is recognised by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PurchaseIdentity {
    /// Its transaction id: a reloaded thank-you page is the same order under a new event id.
    #[default]
    Transaction,
    /// Its event id, like any other event.
    Event,
}

/// One event's identity, such as `purchase:ORD-1`, `generate_lead:evt_1` or `pubsub:123`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Identity(String);

impl Identity {
    /// An identity that was worked out before and kept, in a record or an attribute.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The identity of an event that came as message `message_id`.
    pub fn of(
        update: &BackendUpdate,
        message_id: &str,
        purchase_identity: PurchaseIdentity,
    ) -> Self {
        let transaction_id = match purchase_identity {
            PurchaseIdentity::Transaction => {
                update.data.get("transactionId").and_then(Value::as_str)
            }
            PurchaseIdentity::Event => None,
        };
        let named = |text: &&str| !text.trim().is_empty();
        match (
            update.event_type.as_deref(),
            transaction_id.filter(named),
            update.event_id.as_deref(),
        ) {
            (Some("purchase"), Some(transaction_id), _) => Self::of_purchase(transaction_id),
            (Some(event_type), _, Some(event_id)) => Self(format!("{event_type}:{event_id}")),
            _ => Self(format!("{TYPE_OF_MESSAGES}:{message_id}")),
        }
    }

    /// The identity of a purchase that is recognised by its transaction.
    pub fn of_purchase(transaction_id: &str) -> Self {
        Self(format!("purchase:{transaction_id}"))
    }

    /// The identity itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of its documents: base64url without padding over SHA-256, 43 characters whatever the identity holds.
    pub fn digest(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(&self.0))
    }

    /// Whether only the message's id stands behind it, so that the same event published again is not recognised.
    pub fn is_message_only(&self) -> bool {
        self.0
            .strip_prefix(TYPE_OF_MESSAGES)
            .is_some_and(|rest| rest.starts_with(':'))
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The `Idempotency-Key` of an effect: the same key text gives the same UUID (version 5), on every machine, for ever.
pub fn effect_key_uuid(text: &str) -> Uuid {
    Uuid::new_v5(&EFFECT_KEYS, text.as_bytes())
}

pub(crate) fn hexadecimal_sha256(text: &str) -> String {
    format!("{:x}", Sha256::digest(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_the_same_on_every_machine() {
        let digest = Identity::from_text("purchase:ORD-70311").digest();
        assert_eq!(digest, "TmrN3YNNt2voJhTGRga9oVY5ArhAPSuBqM2d-h_Vflk");
        assert_eq!(
            effect_key_uuid("purchase:ORD-70311/purchase-points/").to_string(),
            "5160dd8d-706e-5104-96ff-d7a8757cbe55"
        );
    }

    #[test]
    fn only_identities_of_messages_are_message_only() {
        assert!(Identity::from_text("pubsub:123").is_message_only());
        assert!(!Identity::from_text("purchase:pubsub:123").is_message_only());
    }
}
