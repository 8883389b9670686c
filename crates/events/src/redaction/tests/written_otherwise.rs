//! The same address or number, written as pages, scripts, mail and people's keyboards write it.

use super::{all, check, check_untouched, looked_at};
use crate::identity::hexadecimal_sha256;
use crate::redaction::settings::{RedactionSettings, Treatment};

#[test]
fn references_of_html_are_read_as_a_browser_reads_them() {
    let cases = [
        ("anna&#64;shop.example", "[e-mail]"),
        ("anna&#064;shop.example", "[e-mail]"),
        ("anna&#x40;shop&#46;example", "[e-mail]"),
        ("anna&#X40;shop&period;example", "[e-mail]"),
        ("anna&commat;shop.example", "[e-mail]"),
        ("anna&amp;#64;shop.example", "[e-mail]"),
        ("anna&amp;amp;commat;shop.example", "[e-mail]"),
        (
            r#"{"e":"anna\u0026#64;shop.example"}"#,
            r#"{"e":"[e-mail]"}"#,
        ),
        (
            "&lt;anna@shop.example&gt;&nbsp;x",
            "&lt;[e-mail]&gt;&nbsp;x",
        ),
        ("ren&eacute;@shop.example", "[e-mail]"),
        ("j&Oslash;rgen&#x2d;a@shop.example", "[e-mail]"),
        ("an&shy;na@shop&#8203;.example", "[e-mail]"),
        ("4111&nbsp;1111&#160;1111&thinsp;1111", "[card number]"),
        ("&#52;111111111111111", "[card number]"),
        ("tel:&plus;4917112345678", "tel:[phone number]"),
        ("?a=1&email=anna@shop.example&b", "?a=1&email=[e-mail]&b"),
    ];
    check(&all(Treatment::Redact), &cases);
    check_untouched(&[
        "anna&#64 shop.example",
        "anna&#64shop.example",
        "anna&#0000000064;shop.example",
        "anna&#+64;shop.example",
        "anna&#xFFFFFFFF;shop.example",
        "anna&commat shop.example",
        "?a=b&period=2025&commat=c.example",
        "a&#;b.cc",
        "a&;b.cc",
        "&amp;&amp;#;",
        "AT&T@home",
    ]);
    let hash = hexadecimal_sha256("rené@shop.example");
    let settings = all(Treatment::Hash);
    assert_eq!(looked_at("ren&eacute;&#64;shop.example", &settings), hash);
}

#[test]
fn escapes_of_scripts_are_undone() {
    let cases = [
        (r"anna\x40shop.example", "[e-mail]"),
        (r"var m = 'anna\x40shop\x2eexample'", "var m = '[e-mail]'"),
    ];
    check(&all(Treatment::Redact), &cases);
    check_untouched(&[r"anna\x4shop.example", r"C:\x40"]);
}

#[test]
fn names_in_double_quotes_are_part_of_an_address() {
    let cases = [
        ("\"anna berg\"@shop.example", "[e-mail]"),
        ("To: \"anna..berg\"@shop.example, x", "To: [e-mail], x"),
        ("<\"anna@home\"@shop.example>", "<[e-mail]>"),
        ("\"a@b.cc\"@shop.example", "[e-mail]"),
        (r#""\"a b\"@shop.ex;x"@shop.example"#, "[e-mail]"),
        (r#""x "a b"@shop.example y"@shop.example"#, "[e-mail]"),
        (
            r#"{"to":"\"anna berg\"@shop.example"}"#,
            r#"{"to":"[e-mail]"}"#,
        ),
        ("?to=%22anna%20berg%22%40shop.example", "?to=[e-mail]"),
        ("&quot;anna berg&quot;@shop.example", "[e-mail]"),
        ("say \"hi\" to anna@shop.example", "say \"hi\" to [e-mail]"),
    ];
    check(&all(Treatment::Redact), &cases);
    check_untouched(&[
        r#"["anna", "@shop.example"]"#,
        r#"["", 5, "@shop.example"]"#,
        r#"["anna",5,"@shop.example"]"#,
        r#"{"a":"b","c":"@shop.example"}"#,
        r#"{\"a\":\"b\",\"c\":\"@shop.example\"}"#,
        r#"<a title="b" href="@shop.example">"#,
        r#"<a title="b"href="@shop.example">"#,
        r#"he said "hi" and "@shop.example""#,
        "\"@shop.example",
        "\"\"@shop.example",
    ]);
    let hash = hexadecimal_sha256("\"anna berg\"@shop.example");
    let settings = all(Treatment::Hash);
    for text in [
        "\"Anna Berg\"@shop.example",
        r#"\"Anna Berg\"@shop.example"#,
    ] {
        assert_eq!(looked_at(text, &settings), hash);
    }
}

#[test]
fn cards_stand_with_dots_and_every_width_of_space_and_dash() {
    let cases = [
        ("4111.1111.1111.1111", "[card number]"),
        ("3782.822463.10005", "[card number]"),
        ("Card 4111.1111.1111.1111.", "Card [card number]."),
        ("４１１１．１１１１．１１１１．１１１１", "[card number]"),
        ("４１１１　１１１１　１１１１　１１１１", "[card number]"),
    ];
    check(&RedactionSettings::default(), &cases);
    for separator in [
        '\u{A0}', '\u{2002}', '\u{2003}', '\u{2007}', '\u{2008}', '\u{2009}', '\u{200A}',
        '\u{202F}', '\u{205F}', '\u{3000}', '\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}',
        '\u{2014}', '\u{2015}', '\u{2212}', '\u{FF0D}', '\u{FE63}', '.', '-', '+', ' ',
    ] {
        let text = ["4111", "1111", "1111", "1111"].join(&separator.to_string());
        check(&RedactionSettings::default(), &[(&text, "[card number]")]);
    }
}

#[test]
fn dotted_ids_addresses_of_hosts_and_decimals_are_no_cards() {
    check_untouched(&[
        "1.4111.1111.1111.1111",
        "4111.1111.1111.1111.5",
        "v4111.1111.1111.1111",
        "0.4111.1111.1111.1111",
        "4111.1111.1111.1112",
        "GA1.1.4111111111111111.1763981200",
        "0.4111111111111111",
        "4111111111111111.50",
        "0.4111 1111 1111 1111",
        "4111 1111 1111 1111.50",
        "41.111.111.111.111.111",
        "AT61.4111.1111.1111.1111",
    ]);
}
