//! What is done about which personal data, as an operator sets it.

use std::fmt;

use serde::de::{self, Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::keep::KeepPath;
use super::names::{PersonalData, is_identifier};

/// What is done about personal data in clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RedactionSettings {
    /// E-mail addresses.
    pub emails: Treatment,
    /// Numbers of payment cards; they can't be hashed.
    #[serde(deserialize_with = "not_hashed")]
    pub card_numbers: Treatment,
    /// Phone numbers.
    pub phone_numbers: Treatment,
    /// What stays as it is: JSON pointers into the published form, such as `/data/contact_email`, each with everything below
    /// it; a `*` stands for any one element or member. A list, or one text with commas.
    #[serde(deserialize_with = "list_or_text")]
    pub keep: Vec<KeepPath>,
}

impl Default for RedactionSettings {
    fn default() -> Self {
        Self {
            emails: Treatment::Redact,
            card_numbers: Treatment::Redact,
            phone_numbers: Treatment::Off,
            keep: Vec::new(),
        }
    }
}

impl RedactionSettings {
    /// What is done about one kind.
    pub fn treatment(&self, kind: PersonalData) -> Treatment {
        match kind {
            PersonalData::Email => self.emails,
            PersonalData::CardNumber => self.card_numbers,
            PersonalData::PhoneNumber => self.phone_numbers,
        }
    }

    /// Whether what is at `path` of the published form is never touched: it is kept, or an id. `*` in the path is any
    /// element or member.
    pub fn spares(&self, path: &[String]) -> bool {
        let name = path.iter().rev().find(|step| *step != "*");
        name.is_some_and(|name| is_identifier(name))
            || self.keep.iter().any(|keep| keep.covers(path))
    }

    pub(super) fn is_off(&self) -> bool {
        let is_off = |kind: &PersonalData| self.treatment(*kind) == Treatment::Off;
        PersonalData::ALL.iter().all(is_off)
    }
}

/// What is done about one kind of personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Treatment {
    /// Nothing: it stays.
    Off,
    /// A fixed text stands in its place.
    Redact,
    /// Its normalised SHA-256 stands in its place.
    Hash,
    /// The event is refused.
    Refuse,
}

/// By hand, because some readers of YAML take `off` for false, and because an operator should read which words there are.
impl<'de> Deserialize<'de> for Treatment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Word;
        impl Visitor<'_> for Word {
            type Value = Treatment;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("redact, hash, refuse or off")
            }

            fn visit_bool<E: de::Error>(self, is_on: bool) -> Result<Treatment, E> {
                match is_on {
                    false => Ok(Treatment::Off),
                    true => Err(E::invalid_value(de::Unexpected::Bool(true), &self)),
                }
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<Treatment, E> {
                match word.trim() {
                    "off" => Ok(Treatment::Off),
                    "redact" => Ok(Treatment::Redact),
                    "hash" => Ok(Treatment::Hash),
                    "refuse" => Ok(Treatment::Refuse),
                    other => Err(E::custom(format!(
                        "{other:?} is no treatment: use redact, hash, refuse or off"
                    ))),
                }
            }
        }
        deserializer.deserialize_any(Word)
    }
}

fn not_hashed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Treatment, D::Error> {
    match Treatment::deserialize(deserializer)? {
        Treatment::Hash => Err(de::Error::custom(
            "card numbers can't be hashed, because trying all of them turns the hash back: use redact, refuse or off",
        )),
        treatment => Ok(treatment),
    }
}

/// The environment has no lists.
fn list_or_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<KeepPath>, D::Error> {
    struct Paths;
    impl<'de> Visitor<'de> for Paths {
        type Value = Vec<KeepPath>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a list of paths, or one text with commas")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
            let parts = text
                .split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty());
            parts.map(|part| part.parse().map_err(E::custom)).collect()
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
            let mut paths = Vec::new();
            while let Some(path) = sequence.next_element()? {
                paths.push(path);
            }
            Ok(paths)
        }
    }
    deserializer.deserialize_any(Paths)
}
