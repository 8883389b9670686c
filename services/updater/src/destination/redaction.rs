//! Makes an API's answer fit to be kept: short, without our secret and without personal data.

use events::redacted_beginning;
use store::dead_letters::ANSWER_BYTES_KEPT;

/// The beginning of an answer's body, with what must not be kept replaced. `is_whole`: nothing of it got lost on the way.
pub(super) fn keepable(body: &[u8], secret: Option<&str>, is_whole: bool) -> String {
    let mut text = String::from_utf8_lossy(body).into_owned();
    if let Some(secret) = secret.filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, "[secret]");
    }
    let certain = match is_whole {
        true => text.as_str(),
        false => without_unfinished_word(&text),
    };
    redacted_beginning(certain, ANSWER_BYTES_KEPT)
}

/// Without the last word: nobody can say what would have become of it, an address or a card's last group.
fn without_unfinished_word(text: &str) -> &str {
    let ends_word =
        |character: char| character.is_whitespace() || "\"<>,(){}[]".contains(character);
    let end = text.rfind(ends_word).unwrap_or_default();
    text[..end].trim_end_matches(|character: char| {
        character.is_ascii_digit() || character.is_whitespace() || character == '-'
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_data_and_the_secret_are_replaced_and_the_rest_stays() {
        for (body, expected) in [
            (
                r#"{"error":"ann.b+c@shop.example is unknown","key":"k-123","at":"user@host"}"#,
                r#"{"error":"[e-mail] is unknown","key":"[secret]","at":"user@host"}"#,
            ),
            (
                "<p>No customer ann&#64;shop.example (card 4111.1111.1111.1111)</p>",
                "<p>No customer [e-mail] (card [card number])</p>",
            ),
            ("call +49 171 1234567", "call [phone number]"),
            ("{\"e\":\"ann\\u0040shop.example\"}", "{\"e\":\"[e-mail]\"}"),
            ("@ann@shop.example", "@[e-mail]"),
            ("ann@@shop.example", "[e-mail]"),
            ("@ann, npm@1.2.3", "@ann, npm@1.2.3"),
        ] {
            assert_eq!(keepable(body.as_bytes(), Some("k-123"), true), expected);
        }
    }

    #[test]
    fn nothing_is_kept_of_what_the_end_goes_through() {
        for value in ["ann@shop.example", "k-123", "4111 1111 1111 1111"] {
            for before in ANSWER_BYTES_KEPT - 20..ANSWER_BYTES_KEPT {
                let body = format!("{} {value} {value}", "x".repeat(before - 1));
                let kept = keepable(body.as_bytes(), Some("k-123"), true);
                let left = kept.trim_start_matches('x');
                assert!(kept.len() <= ANSWER_BYTES_KEPT);
                assert!(
                    !left.contains(['a', 'k', '4']) || left.contains('['),
                    "{left}"
                );
            }
        }
    }

    #[test]
    fn an_unfinished_word_of_a_broken_answer_is_not_kept() {
        for (body, expected) in [
            ("unknown: ann@sho", "unknown:"),
            (r#"{"error":"ann&#64;sho"#, r#"{"error":"#),
            ("card 4111 1111 1111 1", "card"),
            ("{\"key\":\"k-1", "{\"key\":"),
            ("ann@sho", ""),
            ("", ""),
            ("ann@shop.example is unkn", "[e-mail] is"),
        ] {
            assert_eq!(keepable(body.as_bytes(), Some("k-123"), false), expected);
        }
    }

    #[test]
    fn a_long_answer_is_cut_between_characters() {
        let body = "ä".repeat(2000);
        let kept = keepable(body.as_bytes(), None, true);
        assert_eq!(kept.len(), ANSWER_BYTES_KEPT);
    }
}
