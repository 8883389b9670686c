//! `POST /publish-events`: many events, each with an answer of its own.

use ::web::{JsonLimits, Problem, media_type, parse_json, read_json};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::gate::{answered, pass};
use super::{Published, accept};
use crate::settings::PublisherSettings;
use crate::startup::State;

const NDJSON: &str = "application/x-ndjson";

pub(crate) async fn publish_events(
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
    let limits = batch_limits(state);
    let passed = pass(request, payload, state, &limits, Some(NDJSON)).await?;
    let (trace, received) = (state.traces.of(request), passed.received);
    let events = split(request, &passed.body, &limits, &state.settings);
    let events = events.map_err(|problem| state.refused(problem))?;
    // One too large for what is left is refused whole: in parts it would never be complete.
    let limited = state.rate_limits.take(passed.caller, events.len());
    limited.map_err(|problem| state.refused(problem))?;
    let accepting = events.into_iter().map(async |event| {
        let event = event.map_err(|problem| state.unreadable(problem))?;
        accept(state, event, received, trace).await
    });
    let results: Vec<Value> = join_all(accepting)
        .await
        .into_iter()
        .enumerate()
        .map(|(index, result)| answer(index, result))
        .collect();
    Ok(HttpResponse::Ok().json(json!({"results": results})))
}

fn batch_limits(state: &State) -> JsonLimits {
    // One level more: the array around the events.
    let event = &state.settings.event;
    JsonLimits {
        max_body_bytes: state.settings.max_batch_bytes,
        max_depth: event.max_depth + 1,
        ..event.clone()
    }
}

/// The events of the body: the elements of an array, or the lines of NDJSON; refuses more than one request may have.
pub(super) fn split(
    request: &HttpRequest,
    body: &[u8],
    limits: &JsonLimits,
    settings: &PublisherSettings,
) -> Result<Vec<Result<Value, Problem>>, Problem> {
    let (most, max_line) = (settings.max_batch_events, settings.event.max_body_bytes);
    // Exactly this one: browsers let any other site's page post `text/plain;x=ndjson`.
    if media_type(request) == NDJSON {
        let lines = body
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.trim_ascii().is_empty());
        // Before any is parsed: the answers to four million lines of two bytes take a hundred times the body.
        refuse_more_than(most, lines.clone().count())?;
        return Ok(lines
            .map(|line| parse_line(line, limits, max_line))
            .collect());
    }
    match read_json(request, body, limits)? {
        Value::Array(events) => {
            refuse_more_than(most, events.len())?;
            Ok(events.into_iter().map(Ok).collect())
        }
        _ => Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "send an array of events, or NDJSON as application/x-ndjson; one event goes to /publish-event",
        )),
    }
}

fn refuse_more_than(most: usize, came: usize) -> Result<(), Problem> {
    if came <= most {
        return Ok(());
    }
    let detail = format!("{came} events came and {most} is the most of one request: send several");
    Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail))
}

fn parse_line(line: &[u8], limits: &JsonLimits, max_line: usize) -> Result<Value, Problem> {
    if line.len() > max_line {
        let detail = format!("the event has more than {max_line} bytes, which is the limit");
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail));
    }
    parse_json(line, limits.max_depth - 1)
}

fn answer(index: usize, result: Result<Published, Problem>) -> Value {
    match result {
        Ok(published) => {
            let mut answer = published.to_json();
            answer["index"] = index.into();
            answer["status"] = StatusCode::ACCEPTED.as_u16().into();
            answer
        }
        Err(problem) => {
            json!({"index": index, "status": problem.status_code().as_u16(), "problem": problem.to_json()})
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn too_many_events_are_refused_before_any_line_is_parsed() {
        let settings = PublisherSettings {
            max_batch_events: 2,
            ..PublisherSettings::default()
        };
        let limits = JsonLimits::default();
        for (media_type, body, taken) in [
            ("application/x-ndjson", "1\n\n2\n", Some(2)),
            ("application/x-ndjson", "x\nx\nx", None),
            ("application/json", "[1,2]", Some(2)),
            ("application/json", "[1,2,3]", None),
        ] {
            let request = TestRequest::default().insert_header(("content-type", media_type));
            let request = request.to_http_request();
            match split(&request, body.as_bytes(), &limits, &settings) {
                Ok(events) => assert_eq!(Some(events.len()), taken, "{body:?}"),
                Err(problem) => {
                    assert_eq!(
                        (problem.status_code().as_u16(), taken),
                        (413, None),
                        "{body:?}"
                    );
                }
            }
        }
    }
}
