//! The APIs themselves: any method, any path below the API's name.

use ::web::{Problem, read_body};
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::behaviour::Conduct;
use super::journal::Recorded;
use super::{APIS, State};

/// Keys are remembered, so they must not be of any length.
const LONGEST_KEY: usize = 255;

pub(super) async fn answer(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<State>,
) -> Result<HttpResponse, Problem> {
    let Some((api, path)) = api_of(request.uri().path()) else {
        let detail = format!("there is nothing here; the APIs are /{}", APIS.join(", /"));
        return Err(Problem::new(StatusCode::NOT_FOUND, detail));
    };
    let key = request.headers().get("idempotency-key");
    if key.is_some_and(|key| key.len() > LONGEST_KEY) {
        let detail = format!("an Idempotency-Key has at most {LONGEST_KEY} bytes");
        return Err(Problem::new(StatusCode::BAD_REQUEST, detail));
    }
    let (body, _place) = read_body(&request, payload, &state.limits, &state.admission).await?;
    let conduct = state.behaviours().next(api);
    let (status, retry_after) = match conduct {
        Conduct::Answer {
            status,
            retry_after,
        } => (status, retry_after),
        Conduct::Well | Conduct::Stall(_) => (200, None),
    };
    // Recorded before any stall: what a caller no longer waits for was done all the same.
    let answer = state
        .journal()
        .record(recorded(&request, &state, api, path, body), status);
    if let Conduct::Stall(time) = conduct {
        tokio::time::sleep(time).await;
    }
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = HttpResponse::build(status);
    if let Some(seconds) = retry_after {
        response.insert_header((RETRY_AFTER, seconds.to_string()));
    }
    if matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
        return Ok(response.finish());
    }
    let done = if status.is_success() {
        "done"
    } else {
        "refused"
    };
    Ok(response.json(json!({"api": api, "receipt": answer.receipt, "result": done})))
}

/// The API that a path belongs to, and the rest of the path.
fn api_of(path: &str) -> Option<(&'static str, &str)> {
    APIS.into_iter().find_map(|api| {
        let rest = path.strip_prefix('/')?.strip_prefix(api)?;
        (rest.is_empty() || rest.starts_with('/')).then_some((api, rest))
    })
}

fn recorded(
    request: &HttpRequest,
    state: &State,
    api: &'static str,
    path: &str,
    body: bytes::Bytes,
) -> Recorded {
    let header = |name: &str| {
        let value = request.headers().get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let authorized = [AUTHORIZATION.as_str(), "x-api-key"]
        .into_iter()
        .any(|name| request.headers().contains_key(name));
    Recorded {
        at: state.clock.now(),
        api,
        method: request.method().to_string(),
        path: if path.is_empty() {
            "/".into()
        } else {
            path.to_owned()
        },
        query: request.uri().query().map(str::to_owned),
        idempotency_key: header("idempotency-key"),
        content_type: header(CONTENT_TYPE.as_str()),
        authorized,
        body,
        status: 0,
        repeated: false,
    }
}
