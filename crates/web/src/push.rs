//! Taking pushes: the extractor, and the two answers there are.

use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use bus::Push;
use futures_util::future::LocalBoxFuture;
use serde::Deserialize;
use telemetry::Span;

use crate::observed::begin_push;
use crate::{
    Admission, Admitted, JsonLimits, Problem, PushCredentials, PushVerifier, media_type, read_body,
};

/// What can be said after the question mark of a push address.
#[derive(Debug, Deserialize)]
pub struct PushQuery {
    /// The event type of messages that name none.
    #[serde(rename = "as")]
    pub event_type: Option<String>,
}

/// How a service takes pushes; handed to the extractor as application data.
#[derive(Clone)]
pub struct PushAcceptance {
    /// Room for pushes in flight.
    pub admission: Admission,
    /// Limits of the envelope.
    pub limits: Arc<JsonLimits>,
    /// Tells pushes of the bus from those of strangers.
    pub callers: Arc<dyn PushVerifier>,
}

/// A push that was read, with its place among those in flight.
#[derive(Debug)]
pub struct PushRequest {
    /// The push.
    pub push: Push,
    /// Held as long as the push is worked on.
    pub place: Admitted,
    /// Ends when its message's work has: hand it on, and say in it what came of it. Its context is the trace that calls
    /// and commits on behalf of the message belong to, also where spans are off.
    pub span: Span,
}

impl FromRequest for PushRequest {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = web::Payload::from_request(&request, payload);
        Box::pin(async move {
            let acceptance = request
                .app_data::<web::Data<PushAcceptance>>()
                .ok_or_else(|| {
                    Problem::new(
                        StatusCode::INTERNAL_SERVER_ERROR,
                        "this address takes no pushes",
                    )
                })?;
            let credentials = PushCredentials::of(request.headers());
            acceptance.callers.verify(credentials).await?;
            // Any other site's page can have a browser post text here, but not JSON.
            if media_type(&request) != "application/json" {
                return Err(Problem::new(
                    StatusCode::UNSUPPORTED_MEDIA_TYPE,
                    "pushes are sent as Content-Type: application/json",
                ));
            }
            let payload = payload
                .into_inner()
                .map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "the request has no body"))?;
            let (body, place) =
                read_body(&request, payload, &acceptance.limits, &acceptance.admission).await?;
            let push = Push::from_body(&body).map_err(|error| {
                tracing::warn!(%error, path = request.path(), "refused a request that is no push");
                Problem::new(StatusCode::BAD_REQUEST, error.to_string())
            })?;
            let span = begin_push(&request, &push);
            Ok(Self { push, place, span })
        })
    }
}

/// The answer that ends a message's deliveries.
pub fn acknowledged() -> HttpResponse {
    HttpResponse::NoContent().finish()
}

/// The answer that makes the message come again; the bus decides when.
pub fn refused() -> HttpResponse {
    HttpResponse::ServiceUnavailable().finish()
}
