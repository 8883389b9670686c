//! Texts as real traffic brings them: JSON within texts, invisible characters, ids that stand against an address, and what
//! a shop writes that only looks like one.

use super::{all, check, check_untouched, looked_at};
use crate::identity::hexadecimal_sha256;
use crate::redaction::settings::{RedactionSettings, Treatment};

#[test]
fn json_within_a_text_is_read_as_json_and_stays_json() {
    let cases = [
        (r#"{"e":"jane\u0040example.com"}"#, r#"{"e":"[e-mail]"}"#),
        (
            r#"{"n":"call\njane@example.com"}"#,
            r#"{"n":"call\n[e-mail]"}"#,
        ),
        (r#"{"e":"m\u00fcller@example.de"}"#, r#"{"e":"[e-mail]"}"#),
        (
            r#"{\"e\":\"m\\u00fcller@example.de\"}"#,
            r#"{\"e\":\"[e-mail]\"}"#,
        ),
        (
            r#"{"e":"\ud83d\ude00jane@example.com"}"#,
            r#"{"e":"\ud83d\ude00[e-mail]"}"#,
        ),
        (
            r#"{"n":"card:\n4111111111111111\t12/27"}"#,
            r#"{"n":"card:\n[card number]\t12/27"}"#,
        ),
        (
            r#"{"u":"\/a?e=jane%40example.com"}"#,
            r#"{"u":"\/a?e=[e-mail]"}"#,
        ),
        (r"\\\\jane@example.com", r"\\\\[e-mail]"),
        (r"\u004jane@example.com", r"\[e-mail]"),
    ];
    check(&all(Treatment::Redact), &cases);
    check_untouched(&[
        r"\u0040",
        r"C:\new\temp",
        r"a\",
        r"\ud83d\ude00",
        r#"{"a":"2 \u0040 5"}"#,
    ]);
}

#[test]
fn encoded_control_characters_end_an_address_as_blanks_do() {
    let cases = [
        ("?q=hi%0Ajane@example.com%0D%0A", "?q=hi%0A[e-mail]%0D%0A"),
        ("?c=card%094111111111111111", "?c=card%09[card number]"),
    ];
    check(&all(Treatment::Redact), &cases);
}

#[test]
fn invisible_characters_and_accents_of_their_own_hide_nothing() {
    let cases = [
        ("jane\u{200b}@example.com", "[e-mail]"),
        ("ja\u{ad}ne@exam\u{ad}ple.c\u{200d}om.", "[e-mail]."),
        ("rene\u{301}@example.com", "[e-mail]"),
        ("\u{202a}jane@example.com\u{202c} x", "\u{202a}[e-mail] x"),
        ("?e=jane%E2%80%8B%40example.com", "?e=[e-mail]"),
        ("4111\u{200b}1111\u{2060}1111\u{feff}1111", "[card number]"),
        (
            "\u{202a}+49 171\u{200b} 1234567\u{202c}",
            "\u{202a}[phone number]",
        ),
    ];
    check(&all(Treatment::Redact), &cases);
    let jane = hexadecimal_sha256("jane@example.com");
    for text in [
        "\u{feff}jane@example.com ",
        "jane\u{200b}@example.com\u{200b}",
    ] {
        assert_eq!(looked_at(text, &all(Treatment::Hash)), jane, "{text:?}");
    }
}

#[test]
fn an_id_that_is_glued_to_an_address_does_not_hide_it() {
    let cases = [
        ("jane@example.com-1764060134", "[e-mail]-1764060134"),
        ("jane@example.com-newsletter", "[e-mail]-newsletter"),
        ("jane@example.com1764060134221", "[e-mail]1764060134221"),
        ("jane@example.com_1764060134", "[e-mail]_1764060134"),
        ("1764060134-jane@example.com", "[e-mail]"),
        ("jane@web-site.example", "[e-mail]"),
        ("jane@my.web-site.example", "[e-mail]"),
    ];
    check(&all(Treatment::Redact), &cases);
}

#[test]
fn coupons_versions_and_pages_are_no_addresses() {
    check_untouched(&[
        "SAVE@10.NOW",
        "SAVE@10.now!",
        "GET@5.OFF",
        "3@9.99.EUR",
        "package.names@1.2.3",
        "lodash@1.0.0-rc.final",
        "spring@5.3.0.RELEASE",
        "https://cdn.example/npm/vue@3.2.min.js",
        "page@home.php?id=1",
        "hero@x.png-2x",
        "track@song.mp3",
    ]);
    let cases = [
        ("jane@58.com", "[e-mail]"),
        ("12345678@163.com", "[e-mail]"),
        ("jane@10.example.com", "[e-mail]"),
        ("jane@139.COM", "[e-mail]"),
    ];
    check(&all(Treatment::Redact), &cases);
}

#[test]
fn ids_and_times_of_an_order_are_no_card_numbers() {
    check_untouched(&[
        "GS1.1.1690000000.1.1.1690000001.0.0.0",
        "GS2.1.s1746825440$o1$g1$t1746825460$j40$l0$h0",
        "Cj0KCQiA4111111111111111wE",
        "1764060134221,1764060134222",
        "00340434161094022115",
        "9400100000000000000000",
        "356938035643809",
        "302-1234567-1234567",
        "AT61 4111 1111 1111 1111",
        "FR76 3000 4111 1111 1111 1111 189",
        "IBAN: AT61-4111-1111-1111-1111",
    ]);
    let cases = [
        ("XAT61 4111 1111 1111 1111", "XAT61 [card number]"),
        ("no12 4111 1111 1111 1111", "no12 [card number]"),
        ("AT61, 4111 1111 1111 1111", "AT61, [card number]"),
    ];
    check(&RedactionSettings::default(), &cases);
}
