//! What counts as a decimal, and how it is rounded and handed on.

use super::*;

fn decimal(text: &str) -> Decimal {
    Decimal::parse(text).unwrap_or_else(|| panic!("{text} should be a decimal"))
}

#[test]
fn only_plain_decimals_are_read() {
    for text in ["0", "-0", "12.50", "+3", ".5", "-.5", " 7 ", "000.100"] {
        assert!(Decimal::parse(text).is_some(), "{text:?}");
    }
    let refused = [
        "",
        " ",
        "-",
        "+",
        ".",
        "5.",
        "1.2.3",
        "1e3",
        "NaN",
        "Infinity",
        "-Infinity",
        "1,5",
        "1 000",
        "0x10",
        "١٢",
        "--1",
        "+-1",
        "1_000",
        "€5",
    ];
    for text in refused {
        assert_eq!(Decimal::parse(text), None, "{text:?}");
    }
}

#[test]
fn equal_numbers_are_equal_however_they_are_written() {
    for text in ["150", "150.0", "+150.00", "0150"] {
        assert_eq!(decimal(text), decimal("150"), "{text}");
        assert_eq!(decimal(text).to_string(), "150", "{text}");
    }
    assert_eq!(decimal("-0.00"), decimal("0"));
    assert_eq!(decimal("-1.50").to_string(), "-15e-1");
}

#[test]
fn micros_are_rounded_half_to_even() {
    let cases = [
        ("0.0000005", 0),
        ("0.0000015", 2),
        ("0.0000025", 2),
        ("-0.0000015", -2),
        ("0.00000250000000000001", 3),
        ("0.00000249999999999999", 2),
        ("0.00000005", 0),
        ("184.5", 184_500_000),
        ("9223372036854.775807", i64::MAX),
        ("-9223372036854.775808", i64::MIN),
        ("9223372036854.7758074", i64::MAX),
    ];
    for (text, micros) in cases {
        assert_eq!(decimal(text).to_micros(), Some(micros), "{text}");
    }
    for text in [
        "9223372036854.775808",
        "9223372036854.7758075",
        "10000000000000",
        "99999999999999999999999999999999999999999",
    ] {
        assert_eq!(decimal(text).to_micros(), None, "{text}");
    }
}

#[test]
fn a_json_number_is_read_by_its_shortest_text() {
    for (json, same) in [
        ("1e3", "1000"),
        ("2.5e-7", "0.00000025"),
        ("1e21", "1000000000000000000000"),
        ("0.1", "0.1"),
        ("-0.0", "0"),
    ] {
        let number: Number = serde_json::from_str(json).expect("a JSON number");
        assert_eq!(Decimal::from_number(&number), Some(decimal(same)), "{json}");
    }
}

#[test]
fn a_text_becomes_a_number_only_when_no_digit_changes() {
    let cases = [
        ("74.00", Some("74")),
        ("184.50", Some("184.5")),
        ("0.0000001", Some("1e-7")),
        ("9007199254740993", Some("9007199254740993")),
        ("9007199254.7409931", None),
        ("0.12345678901234567890", None),
    ];
    for (text, number) in cases {
        assert_eq!(
            decimal(text)
                .to_number()
                .map(|number| number.to_string())
                .as_deref(),
            number,
            "{text}"
        );
    }
}
