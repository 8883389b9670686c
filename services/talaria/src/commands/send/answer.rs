//! What the publisher's answers say.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::RETRY_AFTER;
use serde::Serialize;

/// An event that the publisher won't take.
#[derive(Debug, Serialize)]
pub(super) struct Refusal {
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) status: u16,
    pub(super) detail: String,
    pub(super) violations: Vec<Violation>,
}

/// One fault, as the publisher names it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Violation {
    pub(super) pointer: String,
    pub(super) detail: String,
}

/// Whether the answer asks to send it again later.
pub(super) fn is_patience(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
    )
}

/// How long the answer asks to wait.
pub(super) fn asked_wait(answer: &reqwest::Response) -> Option<Duration> {
    let seconds = answer
        .headers()
        .get(RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()?;
    Some(Duration::from_secs(seconds))
}

/// How long to wait after so many repetitions when nobody says.
pub(super) fn usual_wait(retried: usize) -> Duration {
    Duration::from_millis(500) * (1 << retried.min(6))
}

/// The refusal that a `problem+json` body tells of.
pub(super) fn refusal(
    file: String,
    line: usize,
    status: StatusCode,
    problem: &serde_json::Value,
) -> Refusal {
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let detail = text(&problem["detail"]);
    let violations = problem["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|error| Violation {
            pointer: text(&error["pointer"]),
            detail: text(&error["detail"]),
        });
    Refusal {
        file,
        line,
        status: status.as_u16(),
        detail: if detail.is_empty() {
            "no reason given".into()
        } else {
            detail
        },
        violations: violations.collect(),
    }
}
