//! The routes file as a tree in which each node knows its place. The tree is read leniently and checked afterwards, so
//! that every mistake is reported at once; only what is no YAML at all stands alone.

use std::collections::HashMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Options, Spanned};

use super::mistake::{Place, Report};

/// Stands around the name of an unset variable while YAML is parsed; from Unicode's private area, so in no real text.
const UNSET: (char, char) = ('\u{f8f0}', '\u{f8f1}');

/// A node with its place.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) content: Content,
    pub(super) place: Place,
}

/// What a node holds. Numbers and truth values are kept as they are written.
#[derive(Debug)]
pub(super) enum Content {
    Nothing,
    /// Reported already; whoever reads it says no more.
    Unset,
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

/// A key of a map.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: String,
    pub(super) place: Place,
}

/// Reads the file, with `${NAME}` in plain scalars filled in from `properties`. Nothing when it can't be read; then the
/// report says why. It recurses as deep as the file nests, so it wants a deep stack.
pub(super) fn read(report: &mut Report, properties: HashMap<String, String>) -> Option<Node> {
    let options = Options::default().with_properties(properties);
    match serde_saphyr::from_str_with_options::<Spanned<Raw>>(report.source, options) {
        Ok(root) => Some(build(root, report)),
        Err(error) => {
            let place = error
                .location()
                .map(|location| place(&location))
                .unwrap_or_default();
            let text = error.without_snippet().to_string();
            let message = text.lines().next().unwrap_or("this is not YAML").to_owned();
            let line = report
                .source
                .lines()
                .nth(place.line.saturating_sub(1))
                .unwrap_or_default();
            let hint = if line.contains("${") && line.contains("{ ") {
                "between { and } no ${…} can stand; give each key a line of its own"
            } else {
                "this keeps the file from being read; there may be more mistakes"
            };
            report.add_with_hint(place, message, hint);
            None
        }
    }
}

/// The variables the file names. One that is unset and has no default gets a mark, by which its place is found.
pub(super) fn properties(
    source: &str,
    environment: &dyn Fn(&str) -> Option<String>,
) -> HashMap<String, String> {
    let mut properties = HashMap::new();
    for (start, _) in source.match_indices("${") {
        let rest = &source[start + 2..];
        let length = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        let name = &rest[..length];
        match environment(name) {
            Some(value) => {
                properties.insert(name.to_owned(), value);
            }
            None if rest[length..].starts_with('}') => {
                properties.insert(name.to_owned(), format!("{}{name}{}", UNSET.0, UNSET.1));
            }
            None => {}
        }
    }
    properties
}

fn place(location: &serde_saphyr::Location) -> Place {
    let number = |number: u64| usize::try_from(number).unwrap_or_default();
    Place {
        offset: number(location.span().byte_offset().unwrap_or_default()),
        line: number(location.line()),
        column: number(location.column()),
    }
}

fn build(raw: Spanned<Raw>, report: &mut Report) -> Node {
    let place = place(&raw.defined);
    let content = match raw.value {
        Raw::Nothing => Content::Nothing,
        Raw::Text(text) => filled(text, place, report),
        Raw::Number(text) => {
            let length = raw
                .defined
                .span()
                .byte_len()
                .and_then(|length| usize::try_from(length).ok());
            let written =
                length.and_then(|length| report.source.get(place.offset..place.offset + length));
            let written = written
                .map(str::trim)
                .filter(|written| !written.is_empty() && !written.contains("${"));
            Content::Text(written.map_or(text, str::to_owned))
        }
        Raw::List(elements) => Content::List(
            elements
                .into_iter()
                .map(|element| build(element, report))
                .collect(),
        ),
        Raw::Map(entries) => Content::Map(
            entries
                .into_iter()
                .map(|(key, value)| entry(key, value, report))
                .collect(),
        ),
    };
    Node { content, place }
}

fn entry(key: Spanned<String>, value: Spanned<Raw>, report: &mut Report) -> (Key, Node) {
    let key = Key {
        place: place(&key.defined),
        name: key.value,
    };
    let mut value = build(value, report);
    // A value that is not there has no place of its own.
    if matches!(value.content, Content::Nothing) {
        value.place = key.place;
    }
    (key, value)
}

fn filled(text: String, place: Place, report: &mut Report) -> Content {
    if !text.contains(UNSET.0) {
        return Content::Text(text);
    }
    for name in text
        .split(UNSET.0)
        .skip(1)
        .filter_map(|rest| rest.split(UNSET.1).next())
    {
        report.add_with_hint(
            place,
            format!("the environment variable {name} is not set"),
            format!("set it, or give a default: ${{{name}:-…}}"),
        );
    }
    Content::Unset
}

/// What serde hands over, before places and variables are looked at.
enum Raw {
    Nothing,
    Text(String),
    Number(String),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("any YAML value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Nothing)
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Nothing)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Raw, E> {
        Ok(Raw::Number(truth.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Raw, E> {
        Ok(Raw::Number(number.to_string()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Raw, E> {
        Ok(Raw::Number(number.to_string()))
    }

    fn visit_i128<E>(self, number: i128) -> Result<Raw, E> {
        Ok(Raw::Number(number.to_string()))
    }

    fn visit_u128<E>(self, number: u128) -> Result<Raw, E> {
        Ok(Raw::Number(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Raw, E> {
        Ok(Raw::Number(number.to_string()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Raw, E> {
        Ok(Raw::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Raw, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = sequence.next_element()? {
            elements.push(element);
        }
        Ok(Raw::List(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Map(entries))
    }
}
