//! What the publisher accepts: the tag's own format, one event an object.

use serde_json::{Map, Value};

use crate::envelope::{
    event_time, finish, take, take_event_type, take_identifier, timestamp_source,
};
use crate::validation::Checker;
use crate::{BackendUpdate, Limits, Timestamp, Violation};

/// Reads and normalises the body of `POST /publish-event`, received at `received`, within the default [`Limits`].
///
/// Errors are all violations at once. Refused are a missing or malformed event type or id, amounts and quantities
/// that are none, and data of another shape. Accepted, because real traffic does it: no client or user, a missing
/// or impossible time, numbers as text, `null`, items as JSON text, unknown keys (kept).
pub fn from_publisher(body: &Value, received: Timestamp) -> Result<BackendUpdate, Vec<Violation>> {
    from_publisher_within(body.clone(), received, Limits::default())
}

/// [`from_publisher`] with limits of one's own, of a body that nobody needs any more.
pub fn from_publisher_within(
    body: Value,
    received: Timestamp,
    limits: Limits,
) -> Result<BackendUpdate, Vec<Violation>> {
    let Value::Object(mut top) = body else {
        return Err(vec![Violation::new("", whole_body_complaint(&body))]);
    };
    let mut checker = Checker::new(limits);
    let event_type = take_event_type(&mut top, &["eventType"], &mut checker);
    require(
        &event_type,
        "/eventType",
        "must be given: what happened, such as purchase",
        &mut checker,
    );
    let event_id = take_identifier(&mut top, &["eventId"], &mut checker);
    require(
        &event_id,
        "/eventId",
        "must be given: the event's own id, the same when it is sent again",
        &mut checker,
    );
    let source = top
        .remove("timestampSource")
        .as_ref()
        .and_then(timestamp_source);
    let (event_timestamp_ms, timestamp_source) =
        event_time(top.remove("eventTimestampMs").as_ref(), source, received);
    // Only the publisher says when it received something.
    top.remove("receivedMs");
    let update = BackendUpdate {
        event_type,
        event_id,
        client_id: take_identifier(&mut top, &["clientId"], &mut checker),
        user_id: take_identifier(&mut top, &["userId"], &mut checker),
        event_timestamp_ms,
        received_ms: received.millis(),
        timestamp_source,
        consent: take(&mut top, &["consent"]).map(|(_, consent)| consent),
        data: take_data(&mut top, &mut checker),
        extra: top,
    };
    finish(update, checker)
}

fn whole_body_complaint(body: &Value) -> &'static str {
    if body.is_array() {
        "must be one event per request, as an object; arrays of events go to /publish-events"
    } else {
        "must be an object with eventType, eventId and data"
    }
}

fn require(value: &Option<String>, pointer: &str, message: &str, checker: &mut Checker) {
    if value.is_none() && !checker.has_reported(pointer) {
        checker.report(pointer, message);
    }
}

fn take_data(top: &mut Map<String, Value>, checker: &mut Checker) -> Map<String, Value> {
    match top.remove("data") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(data)) => data,
        Some(_) => {
            checker.report("/data", "must be an object");
            Map::new()
        }
    }
}
