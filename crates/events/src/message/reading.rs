//! From a message's form to the event: types, ids and times from the attributes, the data and the hints, in that order.

use serde_json::{Map, Value};

use super::shape::kept_times;
use super::{EVENT_ID_ATTRIBUTE, EVENT_TYPE_ATTRIBUTE, MessageContext};
use crate::envelope::{
    EVENT_TYPE_RULE, event_time, finish, is_event_type, take, take_event_type, take_identifier,
    timestamp_source,
};
use crate::json_text::{MAX_DEPTH, array_from_text};
use crate::validation::Checker;
use crate::{BackendUpdate, Timestamp, Violation};

const EVENT_TYPE_KEYS: [&str; 2] = ["eventType", "event_name"];

/// Reads the publisher's form. Times of an event that was normalised before stay as they are.
pub(super) fn from_published(
    mut top: Map<String, Value>,
    data: Map<String, Value>,
    context: &MessageContext<'_>,
    mut checker: Checker,
) -> Result<BackendUpdate, Vec<Violation>> {
    let kept = kept_times(&top);
    let source = top
        .remove("timestampSource")
        .as_ref()
        .and_then(timestamp_source);
    let raw_time = top.remove("eventTimestampMs");
    top.remove("receivedMs");
    let received_ms = context
        .received_attribute()
        .or(kept.map(|(_, received_ms, _)| received_ms))
        .unwrap_or(context.publish_time.millis());
    let (event_timestamp_ms, timestamp_source) = match kept {
        Some((event_timestamp_ms, _, source)) => (event_timestamp_ms, source),
        None => event_time(
            raw_time.as_ref(),
            source,
            Timestamp::from_millis(received_ms),
        ),
    };
    let update = BackendUpdate {
        event_type: event_type(&mut top, hint_for(&data, context), context, &mut checker),
        event_id: event_id(&mut top, &["eventId"], context, &mut checker),
        client_id: take_identifier(&mut top, &["clientId"], &mut checker),
        user_id: take_identifier(&mut top, &["userId"], &mut checker),
        event_timestamp_ms,
        received_ms,
        timestamp_source,
        consent: take(&mut top, &["consent"]).map(|(_, consent)| consent),
        data,
        extra: top,
    };
    finish(update, checker)
}

/// Reads Hermes' rows: what belongs around the data is taken out, the rest is the data.
pub(super) fn from_flat(
    mut rows: Map<String, Value>,
    context: &MessageContext<'_>,
    mut checker: Checker,
) -> Result<BackendUpdate, Vec<Violation>> {
    let received_ms = context
        .received_attribute()
        .unwrap_or(context.publish_time.millis());
    let raw_time = rows.remove("eventTimestampMs");
    let (event_timestamp_ms, timestamp_source) =
        event_time(raw_time.as_ref(), None, Timestamp::from_millis(received_ms));
    let consent = if rows.get("consent").is_some_and(Value::is_object) {
        rows.remove("consent")
    } else {
        None
    };
    let hint = hint_for(&rows, context);
    let update = BackendUpdate {
        event_type: event_type(&mut rows, hint, context, &mut checker),
        event_id: event_id(&mut rows, &["eventId", "event_id"], context, &mut checker),
        client_id: take_identifier(&mut rows, &["clientId", "client_id"], &mut checker),
        user_id: take_identifier(&mut rows, &["userId", "user_id"], &mut checker),
        event_timestamp_ms,
        received_ms,
        timestamp_source,
        consent,
        data: rows,
        extra: Map::new(),
    };
    finish(update, checker)
}

/// The attribute's event type goes first; an `event_name` that says something else stays where it is, so nothing is lost.
fn event_type(
    top: &mut Map<String, Value>,
    hint: Option<&str>,
    context: &MessageContext<'_>,
    checker: &mut Checker,
) -> Option<String> {
    if let Some(named) = context.attribute(EVENT_TYPE_ATTRIBUTE) {
        top.remove("eventType");
        if top.get("event_name").and_then(Value::as_str) == Some(named) {
            top.remove("event_name");
        }
        if !is_event_type(named) {
            checker.report(
                "/eventType",
                format!("{EVENT_TYPE_RULE}; the attribute of that name is not"),
            );
        }
        return Some(named.to_owned());
    }
    take_event_type(top, &EVENT_TYPE_KEYS, checker).or_else(|| hinted(hint?, checker))
}

fn hinted(hint: &str, checker: &mut Checker) -> Option<String> {
    if !is_event_type(hint) {
        checker.report(
            "/eventType",
            format!("{EVENT_TYPE_RULE}; the one after ?as= in the push address is not"),
        );
    }
    Some(hint.to_owned())
}

fn hint_for<'a>(data: &Map<String, Value>, context: &MessageContext<'a>) -> Option<&'a str> {
    context
        .event_type_hint
        .filter(|hint| !hint.trim().is_empty())
        .or_else(|| context.items_hint.filter(|_| carries_items(data)))
}

fn carries_items(data: &Map<String, Value>) -> bool {
    match data.get("items") {
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::String(text)) => {
            array_from_text(text, MAX_DEPTH).is_some_and(|items| !items.is_empty())
        }
        _ => false,
    }
}

fn event_id(
    top: &mut Map<String, Value>,
    keys: &[&'static str],
    context: &MessageContext<'_>,
    checker: &mut Checker,
) -> Option<String> {
    take_identifier(top, keys, checker).or_else(|| {
        let attribute = context.attribute(EVENT_ID_ATTRIBUTE)?;
        let mut attribute = Map::from_iter([("eventId".to_owned(), attribute.into())]);
        take_identifier(&mut attribute, &["eventId"], checker)
    })
}
