//! E-mail addresses.

use std::ops::Range;

use super::text::{MASK, Text};

/// Endings of files that are no top-level domains.
const FILE_ENDINGS: [&str; 26] = [
    "png", "jpg", "jpeg", "gif", "webp", "svg", "avif", "ico", "bmp", "tif", "tiff", "css", "js",
    "mjs", "json", "html", "htm", "xml", "pdf", "webm", "woff", "txt", "csv", "php", "aspx",
    "heic",
];

/// A host of so few digits is a number before a word, except where companies are called so.
const MOST_COUPON_DIGITS: usize = 2;
const UNDER_SHORT_NUMBERS: [&str; 4] = ["com", "net", "cn", "org"];

/// Years and times glued to an address have as many; endings such as `mp3` and `web01` have fewer.
const FEWEST_GLUED_DIGITS: usize = 4;

/// The first letter of a script that is written without spaces; the letters before it, and some after, have them.
const FIRST_WITHOUT_SPACES: char = '\u{0E00}';

/// Every address, in order. Addresses that touch (`a@b.com@c.com`) are one.
pub(super) fn find(text: &mut Text) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for at in 0..text.characters.len() {
        text.steps += 1;
        if text.at(at) != '@' {
            continue;
        }
        let floor = found.last().map_or(0, |last| last.end);
        let mut start = at;
        while start > floor && is_local(text.before(start)) {
            start -= 1;
        }
        text.steps += at - start;
        let touches = start == floor && !found.is_empty();
        // Quotes and dots around an address are not its own.
        while !touches && start < at && !begins(text.at(start)) {
            start += 1;
        }
        if start == at && !touches {
            continue;
        }
        match (domain_end(text, at + 1), found.last_mut()) {
            (Some(end), Some(last)) if touches => last.end = end,
            (Some(end), _) => found.push(start..end),
            (None, _) => {}
        }
    }
    found
}

/// Letters of scripts with spaces between words: of others, the words around an address would be taken for its own.
fn is_letter(character: char) -> bool {
    let spaced = character < FIRST_WITHOUT_SPACES || ('\u{1E00}'..='\u{1FFF}').contains(&character);
    // Accents may be characters of their own.
    spaced && (character.is_alphabetic() || ('\u{300}'..='\u{36F}').contains(&character))
}

fn begins(character: char) -> bool {
    is_letter(character) || character.is_ascii_digit() || matches!(character, '_' | MASK)
}

fn is_local(character: char) -> bool {
    begins(character) || matches!(character, '.' | '+' | '-' | '\'')
}

fn is_label(character: char) -> bool {
    is_letter(character) || character.is_ascii_digit() || matches!(character, '-' | MASK)
}

/// Where the domain that begins at `start` ends; nothing if there is none.
fn domain_end(text: &mut Text, start: usize) -> Option<usize> {
    let labels = labels(text, start);
    let label = |range: &Range<usize>| &text.characters[range.clone()];
    let first = label(labels.first()?);
    if is_no_host(first, labels.get(1).map(label), labels.len()) {
        return None;
    }
    let mut end = None;
    for range in &labels[1..] {
        let Some(length) = top_level_length(label(range)) else {
            continue;
        };
        match is_file_ending(&label(range)[..length]) {
            true if is_pixel_density(first) => return None,
            true => {}
            false => end = Some(range.start + length),
        }
    }
    end
}

/// The parts between the dots, as far as they are any.
fn labels(text: &mut Text, start: usize) -> Vec<Range<usize>> {
    let (mut begin, mut labels) = (start, Vec::new());
    loop {
        let mut stop = begin;
        while is_label(text.at(stop)) {
            stop += 1;
        }
        text.steps += stop - begin + 1;
        let mut last = stop;
        while last > begin && text.before(last) == '-' {
            last -= 1;
        }
        if last == begin || text.at(begin) == '-' {
            return labels;
        }
        labels.push(begin..last);
        if last < stop || text.at(stop) != '.' {
            return labels;
        }
        begin = stop + 1;
    }
}

/// Versions and prices (`pkg@5.3.0.RELEASE`, `3@9.99.EUR`), and coupons (`SAVE@10.NOW`); but 163.com and 58.com are hosts.
fn is_no_host(first: &[char], second: Option<&[char]>, labels: usize) -> bool {
    let is_number = |label: &[char]| label.iter().all(char::is_ascii_digit);
    let Some(second) = second.filter(|_| is_number(first)) else {
        return false;
    };
    let second_is = |known: &&str| is_same(second, known);
    is_number(second)
        || labels == 2
            && first.len() <= MOST_COUPON_DIGITS
            && !UNDER_SHORT_NUMBERS.iter().any(second_is)
}

/// How much of a label can end a domain: all of it, or the letters that an id is glued to (`com-1764060134`, `com1764060134`).
fn top_level_length(label: &[char]) -> Option<usize> {
    let is_encoded = label.starts_with(&['x', 'n', '-', '-'])
        && label.last().is_some_and(char::is_ascii_alphabetic);
    if is_encoded {
        return Some(label.len());
    }
    let letters = label.iter().take_while(|c| is_letter(**c)).count();
    let rest = &label[letters..];
    let digits = rest.iter().take_while(|c| c.is_ascii_digit()).count();
    let is_glued = rest.first() == Some(&'-') || digits >= FEWEST_GLUED_DIGITS;
    (letters > 1 && (rest.is_empty() || is_glued)).then_some(letters)
}

fn is_same(label: &[char], known: &str) -> bool {
    let lower = label.iter().map(char::to_ascii_lowercase);
    label.len() == known.len() && lower.eq(known.chars())
}

fn is_file_ending(label: &[char]) -> bool {
    FILE_ENDINGS.iter().any(|ending| is_same(label, ending))
}

/// `2x`, as images for fine screens are called: `logo@2x.png`.
fn is_pixel_density(label: &[char]) -> bool {
    let digits = label.strip_suffix(&['x']).unwrap_or_default();
    !digits.is_empty() && digits.iter().all(char::is_ascii_digit)
}

/// The address as Google hashes it; nothing when part of it is no longer there.
pub(super) fn normalised(characters: &[char]) -> Option<String> {
    let address: String = characters.iter().collect();
    let address = address.to_lowercase();
    if address.contains(MASK) {
        return None;
    }
    match address.split_once('@') {
        Some((local, domain @ ("gmail.com" | "googlemail.com"))) => {
            Some(format!("{}@{domain}", local.replace('.', "")))
        }
        _ => Some(address),
    }
}
