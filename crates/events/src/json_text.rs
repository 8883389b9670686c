//! Small tools for JSON: how deep it is nested, text that holds JSON, and one text for one value.

use serde_json::{Map, Value};

use crate::decimal::Decimal;

/// How deep an event may be nested. Whatever walks a value later may then recurse without fear for its stack.
pub const MAX_DEPTH: usize = 64;

/// Opened arrays and objects at the deepest point of a JSON text. It reads brackets only, so it is quick, needs no
/// stack, and answers for text that is no JSON at all; ask it before parsing.
pub fn nesting_depth(text: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut in_string, mut escaped) = (false, false);
    for byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// An array that was sent as JSON text, unless it is none or nested deeper than `max_depth`.
pub(crate) fn array_from_text(text: &str, max_depth: usize) -> Option<Vec<Value>> {
    if !text.trim_start().starts_with('[') || nesting_depth(text.as_bytes()) > max_depth {
        return None;
    }
    serde_json::from_str(text).ok()
}

/// Nothing was meant by it: null, or a text of blanks.
pub(crate) fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        _ => false,
    }
}

/// Removes a key that says nothing, so that `null` and "not there" are one case.
pub(crate) fn remove_null(map: &mut Map<String, Value>, key: &str) {
    if map.get(key).is_some_and(Value::is_null) {
        map.remove(key);
    }
}

/// Bytes that most events' canonical text fits in.
const USUAL_EVENT: usize = 1024;
/// Longer numbers are no ids that somebody gave, and are written with an exponent.
const LONGEST_PLAIN: usize = 256;

/// Text for a number or a text: what an identifier becomes.
pub(crate) fn identifier_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => {
            let decimal = Decimal::from_number(number)?;
            let plain = decimal.plain_text();
            match plain.len() <= LONGEST_PLAIN {
                true => Some(plain),
                false => Some(decimal.to_string()),
            }
        }
        _ => None,
    }
}

/// What is written as canonical text.
#[derive(Clone, Copy)]
pub(crate) enum Canonical<'a> {
    Text(&'a str),
    Value(&'a Value),
    Object(&'a Map<String, Value>),
}

/// The canonical text of an object: keys sorted, no blanks, one text for each number (1, 1.0 and 1.00 are the same).
pub(crate) fn canonical_object<'a>(
    entries: impl IntoIterator<Item = (&'a str, Canonical<'a>)>,
) -> String {
    let mut text = String::with_capacity(USUAL_EVENT);
    write_object(&mut text, entries.into_iter().collect());
    text
}

fn write_object(text: &mut String, mut entries: Vec<(&str, Canonical<'_>)>) {
    entries.sort_unstable_by_key(|(key, _)| *key);
    write_joined(text, ['{', '}'], entries, |(key, value), text| {
        write_string(key, text);
        text.push(':');
        match value {
            Canonical::Text(string) => write_string(string, text),
            Canonical::Value(value) => write_value(value, text),
            Canonical::Object(map) => write_map(map, text),
        }
    });
}

fn write_map(map: &Map<String, Value>, text: &mut String) {
    let entry = |(key, value)| (String::as_str(key), Canonical::Value(value));
    write_object(text, map.iter().map(entry).collect());
}

fn write_value(value: &Value, text: &mut String) {
    match value {
        Value::Array(elements) => write_joined(text, ['[', ']'], elements, write_value),
        Value::Object(map) => write_map(map, text),
        Value::String(string) => write_string(string, text),
        Value::Number(number) => match Decimal::from_number(number) {
            Some(decimal) => text.push_str(&decimal.to_string()),
            None => text.push_str(&number.to_string()),
        },
        Value::Null | Value::Bool(_) => text.push_str(&value.to_string()),
    }
}

fn write_joined<T>(
    text: &mut String,
    [open, close]: [char; 2],
    elements: impl IntoIterator<Item = T>,
    write: impl Fn(T, &mut String),
) {
    text.push(open);
    for (index, element) in elements.into_iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        write(element, text);
    }
    text.push(close);
}

fn write_string(string: &str, text: &mut String) {
    let is_plain = |byte| byte >= b' ' && byte != b'"' && byte != b'\\';
    if string.bytes().all(is_plain) {
        text.push('"');
        text.push_str(string);
        text.push('"');
    } else {
        text.push_str(&Value::from(string).to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_brackets_outside_of_strings() {
        for (text, depth) in [
            ("", 0),
            ("1", 0),
            ("{}", 1),
            (r#"{"a":[{}],"b":[]}"#, 3),
            (r#"["[[[","\"[["]"#, 1),
            ("]]][[", 2),
        ] {
            assert_eq!(nesting_depth(text.as_bytes()), depth, "{text}");
        }
    }

    #[test]
    fn the_canonical_text_does_not_depend_on_order_blanks_or_zeros() {
        let canonical = |text: &str| {
            let map: Map<String, Value> = serde_json::from_str(text).expect("an object");
            let entry = |(key, value)| (String::as_str(key), Canonical::Value(value));
            canonical_object(map.iter().map(entry))
        };
        let expected = r#"{"a":[1,15e-1,"x\"",null,true],"b":{"c":0}}"#;
        assert_eq!(
            canonical(r#"{"a":[1,1.5,"x\"",null,true],"b":{"c":0}}"#),
            expected
        );
        assert_eq!(
            canonical(r#"{ "b":{"c":-0.0}, "a":[1.00,1.50,"x\u0022",null,true] }"#),
            expected
        );
        assert_ne!(canonical(r#"{"a":"1"}"#), canonical(r#"{"a":1}"#));
    }

    #[test]
    fn numbers_that_serve_as_identifiers_are_written_plainly() {
        for (json, text) in [
            ("90210", "90210"),
            ("90210.0", "90210"),
            ("1.5", "1.5"),
            ("1e21", "1000000000000000000000"),
            ("-0.001", "-0.001"),
            ("8.14e-300", "814e-302"),
            ("1e300", "1e300"),
        ] {
            let value = serde_json::from_str(json).expect("JSON");
            assert_eq!(identifier_text(&value).as_deref(), Some(text), "{json}");
        }
    }
}
