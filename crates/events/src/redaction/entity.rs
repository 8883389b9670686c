//! Characters as HTML writes them: `&#64;`, `&#x40;`, `&commat;`.

/// `#x10FFFF;`, and a zero before it.
const MOST_BYTES: usize = 10;

/// Signs that stand in or beside addresses and numbers; of all others it is enough that they are none.
const SIGNS: [(&str, char); 26] = [
    ("amp", '&'),
    ("quot", '"'),
    ("apos", '\''),
    ("lt", '<'),
    ("gt", '>'),
    ("commat", '@'),
    ("period", '.'),
    ("lowbar", '_'),
    ("plus", '+'),
    ("hyphen", '\u{2010}'),
    ("dash", '\u{2010}'),
    ("ndash", '\u{2013}'),
    ("mdash", '\u{2014}'),
    ("minus", '\u{2212}'),
    ("nbsp", '\u{A0}'),
    ("ensp", '\u{2002}'),
    ("emsp", '\u{2003}'),
    ("numsp", '\u{2007}'),
    ("thinsp", '\u{2009}'),
    ("shy", '\u{AD}'),
    ("zwnj", '\u{200C}'),
    ("zwj", '\u{200D}'),
    ("lrm", '\u{200E}'),
    ("rlm", '\u{200F}'),
    ("Tab", '\t'),
    ("NewLine", '\n'),
];

/// The letters from U+00C0 on, and two signs between them.
const LETTERS: [&str; 64] = [
    "Agrave", "Aacute", "Acirc", "Atilde", "Auml", "Aring", "AElig", "Ccedil", "Egrave", "Eacute",
    "Ecirc", "Euml", "Igrave", "Iacute", "Icirc", "Iuml", "ETH", "Ntilde", "Ograve", "Oacute",
    "Ocirc", "Otilde", "Ouml", "times", "Oslash", "Ugrave", "Uacute", "Ucirc", "Uuml", "Yacute",
    "THORN", "szlig", "agrave", "aacute", "acirc", "atilde", "auml", "aring", "aelig", "ccedil",
    "egrave", "eacute", "ecirc", "euml", "igrave", "iacute", "icirc", "iuml", "eth", "ntilde",
    "ograve", "oacute", "ocirc", "otilde", "ouml", "divide", "oslash", "ugrave", "uacute", "ucirc",
    "uuml", "yacute", "thorn", "yuml",
];
const FIRST_LETTER: u32 = 0xC0;

/// What a reference says, told from what follows its `&`, and the bytes of that. It has its semicolon, as programs write
/// it: addresses of pages are full of `&period=` and the like.
pub(super) fn referred(source: &[u8]) -> Option<(char, usize)> {
    let most = source.get(..MOST_BYTES).unwrap_or(source);
    let end = most.iter().position(|byte| *byte == b';')?;
    let name = std::str::from_utf8(&most[..end]).ok()?;
    let character = match name.strip_prefix('#') {
        Some(number) => numbered(number)?,
        None => named(name)?,
    };
    Some((character, end + 1))
}

fn numbered(number: &str) -> Option<char> {
    let (digits, radix) = match number.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16),
        None => (number, 10),
    };
    // A sign before it would be read as well.
    let is_number = digits.starts_with(|first: char| first.is_digit(radix));
    let code = u32::from_str_radix(digits, radix).ok()?;
    char::from_u32(code).filter(|_| is_number)
}

fn named(name: &str) -> Option<char> {
    if let Some((_, sign)) = SIGNS.iter().find(|(known, _)| *known == name) {
        return Some(*sign);
    }
    let index = LETTERS.iter().position(|known| *known == name)?;
    char::from_u32(FIRST_LETTER + u32::try_from(index).ok()?)
}
