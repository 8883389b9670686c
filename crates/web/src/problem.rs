//! Refusals as `application/problem+json` (RFC 9457), in one form for all services.

use std::fmt;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;

/// One fault of a request, with its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldViolation {
    /// JSON pointer into the request's body; empty for the whole.
    pub pointer: String,
    /// What would be right, without the value that was sent.
    pub detail: String,
}

/// Why a request was refused and what its sender can do. For a fault of ours it says no more than that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    #[serde(serialize_with = "as_number")]
    status: StatusCode,
    title: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    detail: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldViolation>,
    #[serde(skip)]
    retry_after_seconds: Option<u64>,
    #[serde(skip)]
    header: Option<(&'static str, &'static str)>,
}

impl Problem {
    /// A refusal with a sentence of explanation.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            title: status.canonical_reason().unwrap_or("Refused"),
            detail: detail.into(),
            errors: Vec::new(),
            retry_after_seconds: None,
            header: None,
        }
    }

    /// 422 with every fault at once.
    pub fn unprocessable(errors: Vec<FieldViolation>) -> Self {
        let faults = if errors.len() == 1 {
            "one fault".into()
        } else {
            format!("{} faults", errors.len())
        };
        let mut problem = Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            format!("what was sent has {faults}"),
        );
        problem.errors = errors;
        problem
    }

    /// 503: nothing is wrong with the request, send it again later.
    pub fn unavailable(detail: impl Into<String>, retry_after: Duration) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail).after(retry_after)
    }

    /// 429: the caller sends more than he may; send it again after that time.
    pub fn too_many(detail: impl Into<String>, retry_after: Duration) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, detail).after(retry_after)
    }

    /// 401, with how callers prove themselves: the name of a scheme, as in `WWW-Authenticate`.
    pub fn unauthorized(detail: impl Into<String>, scheme: &'static str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, detail).with_header("www-authenticate", scheme)
    }

    /// The same with a header of its own; a second takes the place of the first.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: &'static str) -> Self {
        self.header = Some((name, value));
        self
    }

    fn after(mut self, wait: Duration) -> Self {
        // Rounded up: never earlier than asked.
        self.retry_after_seconds = Some(wait.as_millis().div_ceil(1000).max(1) as u64);
        self
    }

    /// The same as JSON, for answers that hold several.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "status": self.status.as_u16(),
            "title": self.title,
            "detail": self.detail,
            "errors": self.errors,
        })
    }
}

fn as_number<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} {}: {}",
            self.status.as_u16(),
            self.title,
            self.detail
        )
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        response.insert_header((CONTENT_TYPE, "application/problem+json"));
        if let Some(seconds) = self.retry_after_seconds {
            response.insert_header((RETRY_AFTER, seconds.to_string()));
        }
        if let Some(header) = self.header {
            response.insert_header(header);
        }
        response.body(serde_json::to_vec(self).unwrap_or_default())
    }
}
