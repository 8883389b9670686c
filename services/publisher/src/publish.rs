//! From an event to a message, and onto the bus within the caller's time.

use std::collections::BTreeMap;
use std::time::Duration;

use bus::{Bus, Message, MessageId, PublishError, attribute};
use events::BackendUpdate;
use web::{Problem, TraceContext};

/// The version of the published format; consumers may refuse what they don't know.
const SCHEMA_VERSION: &str = "1";

/// The message that carries an event, as a part of `trace`.
pub(crate) fn message(update: &BackendUpdate, trace: TraceContext) -> Message {
    let mut attributes = BTreeMap::new();
    let mut set = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            attributes.insert(name.to_owned(), value.to_owned());
        }
    };
    set(attribute::EVENT_TYPE, update.event_type.as_deref());
    set(attribute::EVENT_ID, update.event_id.as_deref());
    set(
        attribute::RECEIVED_MS,
        Some(&update.received_ms.to_string()),
    );
    set(attribute::SCHEMA_VERSION, Some(SCHEMA_VERSION));
    set(attribute::TRACEPARENT, Some(&trace.to_string()));
    Message {
        data: update.to_bytes().into(),
        attributes,
    }
}

/// Publishes and waits until the message is durable, at most `timeout`.
pub(crate) async fn publish(
    bus: &dyn Bus,
    topic: &str,
    message: Message,
    timeout: Duration,
) -> Result<MessageId, Problem> {
    let late = PublishError::Unavailable {
        reason: format!("no answer within {timeout:?}"),
        retry_after: Duration::from_secs(1),
    };
    let published = tokio::time::timeout(timeout, bus.publish(topic, message))
        .await
        .unwrap_or(Err(late));
    published.map_err(|error| {
        tracing::error!(%error, topic, "could not publish");
        match error {
            PublishError::Unavailable { retry_after, .. } => {
                Problem::unavailable("the event was not taken; send it again", retry_after)
            }
            PublishError::TooLarge { limit, .. } => Problem::new(
                actix_web::http::StatusCode::PAYLOAD_TOO_LARGE,
                format!("the event is larger than the bus takes, which is {limit} bytes"),
            ),
            // An operator's fault, and one that can be mended while the tag tries again.
            PublishError::UnknownTopic { .. } => Problem::unavailable(
                "the event was not taken; send it again",
                Duration::from_secs(10),
            ),
        }
    })
}
