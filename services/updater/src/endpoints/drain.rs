//! `POST /drain`: has held messages worked. Cloud Scheduler calls it each minute.

use std::sync::Arc;
use std::time::Duration;

use ::web::{JsonLimits, Problem, PushAcceptance, PushCredentials, read_body, trace_of_request};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::startup::State;

/// Nothing is said in the body; a scheduler may send one all the same.
const MAX_BODY_BYTES: usize = 64 << 10;

/// Callers prove who they are as those of pushes do. 200 with what was done, 503 if the store is away.
pub(super) async fn drain(
    request: HttpRequest,
    payload: web::Payload,
    acceptance: web::Data<PushAcceptance>,
    state: web::Data<State>,
) -> Result<HttpResponse, Problem> {
    let credentials = PushCredentials::of(request.headers());
    acceptance.callers.verify(credentials).await?;
    let limits = JsonLimits {
        max_body_bytes: MAX_BODY_BYTES,
        ..(*acceptance.limits).clone()
    };
    let (_, place) = read_body(&request, payload, &limits, &acceptance.admission).await?;
    let drainer = Arc::clone(&state.drainer);
    let trace = trace_of_request(&request);
    // In a task of its own: if the scheduler hangs up, calls that are under way are finished and written down.
    let drained = state
        .tasks
        .run(async move {
            let _place = place;
            drainer.drain(trace).await
        })
        .await;
    match drained {
        Some(Ok(counts)) => Ok(HttpResponse::Ok().json(counts)),
        Some(Err(error)) => {
            tracing::error!(%error, "held messages could not be worked");
            let retry_after = Duration::from_secs(10);
            Err(Problem::unavailable(
                "the store is not available now",
                retry_after,
            ))
        }
        None => Err(Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the drain broke off; what it left is worked by the next",
        )),
    }
}
