//! Reading a request's body within its limits: bytes, time, depth.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::{HttpRequest, web};
use bytes::{Bytes, BytesMut};
use events::nesting_depth;
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};

use crate::{Admission, Admitted, Problem};

/// What a JSON body may be at most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JsonLimits {
    /// Bytes of the body.
    pub max_body_bytes: usize,
    /// Arrays and objects inside each other.
    pub max_depth: usize,
    /// From the request's head to the body's last byte.
    #[serde(with = "crate::duration")]
    pub body_timeout: Duration,
}

impl Default for JsonLimits {
    fn default() -> Self {
        Self {
            max_body_bytes: 1 << 20,
            max_depth: 32,
            body_timeout: Duration::from_secs(10),
        }
    }
}

/// Reads a body of at most `limit` bytes. Takes its place in `admission` before the first byte is read, by the
/// announced length where there is one.
pub async fn read_body(
    request: &HttpRequest,
    mut payload: web::Payload,
    limits: &JsonLimits,
    admission: &Admission,
) -> Result<(Bytes, Admitted), Problem> {
    let limit = limits.max_body_bytes;
    let too_large = || {
        Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("the body has more than {limit} bytes, which is the limit"),
        )
    };
    let announced = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    let place = admission.admit(announced.unwrap_or(limit))?;
    let reading = async {
        let mut body = BytesMut::with_capacity(announced.unwrap_or(4096));
        while let Some(chunk) = payload.next().await {
            let chunk =
                chunk.map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "the body broke off"))?;
            if body.len() + chunk.len() > limit {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    };
    let body = tokio::time::timeout(limits.body_timeout, reading)
        .await
        .map_err(|_| {
            Problem::new(StatusCode::REQUEST_TIMEOUT, "the body did not come in time")
        })??;
    Ok((body, place))
}

/// Reads JSON from a body: 415 where the type is another, 400 where it is none or nests too deep.
pub fn read_json(
    request: &HttpRequest,
    body: &[u8],
    limits: &JsonLimits,
) -> Result<serde_json::Value, Problem> {
    let media_type = media_type(request);
    if media_type != "application/json" && !media_type.ends_with("+json") {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "send Content-Type: application/json",
        ));
    }
    parse_json(body, limits.max_depth)
}

/// The media type of the request's body in lower case, without parameters; empty where none is named.
pub fn media_type(request: &HttpRequest) -> String {
    let value = request.headers().get(CONTENT_TYPE);
    let text = value.and_then(|value| value.to_str().ok()).unwrap_or("");
    let essence = text.split(';').next().unwrap_or("");
    essence.trim().to_ascii_lowercase()
}

/// Parses JSON that nests at most `max_depth` deep.
pub fn parse_json(body: &[u8], max_depth: usize) -> Result<serde_json::Value, Problem> {
    if nesting_depth(body) > max_depth {
        let detail = format!("the JSON nests deeper than {max_depth} levels, which is the limit");
        return Err(Problem::new(StatusCode::BAD_REQUEST, detail));
    }
    serde_json::from_slice(body).map_err(|error| {
        // Place and kind alone: serde_json's words can repeat what was sent.
        let detail = format!(
            "the body is not JSON: see line {}, column {}",
            error.line(),
            error.column()
        );
        Problem::new(StatusCode::BAD_REQUEST, detail)
    })
}
