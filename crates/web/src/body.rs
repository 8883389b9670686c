//! Reading a request's body within its limits: bytes, time, depth.

use std::borrow::BorrowMut;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::{HttpRequest, web};
use bytes::{Bytes, BytesMut};
use events::nesting_depth;
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};

use crate::{Admission, Admitted, Problem};

/// Kept for a body whose length nobody vouches for, before any of it has come.
const FIRST_BYTES: usize = 4096;

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
/// announced length where there is one. Who lends the payload keeps what is left of it.
pub async fn read_body(
    request: &HttpRequest,
    mut payload: impl BorrowMut<web::Payload>,
    limits: &JsonLimits,
    admission: &Admission,
) -> Result<(Bytes, Admitted), Problem> {
    let announced = announced(request, limits)?;
    let place = admission.admit(announced.unwrap_or(limits.max_body_bytes))?;
    let capacity = announced.unwrap_or(FIRST_BYTES);
    let body = collect(payload.borrow_mut(), limits, capacity, |_| Ok(())).await?;
    Ok((body, place))
}

/// The same where the body itself must prove who sent it. It takes room as it comes and its place when it is whole, so that
/// strangers who announce much and send nothing leave no less for others.
pub async fn read_unproven_body(
    request: &HttpRequest,
    mut payload: impl BorrowMut<web::Payload>,
    limits: &JsonLimits,
    admission: &Admission,
) -> Result<(Bytes, Admitted), Problem> {
    let announced = announced(request, limits)?;
    let capacity = announced.map_or(FIRST_BYTES, |length| length.min(FIRST_BYTES));
    let mut room = admission.room();
    let grow = |bytes| room.grow(bytes);
    let body = collect(payload.borrow_mut(), limits, capacity, grow).await?;
    Ok((body, room.admit()?))
}

/// The length that the head names, unless that is too much already.
fn announced(request: &HttpRequest, limits: &JsonLimits) -> Result<Option<usize>, Problem> {
    let length = request.headers().get(CONTENT_LENGTH);
    let length = length.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    match length {
        Some(length) if length > limits.max_body_bytes => Err(too_large(limits.max_body_bytes)),
        length => Ok(length),
    }
}

/// All of the body, within bytes and time. `grow` is asked for room for so many bytes before they are kept.
async fn collect(
    payload: &mut web::Payload,
    limits: &JsonLimits,
    capacity: usize,
    mut grow: impl FnMut(usize) -> Result<(), Problem>,
) -> Result<Bytes, Problem> {
    let reading = async {
        let mut body = BytesMut::with_capacity(capacity);
        while let Some(chunk) = payload.next().await {
            let chunk =
                chunk.map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "the body broke off"))?;
            let length = body.len() + chunk.len();
            if length > limits.max_body_bytes {
                return Err(too_large(limits.max_body_bytes));
            }
            grow(length)?;
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    };
    tokio::time::timeout(limits.body_timeout, reading)
        .await
        .map_err(|_| Problem::new(StatusCode::REQUEST_TIMEOUT, "the body did not come in time"))?
}

fn too_large(limit: usize) -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("the body has more than {limit} bytes, which is the limit"),
    )
}

/// Refuses with 415, from the head alone, a body that is compressed or neither JSON nor of the type `other`.
pub fn check_body_type(request: &HttpRequest, other: Option<&str>) -> Result<(), Problem> {
    let unsupported = |detail: &str| Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail);
    let codings = request.headers().get_all(CONTENT_ENCODING);
    // A few bytes can unpack to gigabytes, so nothing is ever unpacked.
    if !codings
        .clone()
        .all(|coding| coding.as_bytes().eq_ignore_ascii_case(b"identity"))
    {
        return Err(unsupported("send the body without Content-Encoding")
            .with_header("accept-encoding", "identity"));
    }
    let media_type = media_type(request);
    if is_json(&media_type) || other == Some(media_type.as_str()) {
        return Ok(());
    }
    let types = match other {
        Some(other) => format!("send Content-Type: application/json or {other}"),
        None => "send Content-Type: application/json".to_owned(),
    };
    Err(unsupported(&types))
}

fn is_json(media_type: &str) -> bool {
    media_type == "application/json" || media_type.ends_with("+json")
}

/// Reads JSON from a body: 415 where the type is another, 400 where it is none or nests too deep.
pub fn read_json(
    request: &HttpRequest,
    body: &[u8],
    limits: &JsonLimits,
) -> Result<serde_json::Value, Problem> {
    check_body_type(request, None)?;
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
