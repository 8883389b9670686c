//! Reading the keys of one map of the routes file: unknown ones with a suggestion, missing ones, values of the wrong
//! shape; each reported, none ending the check.

use std::time::Duration;

use super::mistake::{Place, Report};
use super::suggestion::did_you_mean;
use super::yaml::{Content, Key, Node};

/// A map whose keys have been checked.
pub(super) struct Fields<'a> {
    /// What the map is, for messages: `destination 'crm'`.
    what: String,
    place: Place,
    entries: &'a [(Key, Node)],
}

impl<'a> Fields<'a> {
    /// Looks into a map. `refused` has words for keys that people expect and that don't exist.
    pub(super) fn open(
        node: &'a Node,
        what: impl Into<String>,
        known: &[&str],
        refused: &[(&str, &str)],
        report: &mut Report,
    ) -> Option<Self> {
        let what = what.into();
        let entries = map(node, &what, report)?;
        for (key, _) in entries {
            if known.contains(&key.name.as_str()) {
                continue;
            }
            let reason = refused
                .iter()
                .find(|(name, _)| *name == key.name)
                .map(|(_, reason)| (*reason).to_owned());
            let hint =
                reason.unwrap_or_else(|| match did_you_mean(&key.name, known.iter().copied()) {
                    hint if hint.is_empty() => format!("known here: {}", known.join(", ")),
                    hint => hint,
                });
            report.add_with_hint(
                key.place,
                format!("unknown key '{}' in {what}", key.name),
                hint,
            );
        }
        Some(Self {
            what,
            place: node.place,
            entries,
        })
    }

    /// The value of a key; nothing when it is absent or empty.
    pub(super) fn get(&self, name: &str) -> Option<&'a Node> {
        let (_, node) = self.entries.iter().find(|(key, _)| key.name == name)?;
        (!matches!(node.content, Content::Nothing)).then_some(node)
    }

    /// The value of a key that must be there.
    pub(super) fn required(&self, name: &str, hint: &str, report: &mut Report) -> Option<&'a Node> {
        let found = self.get(name);
        if found.is_none() {
            // A map begins at its first key; a key that stands there without a value is the better place.
            let key = self
                .entries
                .iter()
                .find(|(key, _)| key.name == name)
                .map(|(key, _)| key.place);
            report.add_with_hint(
                key.unwrap_or(self.place),
                format!("{} has no {name}:", self.what),
                hint,
            );
        }
        found
    }

    /// A text, if the key is there and holds one.
    pub(super) fn text(&self, name: &str, report: &mut Report) -> Option<(&'a str, Place)> {
        let node = self.get(name)?;
        Some((text(node, &format!("{name}:"), report)?, node.place))
    }

    /// A duration within bounds, or the default.
    pub(super) fn duration(
        &self,
        name: &str,
        default: Duration,
        bounds: (Duration, Duration),
        report: &mut Report,
    ) -> Duration {
        let Some((written, place)) = self.text(name, report) else {
            return default;
        };
        let words = |duration: Duration| humantime::format_duration(duration).to_string();
        match humantime::parse_duration(written) {
            Ok(duration) if (bounds.0..=bounds.1).contains(&duration) => return duration,
            Ok(_) => report.add_with_hint(
                place,
                format!("{name}: {written} is out of range"),
                format!("from {} to {}", words(bounds.0), words(bounds.1)),
            ),
            Err(_) => report.add_with_hint(
                place,
                format!("{name}: '{written}' is not a duration"),
                "a number with its unit: 500ms, 5s, 10m, 24h, 7d",
            ),
        }
        default
    }

    /// One of a few words, or the default.
    pub(super) fn choice<T: Copy>(
        &self,
        name: &str,
        choices: &[(&str, T)],
        report: &mut Report,
    ) -> Option<T> {
        let (written, place) = self.text(name, report)?;
        let found = choices
            .iter()
            .find(|(word, _)| *word == written)
            .map(|(_, choice)| *choice);
        if found.is_none() {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            report.add_with_hint(
                place,
                format!("{name}: '{written}' is not known"),
                format!("one of {}", words.join(", ")),
            );
        }
        found
    }
}

/// The entries of a map.
pub(super) fn map<'a>(
    node: &'a Node,
    what: &str,
    report: &mut Report,
) -> Option<&'a [(Key, Node)]> {
    match &node.content {
        Content::Map(entries) => Some(entries),
        Content::Unset => None,
        _ => {
            report.add_with_hint(
                node.place,
                format!("{what} must be a map"),
                "keys and values: name: value",
            );
            None
        }
    }
}

/// The elements of a list.
pub(super) fn list<'a>(node: &'a Node, what: &str, report: &mut Report) -> Option<&'a [Node]> {
    match &node.content {
        Content::List(elements) => Some(elements),
        Content::Unset => None,
        _ => {
            report.add_with_hint(
                node.place,
                format!("{what} must be a list"),
                "each element on its line, after a dash",
            );
            None
        }
    }
}

/// A text, number or truth value as it is written.
pub(super) fn text<'a>(node: &'a Node, what: &str, report: &mut Report) -> Option<&'a str> {
    match &node.content {
        Content::Text(text) => Some(text),
        Content::Unset => None,
        _ => {
            report.add(node.place, format!("{what} must be a text"));
            None
        }
    }
}

/// True for `[a-z][a-z0-9-]{0,39}`, the pattern of destinations and routes.
pub(super) fn is_identifier(name: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    name.len() <= 40
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(word)
}

/// The hint for a name that is none.
pub(super) const IDENTIFIER_HINT: &str =
    "a small letter, then up to 39 small letters, digits and dashes";
