//! The keys around an event's data (type, ids, times), read the same way whichever door the event came in by.

use serde_json::{Map, Value};

use crate::backend_update::{BackendUpdate, MAX_EVENT_AGE, MAX_EVENT_LEAD, TimestampSource};
use crate::identity::TYPE_OF_MESSAGES;
use crate::json_text::{identifier_text, is_blank};
use crate::validation::Checker;
use crate::views::{self, field};
use crate::{Timestamp, Violation};

const MAX_EVENT_TYPE_LENGTH: usize = 64;

/// Takes the first of `keys` that says something out of the map; keys before it that say nothing go too.
pub(crate) fn take(
    map: &mut Map<String, Value>,
    keys: &[&'static str],
) -> Option<(&'static str, Value)> {
    keys.iter().find_map(|key| {
        map.remove(*key)
            .filter(|value| !is_blank(value))
            .map(|value| (*key, value))
    })
}

/// Takes an identifier, text or number, under the first of `keys` that says something.
pub(crate) fn take_identifier(
    map: &mut Map<String, Value>,
    keys: &[&'static str],
    checker: &mut Checker,
) -> Option<String> {
    let (key, value) = take(map, keys)?;
    let Some(text) = identifier_text(&value) else {
        checker.report(format!("/{key}"), "must be a text or a number");
        return None;
    };
    match field::check_identifier(&text, checker.limits.max_identifier_characters) {
        Ok(()) => Some(text),
        Err(complaint) => {
            checker.report(format!("/{key}"), complaint);
            None
        }
    }
}

/// Takes the event type under the first of `keys` that says something.
pub(crate) fn take_event_type(
    map: &mut Map<String, Value>,
    keys: &[&'static str],
    checker: &mut Checker,
) -> Option<String> {
    let (key, value) = take(map, keys)?;
    match value {
        Value::String(text) if is_event_type(&text) => Some(text),
        _ => {
            checker.report(format!("/{key}"), EVENT_TYPE_RULE);
            None
        }
    }
}

pub(crate) const EVENT_TYPE_RULE: &str = "must be a letter and up to 63 more letters, digits, dots, dashes or underscores, such as purchase, and not pubsub";

/// `[A-Za-z][A-Za-z0-9_.-]{0,63}`, but not the word that stands for the type in identities of messages that name none.
pub(crate) fn is_event_type(text: &str) -> bool {
    let rest = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    text.len() <= MAX_EVENT_TYPE_LENGTH
        && text != TYPE_OF_MESSAGES
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(rest)
}

/// The event's own time when it can be right, else the time of receipt. A time already replaced stays replaced.
pub(crate) fn event_time(
    raw: Option<&Value>,
    source: Option<TimestampSource>,
    received: Timestamp,
) -> (i64, TimestampSource) {
    let own = match source {
        Some(TimestampSource::Received) => None,
        _ => raw.and_then(field::moment_ms),
    };
    let window = received.minus(MAX_EVENT_AGE).millis()..=received.plus(MAX_EVENT_LEAD).millis();
    match own.filter(|moment| window.contains(moment)) {
        Some(moment) => (moment, TimestampSource::Event),
        None => (received.millis(), TimestampSource::Received),
    }
}

/// Reads `timestampSource`.
pub(crate) fn timestamp_source(value: &Value) -> Option<TimestampSource> {
    [TimestampSource::Event, TimestampSource::Received]
        .into_iter()
        .find(|source| value.as_str() == Some(source.as_str()))
}

/// Puts the data right and closes the books: the update, or everything that was reported.
pub(crate) fn finish(
    mut update: BackendUpdate,
    mut checker: Checker,
) -> Result<BackendUpdate, Vec<Violation>> {
    views::normalise(update.event_type.as_deref(), &mut update.data, &mut checker);
    if checker.is_content() {
        Ok(update)
    } else {
        Err(checker.into_violations())
    }
}
