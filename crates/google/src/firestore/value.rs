//! Values of documents: making them, and reading them back.

use std::collections::HashMap;

use events::Timestamp;
use firestore::gcloud_sdk::google::firestore::v1::value::ValueType;
use firestore::gcloud_sdk::google::firestore::v1::{MapValue, Value};
use firestore::gcloud_sdk::prost_types;
use serde::de::DeserializeOwned;
use store::StoreUnavailable;

/// A document's or a map's fields by name.
pub(super) type Fields = HashMap<String, Value>;

/// 9999-12-31T23:59:59.999Z, the last that Firestore takes.
const LAST_MS: i64 = 253_402_300_799_999;
/// 0001-01-01T00:00:00Z, the first.
const FIRST_MS: i64 = -62_135_596_800_000;

fn value(value: ValueType) -> Value {
    Value {
        value_type: Some(value),
    }
}

pub(super) fn text(text: impl Into<String>) -> Value {
    value(ValueType::StringValue(text.into()))
}

pub(super) fn integer(number: i64) -> Value {
    value(ValueType::IntegerValue(number))
}

/// A document, by its full name.
pub(super) fn reference(name: impl Into<String>) -> Value {
    value(ValueType::ReferenceValue(name.into()))
}

/// For TTL policies and for people; moments that Firestore can't hold become the nearest that it can.
pub(super) fn time(at: Timestamp) -> Value {
    let millis = at.millis().clamp(FIRST_MS, LAST_MS);
    let nanos = i32::try_from(millis.rem_euclid(1_000) * 1_000_000).unwrap_or_default();
    let seconds = millis.div_euclid(1_000);
    value(ValueType::TimestampValue(prost_types::Timestamp {
        seconds,
        nanos,
    }))
}

pub(super) fn map(fields: Fields) -> Value {
    value(ValueType::MapValue(MapValue { fields }))
}

/// Fields by their names.
pub(super) fn fields<const N: usize>(fields: [(&str, Value); N]) -> Fields {
    fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// The text of a field; `None` if the field isn't there.
pub(super) fn text_of<'a>(
    fields: &'a Fields,
    name: &str,
) -> Result<Option<&'a str>, StoreUnavailable> {
    match kind(fields, name) {
        None => Ok(None),
        Some(ValueType::StringValue(text)) => Ok(Some(text)),
        Some(_) => Err(unreadable(name, "text")),
    }
}

/// Takes the text of a field out; `None` if the field isn't there.
pub(super) fn take_text(
    fields: &mut Fields,
    name: &str,
) -> Result<Option<String>, StoreUnavailable> {
    match fields.remove(name).and_then(|value| value.value_type) {
        None => Ok(None),
        Some(ValueType::StringValue(text)) => Ok(Some(text)),
        Some(_) => Err(unreadable(name, "text")),
    }
}

/// The number of a field; `None` if the field isn't there.
pub(super) fn integer_of(fields: &Fields, name: &str) -> Result<Option<i64>, StoreUnavailable> {
    match kind(fields, name) {
        None => Ok(None),
        Some(ValueType::IntegerValue(number)) => Ok(Some(*number)),
        Some(_) => Err(unreadable(name, "an integer")),
    }
}

/// The fields of a map; `None` if the field isn't there.
pub(super) fn map_of<'a>(
    fields: &'a Fields,
    name: &str,
) -> Result<Option<&'a Fields>, StoreUnavailable> {
    match kind(fields, name) {
        None => Ok(None),
        Some(ValueType::MapValue(map)) => Ok(Some(&map.fields)),
        Some(_) => Err(unreadable(name, "a map")),
    }
}

/// Reads a field's JSON. Says where it is broken and repeats nothing of it, since it may be personal.
pub(super) fn from_json<T: DeserializeOwned>(
    text: &str,
    what: &str,
) -> Result<T, StoreUnavailable> {
    serde_json::from_str(text).map_err(|error| {
        StoreUnavailable::new(format!(
            "{what} in Firestore can't be read: {:?} error in line {}, column {}",
            error.classify(),
            error.line(),
            error.column()
        ))
    })
}

fn kind<'a>(fields: &'a Fields, name: &str) -> Option<&'a ValueType> {
    fields.get(name)?.value_type.as_ref()
}

fn unreadable(name: &str, wanted: &str) -> StoreUnavailable {
    StoreUnavailable::new(format!(
        "the field {name} of a document in Firestore is not {wanted}: somebody else wrote it"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of year 1 and of year 9999; Firestore refuses a document with anything before or after.
    #[test]
    fn any_time_is_one_that_firestore_takes() {
        for (millis, seconds, nanos) in [
            (i64::MIN, -62_135_596_800, 0),
            (-1, -1, 999_000_000),
            (0, 0, 0),
            (1_764_060_301_502, 1_764_060_301, 502_000_000),
            (i64::MAX, 253_402_300_799, 999_000_000),
        ] {
            let expected = prost_types::Timestamp { seconds, nanos };
            let time = time(Timestamp::from_millis(millis));
            assert_eq!(
                time.value_type,
                Some(ValueType::TimestampValue(expected)),
                "{millis}"
            );
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_without_its_content() {
        let secret = fields([("letter", text("anna@shop.example"))]);
        let number = integer_of(&secret, "letter").expect_err("a text");
        let kept = text_of(&secret, "letter").expect("a text");
        let json = from_json::<i64>(kept.unwrap_or_default(), "a letter");
        for error in [number, json.expect_err("no JSON")] {
            assert!(error.reason.contains("letter"), "{error}");
            assert!(!error.reason.contains("anna"), "{error}");
        }
    }
}
