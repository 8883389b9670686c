//! Names of documents and fields that are made of text from outside: any text becomes a valid name, no two the same.
//!
//! Firestore takes no `/`, no `.` and `..`, nothing like `__this__`, nothing empty, and 1,500 bytes at most. What it
//! doesn't take is written as `%` and two hexadecimal digits a byte, so that names can be read and turned back.

use events::Identity;

/// Below Firestore's 1,500, so that something can be put before or after.
const MAX_BYTES: usize = 1_400;
/// Begins no other name, since `%` is always followed by a digit or by nothing.
const DIGEST: &str = "%~";

/// The text as a document's id or a field's name.
pub(super) fn escaped(text: &str) -> String {
    let is_reserved =
        text == "." || text == ".." || (text.starts_with("__") && text.ends_with("__"));
    let mut name = String::with_capacity(text.len());
    for (position, character) in text.char_indices() {
        let must_be_escaped = matches!(character, '/' | '%' | '`' | '\\')
            || character.is_control()
            || (is_reserved && position == 0);
        if !must_be_escaped {
            name.push(character);
            continue;
        }
        let mut bytes = [0; 4];
        for byte in character.encode_utf8(&mut bytes).bytes() {
            name.push_str(&format!("%{byte:02X}"));
        }
    }
    match name.len() {
        0 => "%".into(),
        length if length > MAX_BYTES => format!("{DIGEST}{}", Identity::from_text(text).digest()),
        _ => name,
    }
}

/// The text of a name; `None` if it was too long to be in its name, and is beside it instead.
pub(super) fn unescaped(name: &str) -> Option<String> {
    if name.starts_with(DIGEST) {
        return None;
    }
    if name == "%" {
        return Some(String::new());
    }
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}

/// The path of a field inside maps, quoted where it must be. The segments are names as [`escaped`] makes them.
pub(super) fn field_path(segments: &[&str]) -> String {
    let mut path = String::new();
    for (number, segment) in segments.iter().enumerate() {
        if number > 0 {
            path.push('.');
        }
        if is_simple(segment) {
            path.push_str(segment);
        } else {
            path.push('`');
            path.push_str(&segment.replace('\\', "\\\\").replace('`', "\\`"));
            path.push('`');
        }
    }
    path
}

fn is_simple(segment: &str) -> bool {
    let mut characters = segment.chars();
    let begins_well = characters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    begins_well && characters.all(|next| next.is_ascii_alphanumeric() || next == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_becomes_a_valid_name_and_comes_back() {
        let long = "x".repeat(MAX_BYTES);
        let cases = [
            ("SKU-1.2", "SKU-1.2"),
            ("", "%"),
            (".", "%2E"),
            ("..", "%2E."),
            ("...", "..."),
            ("__x__", "%5F_x__"),
            ("__x", "__x"),
            ("a/b", "a%2Fb"),
            ("a%2Fb", "a%252Fb"),
            ("%", "%25"),
            ("a\u{0}b", "a%00b"),
            ("`a\\`", "%60a%5C%60"),
            ("é ☕️", "é ☕️"),
            (&long, &long),
        ];
        for (text, name) in cases {
            assert_eq!(escaped(text), name, "{text:?}");
            assert_eq!(unescaped(name).as_deref(), Some(text), "{name:?}");
        }
    }

    #[test]
    fn what_is_too_long_is_named_by_its_digest() {
        let long = "/".repeat(MAX_BYTES);
        let name = escaped(&long);
        assert!(name.starts_with(DIGEST) && name.len() < 100, "{name}");
        assert_ne!(name, escaped(&format!("{long}x")));
        assert_eq!(unescaped(&name), None);
    }

    #[test]
    fn paths_are_quoted_where_they_must_be() {
        assert_eq!(field_path(&["by_type", "purchase"]), "by_type.purchase");
        assert_eq!(field_path(&["items", "SKU-1.2"]), "items.`SKU-1.2`");
        assert_eq!(field_path(&["m1", "9a"]), "m1.`9a`");
        assert_eq!(field_path(&["a`b", "c\\d"]), "`a\\`b`.`c\\\\d`");
    }
}
