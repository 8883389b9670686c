//! What every request that publishes passes, the cheapest first: who sends it, whether its head is right, whether there is
//! room for it. Only then its body is read, and only a known sender's is parsed.

use ::web::{
    Admitted, FieldViolation, JsonLimits, Problem, check_body_type, read_body, read_unproven_body,
    refuse_unread,
};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use events::Timestamp;
use serde_json::Value;

use crate::callers::{Caller, HeadProof};
use crate::settings::PublisherSettings;
use crate::startup::State;

/// A request of a known caller, with its body.
pub(super) struct Passed {
    pub caller: Caller,
    pub body: Bytes,
    pub received: Timestamp,
    /// Held as long as the request is worked on.
    pub _place: Admitted,
}

/// Lets a request in whose body is JSON or of the type `other`. Counts those that it refuses.
pub(super) async fn pass(
    request: &HttpRequest,
    payload: &mut web::Payload,
    state: &State,
    limits: &JsonLimits,
    other: Option<&str>,
) -> Result<Passed, Problem> {
    let received = state.dependencies.clock.now();
    let proof = state
        .callers
        .check_head(request.headers(), received)
        .await
        .map_err(|problem| state.refused_caller(problem))?;
    let reading = async {
        if let HeadProof::Known(caller) = &proof {
            state.rate_limits.check(*caller)?;
        }
        check_body_type(request, other)?;
        match &proof {
            HeadProof::Known(_) => read_body(request, payload, limits, &state.admission).await,
            HeadProof::Signed(_) => {
                read_unproven_body(request, payload, limits, &state.admission).await
            }
        }
    };
    let (body, place) = reading.await.map_err(|problem| state.refused(problem))?;
    let caller = state.callers.check_body(proof, &body, received);
    let caller = caller.map_err(|problem| state.refused_caller(problem))?;
    Ok(Passed {
        caller,
        body,
        received,
        _place: place,
    })
}

/// The answer to a request; one that is refused may have a body that nobody reads.
pub(super) async fn answered(
    published: Result<HttpResponse, Problem>,
    payload: web::Payload,
) -> HttpResponse {
    match published {
        Ok(answer) => answer,
        Err(problem) => refuse_unread(&problem, payload).await,
    }
}

/// Refuses an event of a type that is not among those that are allowed here. Which are, is not said.
pub(super) fn check_allowed(settings: &PublisherSettings, event: &Value) -> Result<(), Problem> {
    let allowed = &settings.allowed_events;
    match event.get("eventType").and_then(Value::as_str) {
        Some(event_type) if !allowed.is_empty() && !allowed.iter().any(|it| it == event_type) => {
            Err(Problem::unprocessable(vec![FieldViolation {
                pointer: "/eventType".into(),
                detail: "must be one that this publisher takes: see its setting allowed_events"
                    .into(),
            }]))
        }
        _ => Ok(()),
    }
}
