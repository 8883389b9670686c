//! From an event to a message, and onto the bus within the caller's time.

use std::collections::BTreeMap;
use std::time::Duration;

use actix_web::http::StatusCode;
use bus::{Message, MessageId, PublishError, attribute};
use events::BackendUpdate;
use telemetry::PublishOutcome;
use web::{Problem, TraceContext};

use crate::observed::NotTaken;
use crate::startup::State;

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

/// Publishes and waits until the message is durable, at most as long as the settings say.
pub(crate) async fn publish(state: &State, message: Message) -> Result<MessageId, NotTaken> {
    let (topic, timeout) = (&state.settings.topic, state.settings.publish_timeout);
    let dependencies = &state.dependencies;
    let late = PublishError::Unavailable {
        reason: format!("no answer within {timeout:?}"),
        retry_after: Duration::from_secs(1),
    };
    let metrics = dependencies.telemetry.metrics();
    let timer = metrics.timer();
    let published = tokio::time::timeout(timeout, dependencies.bus.publish(topic, message))
        .await
        .unwrap_or(Err(late));
    let published = published.map_err(|error| {
        tracing::error!(%error, topic, "could not publish");
        not_taken(&error)
    });
    let outcome = match &published {
        Ok(_) => PublishOutcome::Accepted,
        Err(not_taken) => not_taken.outcome,
    };
    metrics.published(timer, outcome);
    published
}

fn not_taken(error: &PublishError) -> NotTaken {
    let unavailable = |retry_after| {
        let problem = Problem::unavailable("the event was not taken; send it again", retry_after);
        NotTaken::new(PublishOutcome::Unavailable, problem)
    };
    match error {
        PublishError::Unavailable { retry_after, .. } => unavailable(*retry_after),
        PublishError::TooLarge { limit, .. } => NotTaken::new(
            PublishOutcome::TooLarge,
            Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("the event is larger than the bus takes, which is {limit} bytes"),
            ),
        ),
        // An operator's fault, and one that can be mended while the tag tries again.
        PublishError::UnknownTopic { .. } => unavailable(Duration::from_secs(10)),
    }
}
