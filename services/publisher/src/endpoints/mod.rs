//! The publisher's addresses.

mod publish_event;
mod publish_events;

use ::web::{FieldViolation, Problem, TraceContext};
use actix_web::{HttpResponse, web};
use events::{Timestamp, Violation};

use crate::publish;
use crate::startup::State;

/// `POST /publish-event`, `POST /publish-events`, `GET /openapi.json`.
pub(crate) fn configure(configuration: &mut web::ServiceConfig) {
    configuration
        .route(
            "/publish-event",
            web::post().to(publish_event::publish_event),
        )
        .route(
            "/publish-events",
            web::post().to(publish_events::publish_events),
        )
        .route("/openapi.json", web::get().to(openapi));
}

/// The interface, described.
async fn openapi() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(include_str!("openapi.json"))
}

/// An event that is durably on the bus.
pub(crate) struct Published {
    pub event_id: String,
    pub message_id: String,
}

/// Reads one event and publishes it.
pub(crate) async fn accept(
    state: &State,
    event: serde_json::Value,
    received: Timestamp,
    trace: TraceContext,
) -> Result<Published, Problem> {
    let update = events::from_publisher_within(event, received, events::Limits::default())
        .map_err(|violations| unprocessable(&violations))?;
    let message = publish::message(&update, trace);
    let event_id = update.event_id.clone().unwrap_or_default();
    // The parsed event is many times the message, and the commit may take a while.
    drop(update);
    let settings = &state.settings;
    let bus = state.dependencies.bus.as_ref();
    let message_id =
        publish::publish(bus, &settings.topic, message, settings.publish_timeout).await?;
    Ok(Published {
        event_id,
        message_id: message_id.0,
    })
}

fn unprocessable(violations: &[Violation]) -> Problem {
    let errors = violations
        .iter()
        .map(|violation| FieldViolation {
            pointer: violation.pointer.clone(),
            detail: violation.message.clone(),
        })
        .collect();
    Problem::unprocessable(errors)
}
