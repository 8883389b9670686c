//! The publisher's addresses.

#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod gate;
mod invitation;
mod publish_event;
mod publish_events;

use ::web::{FieldViolation, Problem, TraceContext, only_get, only_post};
use actix_web::{HttpResponse, web};
use events::{Redacted, Timestamp, Violation};
use serde_json::{Value, json};
use telemetry::PublishOutcome;

pub(crate) use invitation::KnownCallers;

use crate::observed::{NotTaken, end_sending};
use crate::publish;
use crate::startup::State;

/// `POST /publish-event`, `POST /publish-events`, `GET /openapi.json`.
pub(crate) fn configure(configuration: &mut web::ServiceConfig) {
    let publish_event = web::post().to(publish_event::publish_event);
    let publish_events = web::post().to(publish_events::publish_events);
    configuration
        .service(only_post("/publish-event", publish_event))
        .service(only_post("/publish-events", publish_events))
        .service(only_get("/openapi.json", web::get().to(openapi)));
}

/// The interface, described.
async fn openapi() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(include_str!("openapi.json"))
}

/// An event that is durably on the bus.
pub(crate) struct Published {
    event_id: String,
    message_id: String,
    redacted: Redacted,
}

impl Published {
    /// As the sender reads it; what is left out of the message is named, so that he sees it.
    pub(crate) fn to_json(&self) -> Value {
        let mut answer = json!({"eventId": self.event_id, "messageId": self.message_id});
        if !self.redacted.is_empty() {
            answer["redacted"] = json!(self.redacted.pointers);
        }
        if self.redacted.more > 0 {
            answer["redactedMore"] = json!(self.redacted.more);
        }
        answer
    }
}

/// Reads one event and publishes it, without the personal data that the settings keep out. Counts what became of it.
pub(crate) async fn accept(
    state: &State,
    event: Value,
    received: Timestamp,
    trace: TraceContext,
) -> Result<Published, Problem> {
    let event_type = state.type_counted(&event);
    let taken = take(state, event, received, trace).await;
    let outcome = match &taken {
        Ok(_) => PublishOutcome::Accepted,
        Err(not_taken) => not_taken.outcome,
    };
    let metrics = state.dependencies.telemetry.metrics();
    metrics.event_read(event_type, outcome);
    taken.map_err(|not_taken| not_taken.problem)
}

async fn take(
    state: &State,
    event: Value,
    received: Timestamp,
    trace: TraceContext,
) -> Result<Published, NotTaken> {
    gate::check_allowed(&state.settings, &event)
        .map_err(|problem| NotTaken::new(PublishOutcome::NotAllowed, problem))?;
    let mut update = events::from_publisher_within(event, received, events::Limits::default())
        .map_err(|violations| unprocessable(PublishOutcome::Invalid, &violations))?;
    let redacted = events::redact(&mut update, &state.settings.redaction)
        .map_err(|violations| unprocessable(PublishOutcome::PersonalData, &violations))?;
    let span = state.begin_sending(&update, trace);
    let message = publish::message(&update, span.context().unwrap_or(trace));
    let event_id = update.event_id.clone().unwrap_or_default();
    // The parsed event is many times the message, and the commit may take a while.
    drop(update);
    let published = publish::publish(state, message).await;
    let told = published.as_ref().map(|message_id| message_id.0.as_str());
    end_sending(span, told);
    let message_id = published?.0;
    // Not before: what is not taken comes again.
    state.count_redacted(&redacted);
    Ok(Published {
        event_id,
        message_id,
        redacted,
    })
}

fn unprocessable(outcome: PublishOutcome, violations: &[Violation]) -> NotTaken {
    let errors = violations
        .iter()
        .map(|violation| FieldViolation {
            pointer: violation.pointer.clone(),
            detail: violation.message.clone(),
        })
        .collect();
    NotTaken::new(outcome, Problem::unprocessable(errors))
}
