//! The forms a message comes in, and the one event they become.

use serde_json::{Map, Value};

use super::reading::{from_flat, from_published};
use super::{MessageContext, Unreadable};
use crate::backend_update::TimestampSource;
use crate::envelope::timestamp_source;
use crate::json_text::{MAX_DEPTH, is_blank, nesting_depth};
use crate::validation::Checker;
use crate::{BackendUpdate, Violation};

/// A message's JSON, told apart.
pub(super) enum Shape {
    /// The publisher's form: keys around `data`.
    Published {
        top: Map<String, Value>,
        data: Map<String, Value>,
    },
    /// Hermes: rows of the tag's table; what belongs around the data is among them.
    Flat(Map<String, Value>),
    /// Items alone.
    Items(Vec<Value>),
}

impl Shape {
    /// Parses the data and tells its form. Levels that normalising adds count towards the depth, so that what was
    /// read once can always be read again.
    pub(super) fn of(data: &[u8]) -> Result<Self, Unreadable> {
        if data.iter().all(u8::is_ascii_whitespace) {
            return Err(Unreadable::Empty);
        }
        let depth = nesting_depth(data);
        if depth > MAX_DEPTH {
            return Err(Unreadable::TooDeep);
        }
        let value = serde_json::from_slice(data).map_err(|error| Unreadable::NotJson {
            line: error.line(),
            column: error.column(),
        })?;
        let shape = match value {
            Value::Object(top) => Self::of_object(top),
            Value::Array(items) => Self::Items(items),
            _ => return Err(Unreadable::WrongShape),
        };
        if depth + shape.added_depth() > MAX_DEPTH {
            Err(Unreadable::TooDeep)
        } else {
            Ok(shape)
        }
    }

    fn of_object(mut top: Map<String, Value>) -> Self {
        let says = |key: &str| top.get(key).is_some_and(|value| !is_blank(value));
        if !(says("eventType") || says("eventId") || kept_times(&top).is_some()) {
            return Self::Flat(top);
        }
        match top.remove("data") {
            Some(Value::Object(data)) => Self::Published { top, data },
            Some(other) => {
                top.insert("data".to_owned(), other);
                Self::Flat(top)
            }
            None => Self::Flat(top),
        }
    }

    fn added_depth(&self) -> usize {
        match self {
            Self::Published { .. } => 0,
            Self::Flat(_) => 1,
            Self::Items(_) => 2,
        }
    }

    pub(super) fn into_update(
        self,
        context: &MessageContext<'_>,
    ) -> Result<BackendUpdate, Vec<Violation>> {
        let checker = Checker::new(context.limits);
        match self {
            Self::Published { top, data } => from_published(top, data, context, checker),
            Self::Flat(rows) => from_flat(rows, context, checker),
            Self::Items(items) => {
                let data = Map::from_iter([("items".to_owned(), Value::Array(items))]);
                from_flat(data, context, checker)
            }
        }
    }
}

/// The times of an event that was normalised before: event time, time of receipt, source.
pub(super) fn kept_times(top: &Map<String, Value>) -> Option<(i64, i64, TimestampSource)> {
    let moment = |key: &str| top.get(key).and_then(Value::as_i64);
    Some((
        moment("eventTimestampMs")?,
        moment("receivedMs")?,
        timestamp_source(top.get("timestampSource")?)?,
    ))
}
