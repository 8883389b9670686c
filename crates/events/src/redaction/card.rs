//! Numbers of payment cards.

use std::ops::Range;

use super::text::{Text, is_blank_or_dash, is_word};

/// Digits of the first and last number of a range of issuers, how many of them are looked at, and the card's length.
const ISSUERS: [(u32, u32, usize, usize); 20] = [
    // Visa, Mastercard, American Express.
    (4, 4, 1, 16),
    (51, 55, 2, 16),
    (2221, 2720, 4, 16),
    (34, 34, 2, 15),
    (37, 37, 2, 15),
    // Discover, RuPay, UnionPay, JCB, Mir.
    (60, 60, 2, 16),
    (644, 649, 3, 16),
    (65, 65, 2, 16),
    (508, 508, 3, 16),
    (81, 82, 2, 16),
    (62, 62, 2, 16),
    (3528, 3589, 4, 16),
    (2200, 2204, 4, 16),
    // Maestro.
    (5018, 5018, 4, 16),
    (5020, 5020, 4, 16),
    (5038, 5038, 4, 16),
    (5893, 5893, 4, 16),
    (6304, 6304, 4, 16),
    (6759, 6763, 4, 16),
    (6799, 6799, 4, 16),
];

/// The groups of digits that cards show, longest first.
const SHOWN: [&[usize]; 4] = [&[4, 4, 4, 4], &[4, 6, 5], &[16], &[15]];

/// Every card number, in order.
pub(super) fn find(text: &mut Text) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    // Groups of digits with one separator between each, the latest last.
    let mut groups: Vec<Range<usize>> = Vec::new();
    // Where the last group of an account's number ended.
    let mut account_end = None;
    let mut at = 0;
    while at < text.characters.len() {
        text.steps += 1;
        if !text.is_digit(at) {
            at += 1;
            continue;
        }
        let start = at;
        while text.is_digit(at) {
            at += 1;
        }
        text.steps += at - start;
        let joins = |end: usize| end + 1 == start && is_separator(text.at(end));
        if account_end.is_some_and(joins) || is_account_head(text, start, at) {
            account_end = Some(at);
            groups.clear();
            continue;
        }
        if !groups.last().is_some_and(|last| joins(last.end)) {
            groups.clear();
        }
        if !stands_alone(text, start, at) {
            groups.clear();
            continue;
        }
        groups.push(start..at);
        if let Some(range) = SHOWN.iter().find_map(|shown| card_of(text, &groups, shown)) {
            groups.clear();
            found.push(range);
        } else if groups.len() == 4 {
            groups.remove(0);
        }
    }
    found
}

/// Not part of a word.
fn stands_alone(text: &Text, start: usize, end: usize) -> bool {
    !(is_word(text.before(start)) || is_word(text.at(end)))
}

/// Part of a decimal, or of a dotted id such as `1234567890.1690000000`.
fn is_dotted(text: &Text, range: &Range<usize>) -> bool {
    let (start, end) = (range.start, range.end);
    let dot_before = text.before(start) == '.' && start > 1 && text.is_digit(start - 2);
    let dot_after = text.at(end) == '.' && text.is_digit(end + 1);
    dot_before || dot_after
}

/// What an account's number (IBAN) in groups begins with: `AT61`.
fn is_account_head(text: &Text, start: usize, end: usize) -> bool {
    let is_country = |index: usize| text.before(index).is_ascii_uppercase();
    end == start + 2
        && start > 1
        && is_country(start)
        && is_country(start - 1)
        && !is_word(text.before(start - 2))
}

fn is_separator(character: char) -> bool {
    is_blank_or_dash(character) || matches!(character, '+' | '.')
}

/// The last groups, if they are as long as cards show them and the whole is a card's number.
fn card_of(text: &Text, groups: &[Range<usize>], shown: &[usize]) -> Option<Range<usize>> {
    let last = groups.get(groups.len().checked_sub(shown.len())?..)?;
    if !last.iter().map(Range::len).eq(shown.iter().copied()) {
        return None;
    }
    let range = last.first()?.start..last.last()?.end;
    let is_card = is_card(text.digits(range.clone()).as_bytes());
    (is_card && !is_dotted(text, &range)).then_some(range)
}

/// Whether digits are a card's: an issuer's first ones, its length and the right check digit.
pub(super) fn is_card(digits: &[u8]) -> bool {
    let value = |digit: &u8| u32::from(digit.wrapping_sub(b'0'));
    let number = |digits: &[u8]| digits.iter().fold(0, |sum, digit| sum * 10 + value(digit));
    let issued = ISSUERS.iter().any(|(first, last, looked_at, length)| {
        digits.len() == *length && (*first..=*last).contains(&number(&digits[..*looked_at]))
    });
    issued && has_check_digit(digits.iter().rev().map(value))
}

/// Luhn's: from the right, every second digit counts twice.
fn has_check_digit(from_the_right: impl Iterator<Item = u32>) -> bool {
    let sum: u32 = from_the_right
        .enumerate()
        .map(|(index, digit)| match (index % 2, digit * 2) {
            (0, _) => digit,
            (_, doubled) if doubled > 9 => doubled - 9,
            (_, doubled) => doubled,
        })
        .sum();
    sum.is_multiple_of(10)
}
