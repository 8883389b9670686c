//! Phone numbers.

use std::ops::Range;

use super::text::{Text, is_blank_or_dash, is_word};

const FEWEST_DIGITS: usize = 8;
const MOST_DIGITS: usize = 15;
/// National numbers, where a member's name says that it is one.
const FEWEST_NATIONAL_DIGITS: usize = 7;
/// Between two groups of digits: `) (`.
const MOST_SEPARATORS: usize = 3;

/// Every number with its country, in order.
pub(super) fn find(text: &mut Text) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.characters.len() {
        text.steps += 1;
        let begins = text.at(at) == '+'
            && !is_word(text.before(at))
            && text.is_digit(at + 1)
            && text.at(at + 1) != '0';
        match begins.then(|| end_of(text, at + 1)).flatten() {
            Some(end) => {
                found.push(at..end);
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

/// Where the digits end that make a number, the longest that is one.
fn end_of(text: &mut Text, start: usize) -> Option<usize> {
    let (mut at, mut digits, mut end) = (start, 0, None);
    loop {
        while text.is_digit(at) && digits <= MOST_DIGITS {
            at += 1;
            digits += 1;
        }
        if digits > MOST_DIGITS {
            break;
        }
        if digits >= FEWEST_DIGITS && !is_word(text.at(at)) {
            end = Some(at);
        }
        let separators = (0..MOST_SEPARATORS).take_while(|ahead| is_separator(text.at(at + ahead)));
        let next = at + separators.count();
        if next == at || !text.is_digit(next) {
            break;
        }
        at = next;
    }
    text.steps += at - start;
    end
}

fn is_separator(character: char) -> bool {
    is_blank_or_dash(character) || matches!(character, '.' | '/' | '(' | ')')
}

/// The whole text, if it is a number in any form, for members whose name says so.
pub(super) fn whole(text: &Text) -> Option<Range<usize>> {
    let is_blank = |character: &char| character.is_whitespace();
    let start = text.characters.iter().take_while(|c| is_blank(c)).count();
    let trailing = text
        .characters
        .iter()
        .rev()
        .take_while(|c| is_blank(c))
        .count();
    let end = text.characters.len() - trailing;
    let number = text.characters.get(start..end)?;
    let rest = number.strip_prefix(&['+']).unwrap_or(number);
    let digits = rest.iter().filter(|c| c.is_ascii_digit()).count();
    let fits = (FEWEST_NATIONAL_DIGITS..=MOST_DIGITS).contains(&digits);
    let is_number = |c: &char| c.is_ascii_digit() || is_separator(*c);
    (fits && rest.iter().all(is_number)).then_some(start..end)
}

/// The number as E.164; nothing when it does not say its country.
pub(super) fn normalised(characters: &[char]) -> Option<String> {
    let number: String = characters.iter().collect();
    // The zero that is dialled at home alone.
    let number = number.replace("(0)", "");
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let digits = match number.starts_with('+') {
        true => digits.as_str(),
        false => digits.strip_prefix("00")?,
    };
    let fits = (FEWEST_DIGITS..=MOST_DIGITS).contains(&digits.len());
    (fits && !digits.starts_with('0')).then(|| format!("+{digits}"))
}
