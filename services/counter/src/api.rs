//! The page's API: JSON, amounts as decimal text by currency.

mod csv;
mod dead_letters;
mod destinations;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod items;
mod journey;
mod parameters;

use std::sync::Arc;
use std::time::Duration;

use ::web::{Admission, Problem};
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use events::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use store::tallies::Tallies;
use store::{DeadLetters, HeldMessages, Ledger, StoreUnavailable};

use crate::replayer::Replayer;
use crate::shown::Summary;
use crate::standing::Standing;
use crate::stream::Streams;
use crate::view::{Picture, View};
use parameters::Parameters;

/// What the page's addresses are given.
pub(crate) struct PageState {
    pub view: Arc<View>,
    pub streams: Arc<Streams>,
    pub tallies: Arc<dyn Tallies>,
    pub ledger: Arc<dyn Ledger>,
    pub dead_letters: Arc<dyn DeadLetters>,
    pub held_messages: Arc<dyn HeldMessages>,
    pub standing: Standing,
    pub replayer: Option<Arc<dyn Replayer>>,
    /// Counts the requests for replays that are read.
    pub replays: Admission,
}

/// Adds the addresses under `/api`.
pub(crate) fn configure(configuration: &mut web::ServiceConfig) {
    configuration
        .route("/api/summary", web::get().to(summary))
        .route("/api/items", web::get().to(items::list))
        .route("/api/items/{item_id:.*}", web::get().to(items::one))
        .route("/api/export.csv", web::get().to(items::export))
        .route("/api/stream", web::get().to(stream))
        .route("/api/destinations", web::get().to(destinations::list))
        .route("/api/dead-letters", web::get().to(dead_letters::list))
        .route(
            "/api/dead-letters/replay",
            web::post().to(dead_letters::replay),
        )
        .route("/api/dead-letters/{id}", web::get().to(dead_letters::one))
        .route(
            "/api/events/{event_id:.*}",
            web::get().to(journey::of_event),
        );
}

/// A summary with its version and the time of the answer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Stamped<'a> {
    version: u64,
    generated_at: String,
    #[serde(flatten)]
    summary: &'a Summary,
}

impl<'a> Stamped<'a> {
    pub(crate) fn of(picture: &'a Picture, now: Timestamp) -> Self {
        Self {
            version: picture.version,
            generated_at: now.to_rfc3339(),
            summary: &picture.summary,
        }
    }
}

/// The list of items with its version.
pub(crate) fn items_json(picture: &Picture) -> Value {
    let mut items = json!(picture.items);
    items["version"] = picture.version.into();
    items
}

async fn summary(
    request: HttpRequest,
    state: web::Data<PageState>,
) -> Result<HttpResponse, Problem> {
    let mut query = Parameters::of(&request)?.query()?;
    // No rows are shown, so none are drawn.
    query.limit = 0;
    let picture = state.view.picture(&query).await.map_err(unavailable)?;
    Ok(answer(HttpResponse::Ok()).json(Stamped::of(&picture, state.view.now())))
}

async fn stream(
    request: HttpRequest,
    state: web::Data<PageState>,
) -> Result<HttpResponse, Problem> {
    let query = Parameters::of(&request)?.query()?;
    let frames = state.streams.follow(query)?;
    Ok(answer(HttpResponse::Ok())
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        // Proxies must pass each frame on at once.
        .insert_header(("x-accel-buffering", "no"))
        .streaming(frames))
}

/// What every answer of the API says: it is of this moment, and it is what its type says.
fn answer(mut response: HttpResponseBuilder) -> HttpResponseBuilder {
    response
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"));
    response
}

fn unavailable(error: StoreUnavailable) -> Problem {
    tracing::warn!(%error, "the page's API waits for the store");
    Problem::unavailable("the store is not available now", Duration::from_secs(2))
}

fn bad_request(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, detail)
}

fn not_found(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, detail)
}

fn moment(at: Option<Timestamp>) -> Option<String> {
    at.map(Timestamp::to_rfc3339)
}
