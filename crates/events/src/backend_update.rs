//! The event as it travels: what the publisher publishes, what expressions see as `event`, what services hand each
//! other.

use std::fmt;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::json_text::{Canonical, canonical_object};
use crate::{Money, Timestamp, item};

/// An event's own time counts up to this long before it was received.
pub const MAX_EVENT_AGE: Duration = Duration::from_secs(72 * 60 * 60);
/// An event's own time counts up to this long after it was received: clocks of browsers and servers differ.
pub const MAX_EVENT_LEAD: Duration = Duration::from_secs(60);

/// Where `eventTimestampMs` comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TimestampSource {
    /// The event said when it happened.
    Event,
    /// The event did not say, or named a time that can't be right: the time of receipt stands in.
    Received,
}

/// A normalised event. Its serialised form (camelCase, absent instead of null) is the published form.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BackendUpdate {
    /// Such as `purchase`. Absent only in messages that others put on a topic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_type: Option<String>,
    /// The sender's own id of the event. Absent only in messages that others put on a topic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// The browser's or app's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// The shop's own id of the customer; absent for guests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// When it happened, milliseconds since the epoch.
    pub event_timestamp_ms: i64,
    /// When the publisher, or without one Pub/Sub, took it; milliseconds since the epoch.
    pub received_ms: i64,
    /// Whose time `event_timestamp_ms` is.
    pub timestamp_source: TimestampSource,
    /// The visitor's consent, as the tag sends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent: Option<Value>,
    /// What the event is about; its keys depend on the event type.
    pub data: Map<String, Value>,
    /// Keys beside these that the sender added; kept so that nothing is lost.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl BackendUpdate {
    /// The published form: what expressions see as `event`.
    pub fn to_json(&self) -> Value {
        let mut map = self.extra.clone();
        let mut put = |key: &str, value: Value| map.insert(key.to_owned(), value);
        let texts = [
            ("eventType", &self.event_type),
            ("eventId", &self.event_id),
            ("clientId", &self.client_id),
            ("userId", &self.user_id),
        ];
        for (key, text) in texts {
            if let Some(text) = text {
                put(key, Value::from(text.as_str()));
            }
        }
        put("eventTimestampMs", self.event_timestamp_ms.into());
        put("receivedMs", self.received_ms.into());
        put("timestampSource", self.timestamp_source.as_str().into());
        if let Some(consent) = &self.consent {
            put("consent", consent.clone());
        }
        put("data", Value::Object(self.data.clone()));
        Value::Object(map)
    }

    /// The published form as the bytes of a message.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Only a map with keys that are no texts, or a writer that fails, could fail; here is neither.
        serde_json::to_vec(self).unwrap_or_else(|_| self.to_json().to_string().into_bytes())
    }

    /// The JSON Schema of the published form.
    pub fn schema() -> Value {
        schemars::schema_for!(Self).to_value()
    }

    /// When it happened.
    pub fn event_time(&self) -> Timestamp {
        Timestamp::from_millis(self.event_timestamp_ms)
    }

    /// What two deliveries of one event have in common and two events do not: the hexadecimal SHA-256 of event type, ids of
    /// client and user, consent and data in canonical JSON. Times, traces and the event id are left out.
    pub fn content_hash(&self) -> String {
        let content = [
            ("eventType", self.event_type.as_deref().map(Canonical::Text)),
            ("clientId", self.client_id.as_deref().map(Canonical::Text)),
            ("userId", self.user_id.as_deref().map(Canonical::Text)),
            ("consent", self.consent.as_ref().map(Canonical::Value)),
            ("data", Some(Canonical::Object(&self.data))),
        ];
        let there = content
            .into_iter()
            .filter_map(|(key, value)| Some((key, value?)));
        crate::identity::hexadecimal_sha256(&canonical_object(there))
    }

    /// The money the event is about: `data.value`, else the sum of its items' prices times quantities. `None` when
    /// neither is there or items without a `value` are of several currencies. A value without a currency has that of its items
    /// when they all have the same.
    pub fn value_at_stake(&self) -> Option<Money> {
        item::value_at_stake(&self.data)
    }
}

impl TimestampSource {
    /// The word of the published form.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Received => "received",
        }
    }
}

/// Names the event and keeps its contents, which may be personal, out of logs and panic messages.
impl fmt::Debug for BackendUpdate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("BackendUpdate")
            .field("event_type", &self.event_type)
            .field("event_id", &self.event_id)
            .field("event_timestamp_ms", &self.event_timestamp_ms)
            .finish_non_exhaustive()
    }
}
