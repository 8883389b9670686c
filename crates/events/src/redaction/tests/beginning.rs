//! The beginning of any text: what is kept of it, whatever the cut goes through.

use crate::redaction::redacted_beginning;

/// Enough for a sentence, and for no two addresses.
const MOST: usize = 40;

#[test]
fn every_kind_is_replaced_in_any_text() {
    for (text, kept) in [
        ("", ""),
        ("nothing to see", "nothing to see"),
        (
            "<b>anna&#64;shop.example</b> is unknown",
            "<b>[e-mail]</b> is unknown",
        ),
        (
            r#"{"error":"4111.1111.1111.1111"}"#,
            r#"{"error":"[card number]"}"#,
        ),
        ("call +49 171 1234567", "call [phone number]"),
    ] {
        assert_eq!(redacted_beginning(text, MOST), kept);
    }
}

#[test]
fn what_the_end_would_cut_is_gone_as_a_whole() {
    let personal = [
        "anna.berg@shop.example",
        "anna%2540shop.example",
        "anna&#64;shop.example",
        "\"anna berg\"@shop.example",
        "田中太郎@shop.example",
        "4111 1111 1111 1111",
        "+49 171 1234567",
    ];
    for value in personal {
        for before in 0..=MOST {
            let text = format!("{} {value} and so on", "x".repeat(before));
            let kept = redacted_beginning(&text, MOST);
            assert!(kept.len() <= MOST);
            let rest = kept.trim_start_matches('x').trim_start();
            let placeholders = ["[e-mail] and", "[card number] and", "[phone number] and"];
            let is_beginning = placeholders
                .iter()
                .any(|placeholder| rest.starts_with(placeholder) || placeholder.starts_with(rest));
            assert!(is_beginning, "{kept}");
        }
    }
}

#[test]
fn the_cut_makes_no_number_or_address_of_something_else() {
    // A longer number, a decimal, a host without a top-level domain.
    for (text, cut, kept) in [
        ("41111111111111117", 16, ""),
        ("x 41111111111111117", 18, "x "),
        ("4111111111111111.50", 16, ""),
        ("anna@shop.co1x", 12, ""),
    ] {
        assert_eq!(redacted_beginning(text, text.len()), text);
        assert_eq!(redacted_beginning(text, cut), kept, "{text}");
    }
}

#[test]
fn the_cut_goes_between_characters_and_looks_no_further_than_it_must() {
    let long = "ä".repeat(20_000);
    assert_eq!(redacted_beginning(&long, 1024).len(), 1024);
    assert_eq!(redacted_beginning(&long, 1023).len(), 1022);
    let far = format!("{} anna@shop.example", "x ".repeat(20_000));
    assert_eq!(redacted_beginning(&far, 10), "x x x x x ");
    assert_eq!(
        redacted_beginning("anna@shop.example", usize::MAX),
        "[e-mail]"
    );
}
