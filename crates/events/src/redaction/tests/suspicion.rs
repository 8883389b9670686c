//! The quick look at a text must miss nothing that a thorough one finds.

use proptest::prelude::*;

use super::all;
use crate::redaction::find::{find, find_in_any};
use crate::redaction::settings::Treatment;

/// What addresses and numbers are made of, however it is written.
const PIECES: [&str; 40] = [
    "jane",
    "@",
    "＠",
    "\u{FE6B}",
    "%40",
    "%2540",
    "%EF%BC%A0",
    "\\u0040",
    "\\uff20",
    "\\x40",
    "&#64;",
    "&#x40;",
    "&commat;",
    "&amp;#64;",
    "\\u0026#64;",
    "a.cc",
    "example.com",
    "田中",
    "\"",
    " ",
    "4111",
    "1111",
    "1111",
    "1111",
    " 1111",
    "-1111",
    "4111111111111111",
    "378282246310005",
    "3782 822463 10005",
    "%34111111111111111",
    "&#52;11",
    "\\u0034",
    "１１１１",
    "\u{200B}",
    ".",
    "+49",
    "%2B49",
    "&plus;49",
    "0171 1234567",
    "12345678",
];

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES.to_vec()), 1..9)
        .prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(20_000) })]

    #[test]
    fn a_quick_look_misses_nothing(text in text(), is_phone in any::<bool>(), before in prop_oneof![Just(0), 0..200_usize]) {
        let text = format!("{}{text}", "x ".repeat(before));
        let settings = all(Treatment::Redact);
        let ranges = |found: Vec<crate::redaction::find::Match>| -> Vec<_> {
            found.into_iter().map(|found| (found.kind, found.range)).collect()
        };
        let quick = ranges(find(&text, &settings, is_phone));
        prop_assert_eq!(quick, ranges(find_in_any(&text, &settings, is_phone)));
    }
}
