//! Texts: what is found in them and what is not, and what stands in its place.

mod beginning;
mod cost;
mod hard_cases;
mod scripts;
mod suspicion;
mod written_otherwise;

use super::find::{find, replaced};
use super::settings::{RedactionSettings, Treatment};
use crate::identity::hexadecimal_sha256;

fn all(treatment: Treatment) -> RedactionSettings {
    RedactionSettings {
        emails: treatment,
        card_numbers: Treatment::Redact,
        phone_numbers: treatment,
        keep: Vec::new(),
    }
}

fn looked_at(text: &str, settings: &RedactionSettings) -> String {
    replaced(text, &find(text, settings, false), false)
}

/// Each text with what it becomes; looking again must change nothing.
fn check(settings: &RedactionSettings, cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let once = looked_at(text, settings);
        assert_eq!(once, *expected, "{text}");
        assert_eq!(looked_at(&once, settings), once, "again: {text}");
    }
}

/// Texts in which nothing is found, with all kinds looked for.
fn check_untouched(texts: &[&str]) {
    let settings = all(Treatment::Redact);
    for text in texts {
        assert_eq!(looked_at(text, &settings), *text);
    }
}

#[test]
fn addresses_are_found_however_they_stand_in_a_text() {
    let cases = [
        ("jane@example.com", "[e-mail]"),
        ("a@b.cc", "[e-mail]"),
        (" Jane.Doe+shop@Mail.Example.CO.UK ", " [e-mail] "),
        ("o'brien@example.ie", "[e-mail]"),
        ("'jane@example.com'", "'[e-mail]'"),
        (
            "Jane <jane@example.com>, call me",
            "Jane <[e-mail]>, call me",
        ),
        (
            "mailto:jane@example.com?subject=a",
            "mailto:[e-mail]?subject=a",
        ),
        ("Write to jane@example.com.", "Write to [e-mail]."),
        ("jane@example.com,joe@example.org", "[e-mail],[e-mail]"),
        (
            "https://shop.example/?email=jane%40example.com&x=1",
            "https://shop.example/?email=[e-mail]&x=1",
        ),
        ("?to=jane%2540example.com", "?to=[e-mail]"),
        (
            "?u=%2Fa%3Femail%3Djane%40example%2Ecom%26b",
            "?u=%2Fa%3Femail%3D[e-mail]%26b",
        ),
        ("?email=m%C3%BCller%40example.de", "?email=[e-mail]"),
        (
            "{\"email\":\"jane@example.com\",\"n\":1}",
            "{\"email\":\"[e-mail]\",\"n\":1}",
        ),
        ("müller@münchen.example", "[e-mail]"),
        ("анна@пример.рф", "[e-mail]"),
        ("a@b.xn--p1ai", "[e-mail]"),
        ("ｊａｎｅ＠ｅｘａｍｐｌｅ．ｃｏｍ", "[e-mail]"),
        ("連絡先jane@example.comまで", "連絡先[e-mail]まで"),
        ("12345678@qq.com", "[e-mail]"),
        ("user_1-2@163.com", "[e-mail]"),
        ("@jane@social.example", "@[e-mail]"),
        ("git@github.com:shop/site.git", "[e-mail]:shop/site.git"),
        ("avatar-jane@example.com.png", "[e-mail].png"),
        ("a@b.com@c.com", "[e-mail]"),
        ("a@b.com!@c.com", "[e-mail]!@c.com"),
        ("jane@@example.com", "[e-mail]"),
        ("@@jane@example.com", "@@[e-mail]"),
        ("100%jane@example.com", "100%[e-mail]"),
    ];
    check(&all(Treatment::Redact), &cases);
}

#[test]
fn what_only_looks_like_an_address_stays() {
    check_untouched(&[
        "2 @ 5 EUR",
        "2@5EUR",
        "user@host",
        "root@localhost:8080",
        "https://cdn.example/logo@2x.png",
        "hero@3x.min.js",
        "icon@1.5x.webp",
        "react@18.2.0",
        "vue@next.js",
        "@jane.doe",
        "https://www.example.com/maps/@52.5,13.4,15z",
        "https://medium.example/@jane.doe/a",
        "a@b.c",
        "a@.com",
        "a@b..com",
        "a@-b.com",
        "jane at example.com",
        "%40example.com",
        "@@@",
        "a@@b",
        "[e-mail]",
        "5d41402abc4b2a76b9719d911017c592e8a1b0d2c3f4a5968778695a4b3c2d1e",
    ]);
}

#[test]
fn card_numbers_are_found_as_they_are_written() {
    let cases = [
        ("4111111111111111", "[card number]"),
        ("card 4111 1111 1111 1111 12/27", "card [card number] 12/27"),
        ("4111-1111-1111-1111", "[card number]"),
        ("?c=4111+1111+1111+1111&d", "?c=[card number]&d"),
        ("?c=4111%201111%201111%201111", "?c=[card number]"),
        ("4111\u{a0}1111\u{a0}1111\u{a0}1111", "[card number]"),
        ("４１１１１１１１１１１１１１１１", "[card number]"),
        ("378282246310005", "[card number]"),
        ("3782 822463 10005", "[card number]"),
        ("5555555555554444", "[card number]"),
        ("2223003122003222", "[card number]"),
        ("6011111111111117", "[card number]"),
        ("3530111333300000", "[card number]"),
        ("6200000000000005", "[card number]"),
        ("12 4111 1111 1111 1111 123", "12 [card number] 123"),
        (
            "[4111111111111111,5555555555554444]",
            "[[card number],[card number]]",
        ),
        ("Paid with 4111111111111111.", "Paid with [card number]."),
        ("4111111111111111@example.com", "[e-mail]"),
        ("a@4111111111111111.com", "[e-mail]"),
    ];
    check(&all(Treatment::Redact), &cases);
}

#[test]
fn numbers_of_shops_are_no_card_numbers() {
    check_untouched(&[
        "4111111111111112",
        "1234567890123452",
        "9111111111111111",
        "41111111111111111",
        "ORD4111111111111111",
        "4111111111111111a",
        "0.4111111111111111",
        "4111111111111111.50",
        "4111 1111 1111 111",
        "41 11 11 11 11 11 11 11",
        "4006381333931",
        "04006381333931",
        "1764060134221",
        "1764060134221000",
        "1203948571.1763981200",
        "GA1.1.1203948571.1763981200",
        "fb.1.1596403881668.1116446470",
        "550e8400-e29b-41d4-a716-446655440000",
        "11111111-1111-4111-8111-111111111111",
        "d41d8cd98f00b204e9800998ecf8427e",
        "184.50",
        "1,299.00 EUR",
        "2025-11-25T08:48:01.502Z",
        "evt_0191f2a4_purchase_ORD-70311",
        "DE89370400440532013000",
        "1.2.3-beta.4",
        "192.168.100.200",
        "[card number]",
    ]);
}

#[test]
fn phone_numbers_are_found_with_their_country() {
    let cases = [
        ("+4917112345678", "[phone number]"),
        ("+49 (0)171 / 123 45-678", "[phone number]"),
        (
            "call +1 (415) 555-2671, please",
            "call [phone number], please",
        ),
        ("?tel=%2B4917112345678&x", "?tel=[phone number]&x"),
        ("tel:+44.20.7031.3000", "tel:[phone number]"),
        (
            "+49 171 1234567 +49 171 7654321",
            "[phone number] [phone number]",
        ),
        ("+49 171 1234567 2025 100", "[phone number] 2025 100"),
    ];
    check(&all(Treatment::Redact), &cases);
    check_untouched(&[
        "+12.50 EUR",
        "+1234567",
        "+0171123456789",
        "+1234567890123456",
        "2025-11-25T08:48:01+0000",
        "a+12345678901",
        "0171 1234567",
        "C++ 12345678",
        "[phone number]",
    ]);
    let off = RedactionSettings::default();
    assert_eq!(looked_at("+4917112345678", &off), "+4917112345678");
}

#[test]
fn a_whole_value_becomes_its_hash_and_one_within_a_text_is_replaced_alone() {
    let settings = all(Treatment::Hash);
    let jane = hexadecimal_sha256("jane@example.com");
    let gmail = hexadecimal_sha256("janedoe+a@gmail.com");
    let phone = hexadecimal_sha256("+4917112345678");
    let cases = [
        (" Jane@Example.com\n", jane.clone()),
        ("mail: Jane@Example.com!", format!("mail: {jane}!")),
        ("?e=jane%40example.com", format!("?e={jane}")),
        ("Ｊane＠example.com", jane.clone()),
        ("Jane.Doe+a@Gmail.com", gmail),
        ("ja.ne@example.com", hexadecimal_sha256("ja.ne@example.com")),
        ("+49 (0)171 12345678", phone.clone()),
        ("tel:+49-171-12345678", format!("tel:{phone}")),
        ("4111111111111111", "[card number]".into()),
        ("4111111111111111@example.com", "[e-mail]".into()),
        ("jane@@example.com", "[e-mail]".into()),
    ];
    let cases: Vec<(&str, &str)> = cases
        .iter()
        .map(|(text, becomes)| (*text, becomes.as_str()))
        .collect();
    check(&settings, &cases);
}

#[test]
fn a_member_called_phone_holds_a_phone_number_in_any_form() {
    for (text, redacted, hashed) in [
        (
            "0171 1234567",
            "[phone number]",
            "[phone number]".to_owned(),
        ),
        (
            " (030) 123-4567 ",
            " [phone number] ",
            " [phone number] ".to_owned(),
        ),
        (
            "0049 171 12345678",
            "[phone number]",
            hexadecimal_sha256("+4917112345678"),
        ),
        ("112", "112", "112".to_owned()),
        ("unknown", "unknown", "unknown".to_owned()),
        (
            "0171 1234567 after six",
            "0171 1234567 after six",
            "0171 1234567 after six".to_owned(),
        ),
    ] {
        for (treatment, expected) in [(Treatment::Redact, redacted), (Treatment::Hash, &hashed)] {
            let found = find(text, &all(treatment), true);
            assert_eq!(replaced(text, &found, false), expected, "{text}");
        }
        assert!(find(text, &RedactionSettings::default(), true).is_empty());
    }
}
