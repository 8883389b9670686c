//! What travels: bytes with attributes, and the names of the attributes that Talaria sets.

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// Names of message attributes, in one place because producers and consumers must agree on them.
pub mod attribute {
    /// The event's type, such as `purchase`.
    pub const EVENT_TYPE: &str = "eventType";
    /// The event's own id, given by the tag.
    pub const EVENT_ID: &str = "eventId";
    /// When the publisher accepted the event: milliseconds since the epoch, as decimal text.
    pub const RECEIVED_MS: &str = "receivedMs";
    /// The version of the message's format.
    pub const SCHEMA_VERSION: &str = "schemaVersion";
    /// W3C trace context of the request that brought the event.
    pub const TRACEPARENT: &str = "traceparent";
    /// The identity that a replayed message keeps, whatever its new message id.
    pub const IDENTITY: &str = "talariaIdentity";
    /// Set by the bus on what it gave up on: deliveries made.
    pub const DEAD_LETTER_DELIVERY_COUNT: &str = "CloudPubSubDeadLetterSourceDeliveryCount";
    /// Set by the bus on what it gave up on: the subscription's short name.
    pub const DEAD_LETTER_SUBSCRIPTION: &str = "CloudPubSubDeadLetterSourceSubscription";
    /// Set by the bus on what it gave up on: the subscription's project.
    pub const DEAD_LETTER_SUBSCRIPTION_PROJECT: &str =
        "CloudPubSubDeadLetterSourceSubscriptionProject";
    /// Set by the bus on what it gave up on: when the message was first published, RFC 3339.
    pub const DEAD_LETTER_PUBLISH_TIME: &str = "CloudPubSubDeadLetterSourceTopicPublishTime";
}

/// A message before it has an id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// The payload; Talaria's is JSON, the bus doesn't look.
    pub data: Bytes,
    /// Short texts beside the payload.
    pub attributes: BTreeMap<String, String>,
}

impl Message {
    /// Bytes of data and attributes together, as a limit counts them.
    pub fn size(&self) -> usize {
        self.data.len()
            + self
                .attributes
                .iter()
                .map(|(key, value)| key.len() + value.len())
                .sum::<usize>()
    }
}

/// The bus's own id of a published message: unique in its topic, opaque.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(pub String);

impl fmt::Display for MessageId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
