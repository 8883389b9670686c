//! Makes an API's answer fit to be kept: short, without our secret and without e-mail addresses.

use store::dead_letters::ANSWER_BYTES_KEPT;

/// The beginning of an answer's body, with what must not be kept replaced.
pub(super) fn keepable(body: &[u8], secret: Option<&str>) -> String {
    let mut text = String::from_utf8_lossy(body).into_owned();
    if let Some(secret) = secret.filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, "[secret]");
    }
    let mut kept = without_addresses(&text);
    if kept.len() > ANSWER_BYTES_KEPT {
        kept.truncate(kept.floor_char_boundary(ANSWER_BYTES_KEPT));
    }
    kept
}

fn without_addresses(text: &str) -> String {
    let ends_address =
        |character: char| !(character.is_alphanumeric() || "._%+-@".contains(character));
    text.split_inclusive(ends_address)
        .map(|word| {
            let bare = word.trim_end_matches(ends_address);
            match bare.trim_start_matches('@').split_once('@') {
                Some((name, domain)) if !name.is_empty() && domain.contains('.') => {
                    word.replacen(bare, "[e-mail]", 1)
                }
                _ => word.to_owned(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_the_secret_are_replaced_and_the_rest_stays() {
        let body = br#"{"error":"ann.b+c@shop.example is unknown","key":"k-123","at":"user@host"}"#;
        let kept = keepable(body, Some("k-123"));
        assert_eq!(
            kept,
            r#"{"error":"[e-mail] is unknown","key":"[secret]","at":"user@host"}"#
        );
    }

    #[test]
    fn an_address_behind_other_signs_is_found() {
        for (body, expected) in [
            ("@ann@shop.example", "[e-mail]"),
            ("@@ann@shop.example.", "[e-mail]"),
            ("ann@@shop.example", "[e-mail]"),
            ("@ann", "@ann"),
        ] {
            assert_eq!(keepable(body.as_bytes(), None), expected, "{body}");
        }
    }

    #[test]
    fn a_long_answer_is_cut_between_characters() {
        let body = "ä".repeat(2000);
        let kept = keepable(body.as_bytes(), None);
        assert_eq!(kept.len(), ANSWER_BYTES_KEPT);
    }
}
