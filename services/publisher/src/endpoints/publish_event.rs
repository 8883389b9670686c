//! `POST /publish-event`: one event.

use ::web::{Problem, parse_json};
use actix_web::{HttpRequest, HttpResponse, web};

use super::accept;
use super::gate::{answered, pass};
use crate::startup::State;

pub(crate) async fn publish_event(
    request: HttpRequest,
    mut payload: web::Payload,
    state: web::Data<State>,
) -> HttpResponse {
    let published = publish(&request, &mut payload, &state).await;
    answered(published, payload).await
}

async fn publish(
    request: &HttpRequest,
    payload: &mut web::Payload,
    state: &State,
) -> Result<HttpResponse, Problem> {
    let limits = &state.settings.event;
    let passed = pass(request, payload, state, limits, None).await?;
    let trace = state.traces.of(request);
    let limited = state.rate_limits.take(passed.caller, 1);
    limited.map_err(|problem| state.refused(problem))?;
    let event = parse_json(&passed.body, limits.max_depth);
    let event = event.map_err(|problem| state.refused(problem))?;
    let published = accept(state, event, passed.received, trace).await?;
    Ok(HttpResponse::Accepted().json(published.to_json()))
}
