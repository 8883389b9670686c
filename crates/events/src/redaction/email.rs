//! E-mail addresses.

mod domain;
mod letters;

use std::ops::Range;

use super::text::{MASK, Text, is_word};
use letters::{is_glued_letter, is_letter};

/// Every address, in order. Addresses that touch (`a@b.com@c.com`) are one, and so are signs that do (`a@@b.com`), and
/// one in the quoted name of another.
pub(super) fn find(text: &mut Text) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut next = 0;
    while next < text.characters.len() {
        let at = next;
        next += 1;
        text.steps += 1;
        if text.at(at) != '@' {
            continue;
        }
        while text.at(next) == '@' {
            next += 1;
        }
        let floor = found.last().map_or(0, |last| last.end);
        let mut start = local_start(text, floor, at);
        let touches = start == floor && !found.is_empty();
        // Quotes and dots around an address are not its own.
        while !touches && start < at && !begins(text.at(start)) {
            start += 1;
        }
        if start == at && !touches {
            match quoted_start(text, &found, at) {
                Some(quoted) => start = quoted,
                None => continue,
            }
        }
        let is_handle = !touches && is_glued_letter(text.before(at));
        match (domain::end(text, next, is_handle), found.last_mut()) {
            (Some(end), Some(last)) if touches => last.end = end,
            (Some(end), _) => {
                while found.pop_if(|last| last.start >= start).is_some() {}
                found.push(start..end);
            }
            (None, _) => {}
        }
    }
    found
}

fn begins(character: char) -> bool {
    let is_sign = character.is_ascii_digit() || matches!(character, '_' | MASK);
    is_sign || is_letter(character) || is_glued_letter(character)
}

fn is_local(character: char) -> bool {
    let is_sign = matches!(character, '.' | '+' | '-' | '\'' | '_' | MASK);
    is_sign || is_letter(character) || character.is_ascii_digit()
}

/// Where the name begins that ends before `at`.
fn local_start(text: &mut Text, floor: usize, at: usize) -> usize {
    let reach = |from: usize, is_part: fn(char) -> bool| {
        let before = text.characters[floor..from].iter().rev();
        from - before.take_while(|character| is_part(**character)).count()
    };
    let mut start = reach(at, is_local);
    // Words of scripts without spaces are the address's own where they are all there is before the `@`, or are tied to it.
    let is_tied = start == at || matches!(text.at(start), '.' | '_' | '+');
    if is_tied {
        start = reach(start, |character| {
            is_local(character) || is_glued_letter(character)
        });
    }
    text.steps += at - start;
    start
}

/// Where a quoted name begins (`"jane doe"@example.com`), with the backslash before its quote within JSON. What was found
/// before is one sign, as its replacement will be.
fn quoted_start(text: &mut Text, found: &[Range<usize>], at: usize) -> Option<usize> {
    let close = at.checked_sub(1).filter(|close| text.at(*close) == '"')?;
    let is_escaped = |quote: usize| text.before(quote) == '\\';
    let (mut open, mut next, mut steps) = (None, close, 0);
    let (mut ranges, mut passed) = (found.iter().rev().peekable(), None);
    while open.is_none() && next > 0 {
        next -= 1;
        steps += 1;
        if let Some(range) = ranges.next_if(|range| range.contains(&next)) {
            next = range.start;
            passed = Some(next);
        } else if text.at(next) == '"' && is_escaped(next) == is_escaped(close) {
            open = Some(next);
        }
    }
    // Else the quote before the `@` begins something, and the other ended what was before: `["jane", "@example.com"]`.
    let is_name = |open: usize| {
        let start = open - usize::from(is_escaped(open));
        let before = text.before(start);
        let ends_there = is_word(before) || before == '"' && !is_escaped(open);
        let begins_there = passed == Some(open + 1) || begins(text.at(open + 1));
        (!ends_there && begins_there).then_some(start)
    };
    let start = open.and_then(is_name);
    text.steps += steps;
    start
}

/// The address as Google hashes it; nothing when part of it is no longer there, or a slip of the keys.
pub(super) fn normalised(characters: &[char]) -> Option<String> {
    let address: String = characters.iter().collect();
    let address = address.to_lowercase();
    if address.contains(MASK) || address.contains("@@") {
        return None;
    }
    let address = match address.trim_start_matches('\\').starts_with('"') {
        true => address.replace('\\', ""),
        false => address,
    };
    match address.split_once('@') {
        Some((local, domain @ ("gmail.com" | "googlemail.com"))) => {
            Some(format!("{}@{domain}", local.replace('.', "")))
        }
        _ => Some(address),
    }
}
