//! A text as its reader would see it: percent-encoding, JSON's escapes and HTML's references undone, full-width characters
//! as plain ones, invisible ones left out, each with its place in the source. What was found is masked: it counts as a word
//! for whatever stands beside it, as its replacement will, so that looking again finds nothing new.

use std::ops::Range;

use super::decode::{percent_decoded, unescaped};
use super::entity::referred;
use super::names::PersonalData;

/// Stands for each character of what was found, and for a placeholder in the source.
pub(super) const MASK: char = '\u{10FFFF}';

/// Characters with their places.
pub(super) struct Text {
    pub(super) characters: Vec<char>,
    /// Where each character begins in the source, and where the last ends, with the invisible ones behind it.
    places: Vec<usize>,
    /// How many characters were looked at by finders, for the test that their work is linear.
    pub(super) steps: usize,
}

impl Text {
    pub(super) fn read(source: &str) -> Self {
        let mut text = Self {
            characters: Vec::with_capacity(source.len()),
            places: Vec::with_capacity(source.len() + 1),
            steps: 0,
        };
        for (at, character) in characters(source) {
            text.characters.push(character);
            text.places.push(at);
        }
        text.places.push(source.len());
        text
    }

    /// The character at an index; a blank outside of the text, which is a boundary to every finder.
    pub(super) fn at(&self, index: usize) -> char {
        self.characters.get(index).copied().unwrap_or(' ')
    }

    /// The character before an index.
    pub(super) fn before(&self, index: usize) -> char {
        index.checked_sub(1).map_or(' ', |index| self.at(index))
    }

    pub(super) fn is_digit(&self, index: usize) -> bool {
        self.at(index).is_ascii_digit()
    }

    /// The digits of a range, as far as they are digits.
    pub(super) fn digits(&self, range: Range<usize>) -> String {
        let characters = self.characters[range].iter();
        characters.filter(|c| c.is_ascii_digit()).collect()
    }

    pub(super) fn mask(&mut self, range: Range<usize>) {
        self.characters[range].fill(MASK);
    }

    /// The place in the source.
    pub(super) fn source_range(&self, range: Range<usize>) -> Range<usize> {
        self.places[range.start]..self.places[range.end]
    }
}

/// Whether a character is part of a word, so that a number beside it is not by itself.
pub(super) fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == MASK
}

/// Characters that nobody sees, as pasting from pages and address books brings them: soft hyphens, joiners, directions.
pub(super) fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{AD}'
            | '\u{34F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
    )
}

/// Spaces and dashes of every width, as they stand between groups of digits.
pub(super) fn is_blank_or_dash(character: char) -> bool {
    matches!(
        character,
        ' ' | '-'
            | '\u{A0}'
            | '\u{2000}'..='\u{200A}'
            | '\u{2010}'..='\u{2015}'
            | '\u{202F}'
            | '\u{205F}'
            | '\u{2212}'
            | '\u{3000}'
    )
}

/// What a reader sees, one by one, each with the place in the source where it begins.
pub(super) fn characters(source: &str) -> impl Iterator<Item = (usize, char)> {
    let mut next = 0;
    std::iter::from_fn(move || {
        loop {
            let at = next;
            let first = *source.as_bytes().get(at)?;
            // Most are themselves.
            if first.is_ascii() && !matches!(first, b'%' | b'&' | b'[' | b'\\') {
                next += 1;
                return Some((at, char::from(first)));
            }
            let (character, length) = read_one(source.get(at..)?)?;
            next += length;
            if !is_invisible(character) {
                return Some((at, character));
            }
        }
    })
}

/// The first character of a text that is not empty, and its bytes.
fn read_one(source: &str) -> Option<(char, usize)> {
    let (character, length) = match source.chars().next()? {
        '%' => percent_decoded(source.as_bytes()).unwrap_or(('%', 1)),
        '\\' => unescaped(source.as_bytes()),
        '[' => placeholder(source).unwrap_or(('[', 1)),
        other => (other, other.len_utf8()),
    };
    let (character, length) = match character {
        '&' => dereferenced(source, length),
        other => (other, length),
    };
    Some((plain(character), length))
}

fn placeholder(source: &str) -> Option<(char, usize)> {
    let mut placeholders = PersonalData::ALL.into_iter().map(PersonalData::placeholder);
    let text = placeholders.find(|text| source.starts_with(text))?;
    Some((MASK, text.len()))
}

/// The `&` of the first bytes, or what it begins: it may be written otherwise itself (`\u0026#64;`, `&amp;#64;`).
fn dereferenced(source: &str, mut length: usize) -> (char, usize) {
    let mut character = '&';
    while character == '&'
        && let Some((referred, more)) = referred(&source.as_bytes()[length..])
    {
        character = referred;
        length += more;
    }
    (character, length)
}

/// Full-width letters, digits and signs are those of ASCII, moved; a few signs there are small as well.
fn plain(character: char) -> char {
    const MOVED: u32 = 0xFEE0;
    match character {
        '\u{FF01}'..='\u{FF5E}' => {
            char::from_u32(u32::from(character) - MOVED).unwrap_or(character)
        }
        '\u{FE6B}' => '@',
        '\u{FE52}' => '.',
        '\u{FE63}' => '-',
        other => other,
    }
}
