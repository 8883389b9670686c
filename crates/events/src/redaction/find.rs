//! One text: what is found in it, and the text with that replaced.

use std::ops::Range;

use super::names::PersonalData;
use super::settings::{RedactionSettings, Treatment};
use super::suspicion::Suspicion;
use super::text::{Text, is_invisible};
use super::{card, email, phone};
use crate::identity::hexadecimal_sha256;

/// Something that was found.
pub(super) struct Match {
    pub(super) kind: PersonalData,
    /// Bytes of the source.
    pub(super) range: Range<usize>,
    /// What to hash, if the settings say so and it can be normalised.
    normalised: Option<String>,
}

/// Everything in the text, in order, none of it overlapping. `is_phone`: its member's name says that it is a phone number.
pub(super) fn find(source: &str, settings: &RedactionSettings, is_phone: bool) -> Vec<Match> {
    let suspicion = Suspicion::of(source, settings, is_phone);
    if suspicion.is_none() {
        return Vec::new();
    }
    let mut text = Text::read(source);
    look(&mut text, &suspicion, settings, is_phone)
}

fn look(
    text: &mut Text,
    suspicion: &Suspicion,
    settings: &RedactionSettings,
    is_phone: bool,
) -> Vec<Match> {
    let mut found = Vec::new();
    if suspicion.phone {
        let whole = phone::whole(text).filter(|_| is_phone);
        let ranges = whole.map_or_else(|| phone::find(text), |whole| vec![whole]);
        keep(
            text,
            settings,
            PersonalData::PhoneNumber,
            ranges,
            &mut found,
        );
    }
    if suspicion.card {
        let ranges = card::find(text);
        keep(text, settings, PersonalData::CardNumber, ranges, &mut found);
    }
    if suspicion.email {
        let ranges = email::find(text);
        keep(text, settings, PersonalData::Email, ranges, &mut found);
    }
    found.sort_by_key(|found| (found.range.start, std::cmp::Reverse(found.range.end)));
    // An address can hold what was found before it, as `[card number]@example.com` does.
    let mut end = 0;
    found.retain(|found| {
        let is_new = found.range.end > end;
        end = end.max(found.range.end);
        is_new
    });
    found
}

fn keep(
    text: &mut Text,
    settings: &RedactionSettings,
    kind: PersonalData,
    ranges: Vec<Range<usize>>,
    found: &mut Vec<Match>,
) {
    let is_hashed = settings.treatment(kind) == Treatment::Hash;
    for range in ranges {
        let characters = &text.characters[range.clone()];
        let normalised = match kind {
            _ if !is_hashed => None,
            PersonalData::Email => email::normalised(characters),
            PersonalData::PhoneNumber => phone::normalised(characters),
            PersonalData::CardNumber => None,
        };
        text.mask(range.clone());
        let range = text.source_range(range);
        found.push(Match {
            kind,
            range,
            normalised,
        });
    }
}

/// The text with what was found replaced. `is_key`: nothing is hashed.
pub(super) fn replaced(source: &str, found: &[Match], is_key: bool) -> String {
    let replacement = |found: &Match| match &found.normalised {
        Some(normalised) if !is_key => hexadecimal_sha256(normalised),
        _ => found.kind.placeholder().to_owned(),
    };
    if let [only] = found
        && only.normalised.is_some()
        && bare(&source[only.range.clone()]) == bare(source)
    {
        return replacement(only);
    }
    let mut text = String::with_capacity(source.len());
    let mut end = 0;
    for found in found {
        text.push_str(&source[end..found.range.start]);
        text.push_str(&replacement(found));
        end = found.range.end;
    }
    text.push_str(&source[end..]);
    text
}

/// Without what nobody sees around it.
fn bare(text: &str) -> &str {
    text.trim_matches(|character: char| character.is_whitespace() || is_invisible(character))
}

/// The same as [`find`], without the quick look that spares most texts the rest.
#[cfg(test)]
pub(super) fn find_in_any(
    source: &str,
    settings: &RedactionSettings,
    is_phone: bool,
) -> Vec<Match> {
    look(&mut Text::read(source), &EVERYTHING, settings, is_phone)
}

/// The characters that all finders looked at, beside the text's own.
#[cfg(test)]
pub(super) fn steps(source: &str) -> usize {
    let settings = RedactionSettings {
        phone_numbers: Treatment::Redact,
        ..RedactionSettings::default()
    };
    let mut text = Text::read(source);
    look(&mut text, &EVERYTHING, &settings, false);
    text.steps
}

#[cfg(test)]
const EVERYTHING: Suspicion = Suspicion {
    email: true,
    card: true,
    phone: true,
};
