//! What was sent and how the APIs shall answer, for people and programs.

use ::web::{Problem, read_body, read_json};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{APIS, State, behaviour};

const DEFAULT_LIMIT: usize = 100;

#[derive(Deserialize)]
pub(super) struct Selection {
    api: Option<String>,
    limit: Option<usize>,
}

/// `GET /requests?api=&limit=`: counts of each API and the latest requests, newest last.
pub(super) async fn list(
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse, Problem> {
    let selection: Selection = selection_of(&request)?;
    let api = selection.api.filter(|api| !api.is_empty());
    if api.as_deref().is_some_and(|api| !APIS.contains(&api)) {
        return Err(unprocessable(format!(
            "api must be one of {}",
            APIS.join(", ")
        )));
    }
    let journal = state.journal();
    let counts: Map<String, Value> = journal
        .counts()
        .map(|(api, counts)| (api.to_owned(), json!(counts)))
        .collect();
    let limit = selection.limit.unwrap_or(DEFAULT_LIMIT);
    let latest = journal.latest(api.as_deref(), limit);
    let requests: Vec<Value> = latest.iter().map(|request| request.to_json()).collect();
    Ok(HttpResponse::Ok().json(json!({"counts": counts, "requests": requests})))
}

/// `DELETE /requests`: forgets requests and counts, not idempotency keys.
pub(super) async fn clear(state: web::Data<State>) -> HttpResponse {
    state.journal().clear();
    HttpResponse::NoContent().finish()
}

/// `GET /behaviour`.
pub(super) async fn behaviour(state: web::Data<State>) -> HttpResponse {
    HttpResponse::Ok().json(state.behaviours().to_json())
}

/// `POST /behaviour`. Only as `application/json`, which no other site's page can send from a browser.
pub(super) async fn behave(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<State>,
) -> Result<HttpResponse, Problem> {
    let (body, _place) = read_body(&request, payload, &state.limits, &state.admission).await?;
    let order = read_json(&request, &body, &state.limits)?;
    let order = behaviour::read(&order).map_err(|faults| unprocessable(faults.join("; ")))?;
    let mut behaviours = state.behaviours();
    behaviours.obey(order);
    Ok(HttpResponse::Ok().json(behaviours.to_json()))
}

/// `GET /health/live`.
pub(super) async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({"status": "up"}))
}

fn selection_of(request: &HttpRequest) -> Result<Selection, Problem> {
    web::Query::from_query(request.query_string())
        .map(web::Query::into_inner)
        .map_err(|_| {
            unprocessable("limit must be a whole number, such as /requests?api=crm&limit=20".into())
        })
}

fn unprocessable(detail: String) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
}
