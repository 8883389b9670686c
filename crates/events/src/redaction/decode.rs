//! Characters as URLs, and JSON and scripts within texts, write them.

/// The longest encoding of a character in UTF-8.
const MOST_BYTES: usize = 4;
/// Digits of `\u0040` and of JavaScript's `\x40`.
const ESCAPE_DIGITS: usize = 4;
const SHORT_ESCAPE_DIGITS: usize = 2;

/// A percent-encoded character, and its bytes in the source.
pub(super) fn percent_decoded(source: &[u8]) -> Option<(char, usize)> {
    let (first, mut length) = percent_byte(source)?;
    let mut bytes = [first, 0, 0, 0];
    let wanted = match first {
        0x00..=0x7F => 1,
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => MOST_BYTES,
        _ => return None,
    };
    for byte in &mut bytes[1..wanted] {
        let (next, more) = percent_byte(source.get(length..)?)?;
        *byte = next;
        length += more;
    }
    let character = std::str::from_utf8(&bytes[..wanted]).ok()?.chars().next()?;
    Some((character, length))
}

/// `%40`, or the same encoded again: `%2540`.
fn percent_byte(source: &[u8]) -> Option<(u8, usize)> {
    let mut rest = source.strip_prefix(b"%")?;
    while let Some(shorter) = rest.strip_prefix(b"25") {
        rest = shorter;
    }
    let digit = |index: usize| char::from(*rest.get(index)?).to_digit(16);
    let read = source.len() - rest.len();
    match digit(0).zip(digit(1)) {
        Some((high, low)) => Some((u8::try_from(high * 16 + low).ok()?, read + 2)),
        None if read > 1 => Some((b'%', read)),
        None => None,
    }
}

/// What a backslash begins, and its bytes in the source: `\n`, `\u0040`, the same escaped again (`\\u0040`), or nothing but
/// backslashes. The halves of a pair, which make no letters, stand for themselves.
pub(super) fn unescaped(source: &[u8]) -> (char, usize) {
    let is_backslash = |byte: &&u8| **byte == b'\\';
    let backslashes = source.iter().take_while(is_backslash).count();
    let rest = source.get(backslashes..).unwrap_or_default();
    match rest.first() {
        Some(b'b' | b'f' | b'n' | b'r' | b't') => ('\n', backslashes + 1),
        Some(kind @ (b'u' | b'x')) => {
            let wanted = match kind {
                b'u' => ESCAPE_DIGITS,
                _ => SHORT_ESCAPE_DIGITS,
            };
            match escaped_code(&rest[1..], wanted) {
                Some(code) => {
                    let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
                    (character, backslashes + 1 + wanted)
                }
                None => ('\\', backslashes),
            }
        }
        _ => ('\\', backslashes),
    }
}

fn escaped_code(source: &[u8], wanted: usize) -> Option<u32> {
    let digits = source.get(..wanted)?.iter();
    digits
        .map(|digit| char::from(*digit).to_digit(16))
        .try_fold(0, |code, digit| Some(code * 16 + digit?))
}
