//! `/api/dead-letters`: listing without payloads, one whole, replaying.

use std::time::Duration;

use ::web::{Admission, FieldViolation, JsonLimits, Problem, read_body, read_json};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};
use store::dead_letters::Payload;
use store::{DeadLetterFilter, DeadLetterSummary};

use super::parameters::{Parameters, letter_filter, name_after};
use super::{PageState, answer, moment, not_found, unavailable};
use crate::replayer::{ReplayRequest, ReplaySelection};
use crate::shown::price_shown;

/// Letters that one request replays at most; ask again for more.
const MAX_REPLAYED: usize = 1000;

pub(super) async fn list(
    request: HttpRequest,
    state: web::Data<PageState>,
) -> Result<HttpResponse, Problem> {
    let filter = Parameters::of(&request)?.letters()?;
    let letters = state
        .dead_letters
        .list(&filter)
        .await
        .map_err(unavailable)?;
    let letters: Vec<Value> = letters.iter().map(letter_shown).collect();
    Ok(answer(HttpResponse::Ok()).json(json!({"deadLetters": letters})))
}

/// A letter with its payload. It may hold personal data, so the look is written down.
pub(super) async fn one(
    request: HttpRequest,
    state: web::Data<PageState>,
) -> Result<HttpResponse, Problem> {
    let id = name_after("/api/dead-letters/", &request)?;
    let letter = state.dead_letters.get(&id).await.map_err(unavailable)?;
    let letter = letter.ok_or_else(|| not_found("there is no dead letter with this id"))?;
    tracing::info!(
        id = letter.summary.id,
        "a dead letter was looked at on the page"
    );
    let mut shown = letter_shown(&letter.summary);
    let (text, base64) = match &letter.payload {
        Payload::Text(text) => (Some(text), None),
        Payload::Base64(base64) => (None, Some(base64)),
    };
    shown["payload"] = json!({"text": text, "base64": base64});
    shown["answer"] = json!(letter.answer);
    shown["attributes"] = json!(letter.attributes);
    shown["expires"] = letter.expires.to_rfc3339().into();
    Ok(answer(HttpResponse::Ok()).json(shown))
}

/// What a listing shows of a letter.
pub(super) fn letter_shown(letter: &DeadLetterSummary) -> Value {
    json!({
        "id": letter.id,
        "reason": letter.reason.name(),
        "detail": letter.detail,
        "at": letter.at.to_rfc3339(),
        "identity": letter.identity,
        "eventId": letter.event_id,
        "eventType": letter.event_type,
        "destination": letter.destination,
        "route": letter.route,
        "effect": letter.effect,
        "attempts": letter.attempts,
        "value": letter.value.map(price_shown),
        "messageId": letter.message_id,
        "replayed": moment(letter.replayed),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ReplayBody {
    ids: Option<Vec<String>>,
    filter: Option<FilterBody>,
    #[serde(default)]
    dry_run: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FilterBody {
    reason: Option<String>,
    destination: Option<String>,
    route: Option<String>,
    since: Option<String>,
}

pub(super) async fn replay(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<PageState>,
) -> Result<HttpResponse, Problem> {
    let wanted = replay_request(&request, payload, &state.replays).await?;
    let replayer = state.replayer.as_ref().ok_or_else(|| {
        let detail = "this counter holds no bus to replay on: use talaria dead-letters replay";
        Problem::new(StatusCode::NOT_IMPLEMENTED, detail)
    })?;
    tracing::info!(
        dry_run = wanted.dry_run,
        "a replay was asked for on the page"
    );
    let replayed = replayer.replay(wanted).await;
    state.standing.forget().await;
    let replayed = replayed.map_err(|error| {
        tracing::error!(%error, "a replay broke off");
        let detail = "not every letter could be replayed: asking again is harmless";
        Problem::unavailable(detail, Duration::from_secs(2))
    })?;
    Ok(answer(HttpResponse::Ok()).json(json!({"replayed": replayed})))
}

/// Only JSON by its type is taken: another site's page can't send that without being asked first.
async fn replay_request(
    request: &HttpRequest,
    payload: web::Payload,
    admission: &Admission,
) -> Result<ReplayRequest, Problem> {
    let limits = JsonLimits::default();
    let (body, _place) = read_body(request, payload, &limits, admission).await?;
    replay_of(read_json(request, &body, &limits)?)
}

/// What the body asks for.
pub(super) fn replay_of(body: Value) -> Result<ReplayRequest, Problem> {
    let body: ReplayBody = serde_json::from_value(body).map_err(|_| must_name_letters())?;
    let selection = match (body.ids, body.filter) {
        // No ids are not all letters, whatever a replayer takes them for.
        (Some(ids), None) if (1..=MAX_REPLAYED).contains(&ids.len()) => ReplaySelection::Ids(ids),
        (None, Some(filter)) => ReplaySelection::Filter(DeadLetterFilter {
            limit: MAX_REPLAYED,
            ..letter_filter(
                filter.reason.as_deref(),
                filter.destination.as_deref(),
                filter.route.as_deref(),
                filter.since.as_deref(),
            )?
        }),
        _ => return Err(must_name_letters()),
    };
    Ok(ReplayRequest {
        selection,
        dry_run: body.dry_run,
    })
}

fn must_name_letters() -> Problem {
    Problem::unprocessable(vec![FieldViolation {
        pointer: String::new(),
        detail: format!(
            "must be {{\"ids\": […], \"dryRun\": true or false}} with 1 to {MAX_REPLAYED} ids, or \
             {{\"filter\": {{reason, destination, route, since}}, \"dryRun\": …}}"
        ),
    }])
}
