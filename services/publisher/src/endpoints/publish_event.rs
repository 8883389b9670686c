//! `POST /publish-event`: one event.

use ::web::{Problem, read_body, read_json};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::accept;
use crate::startup::State;

pub(crate) async fn publish_event(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<State>,
) -> Result<HttpResponse, Problem> {
    let trace = state.traces.of(&request);
    state.callers.check(&request)?;
    let received = state.dependencies.clock.now();
    let limits = &state.settings.event;
    let (body, _place) = read_body(&request, payload, limits, &state.admission).await?;
    let event = read_json(&request, &body, limits)?;
    let published = accept(&state, event, received, trace).await?;
    Ok(HttpResponse::Accepted()
        .json(json!({"eventId": published.event_id, "messageId": published.message_id})))
}
