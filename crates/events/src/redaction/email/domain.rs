//! The part of an address behind its `@`.

use std::ops::Range;

use super::letters::{is_glued_letter, is_letter};
use crate::redaction::text::{MASK, Text};

/// Endings of files that are no top-level domains.
const FILE_ENDINGS: [&str; 26] = [
    "png", "jpg", "jpeg", "gif", "webp", "svg", "avif", "ico", "bmp", "tif", "tiff", "css", "js",
    "mjs", "json", "html", "htm", "xml", "pdf", "webm", "woff", "txt", "csv", "php", "aspx",
    "heic",
];

/// Beside those of countries.
const COMMON: [&str; 8] = ["com", "net", "org", "edu", "gov", "info", "biz", "example"];

/// A host of so few digits is a number before a word, except where companies are called so.
const MOST_COUPON_DIGITS: usize = 2;
const UNDER_SHORT_NUMBERS: [&str; 4] = ["com", "net", "cn", "org"];

/// Years and times glued to an address have as many; endings such as `mp3` and `web01` have fewer.
const FEWEST_GLUED_DIGITS: usize = 4;

fn is_label(character: char) -> bool {
    is_letter(character) || character.is_ascii_digit() || matches!(character, '-' | MASK)
}

/// Where the domain that begins at `start` ends; nothing if there is none. `is_handle`: what stands before the `@` may be
/// the end of a sentence, and this somebody's name in a network, so that only the commonest top-level domains are taken for one.
pub(super) fn end(text: &mut Text, start: usize, is_handle: bool) -> Option<usize> {
    let labels = labels(text, start);
    let label = |range: &Range<usize>| &text.characters[range.clone()];
    let first = label(labels.first()?);
    if is_no_host(first, labels.get(1).map(label), labels.len()) {
        return None;
    }
    let (mut end, mut is_known) = (None, !is_handle);
    for range in &labels[1..] {
        let Some(length) = top_level_length(label(range)) else {
            continue;
        };
        let top = &label(range)[..length];
        match is_file_ending(top) {
            true if is_pixel_density(first) => return None,
            true => {}
            false => {
                is_known |= is_common(top);
                end = Some(range.start + length);
            }
        }
    }
    end.filter(|_| is_known)
}

/// The parts between the dots, as far as they are any.
fn labels(text: &mut Text, start: usize) -> Vec<Range<usize>> {
    let (mut begin, mut labels) = (start, Vec::new());
    loop {
        let stop = label_end(text, begin, &labels);
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

/// Where a label ends that begins at `begin`, behind these. Letters of scripts without spaces are part of it, but not behind
/// what can end a domain: they are words about it then (`jane@example.comまで`). So they are behind an address that was found.
fn label_end(text: &Text, begin: usize, before: &[Range<usize>]) -> usize {
    let stop_of = |is_part: fn(char) -> bool| {
        let rest = text.characters.iter().skip(begin);
        begin + rest.take_while(|character| is_part(**character)).count()
    };
    let stop = stop_of(is_label);
    let is_top = |label: &Range<usize>| {
        label.len() > 1 && text.characters[label.clone()].iter().all(|c| is_letter(*c))
    };
    let was_found = |label: &Range<usize>| text.characters[label.clone()].contains(&MASK);
    let is_whole = match before {
        _ if was_found(&(begin..stop)) => true,
        [.., last] if stop == begin && was_found(last) => true,
        [] => false,
        [_, .., last] if stop == begin => is_top(last),
        _ => is_top(&(begin..stop)),
    };
    match is_whole {
        true => stop,
        false => stop_of(|c| c != MASK && (is_label(c) || is_glued_letter(c))),
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
    let is_encoded = label.get(..4).is_some_and(|start| is_same(start, "xn--"))
        && label.last().is_some_and(char::is_ascii_alphabetic);
    if is_encoded {
        return Some(label.len());
    }
    let is_letter = |character: &&char| is_letter(**character) || is_glued_letter(**character);
    let letters = label.iter().take_while(is_letter).count();
    let rest = &label[letters..];
    let digits = rest.iter().take_while(|c| c.is_ascii_digit()).count();
    let is_glued = rest.first() == Some(&'-') || digits >= FEWEST_GLUED_DIGITS;
    (letters > 1 && (rest.is_empty() || is_glued)).then_some(letters)
}

fn is_same(label: &[char], known: &str) -> bool {
    let lower = label.iter().map(char::to_ascii_lowercase);
    label.len() == known.len() && lower.eq(known.chars())
}

/// A country's, one of an own script, or one of those that everybody knows.
fn is_common(label: &[char]) -> bool {
    label.len() == 2
        || !label.iter().all(char::is_ascii)
        || COMMON.iter().any(|known| is_same(label, known))
}

fn is_file_ending(label: &[char]) -> bool {
    FILE_ENDINGS.iter().any(|ending| is_same(label, ending))
}

/// `2x`, as images for fine screens are called: `logo@2x.png`.
fn is_pixel_density(label: &[char]) -> bool {
    let digits = label.strip_suffix(&['x']).unwrap_or_default();
    !digits.is_empty() && digits.iter().all(char::is_ascii_digit)
}
