//! Letters of addresses, by whether their script has spaces between words.

/// The first letter of a script that is written without spaces; the letters before it, and some after, have them.
const FIRST_WITHOUT_SPACES: char = '\u{0E00}';

/// A letter of a script with spaces between words, or an accent that is a character of its own.
pub(super) fn is_letter(character: char) -> bool {
    let is_accent = matches!(character, '\u{300}'..='\u{36F}');
    has_spaces(character) && (is_accent || is_letter_or_mark(character))
}

/// A letter of another script: the words around an address stand against it, and most are not its own.
pub(super) fn is_glued_letter(character: char) -> bool {
    !has_spaces(character) && is_letter_or_mark(character)
}

fn has_spaces(character: char) -> bool {
    character < FIRST_WITHOUT_SPACES || ('\u{1E00}'..='\u{1FFF}').contains(&character)
}

/// Signs of tone, and of a vowel that is not spoken, are parts of words without being letters.
fn is_letter_or_mark(character: char) -> bool {
    let is_mark = matches!(
        character,
        '\u{93C}'
            | '\u{94D}'
            | '\u{9BC}'
            | '\u{9CD}'
            | '\u{A3C}'
            | '\u{A4D}'
            | '\u{ABC}'
            | '\u{ACD}'
            | '\u{B3C}'
            | '\u{B4D}'
            | '\u{BCD}'
            | '\u{C4D}'
            | '\u{CBC}'
            | '\u{CCD}'
            | '\u{D4D}'
            | '\u{E3A}'
            | '\u{E47}'..='\u{E4E}'
            | '\u{EC8}'..='\u{ECE}'
            | '\u{3099}'
            | '\u{309A}'
    );
    is_mark || character.is_alphabetic()
}
