//! The search costs the same for each character, whatever is sent.

use crate::redaction::find::steps;

#[test]
fn the_search_is_linear_in_whatever_is_sent() {
    let worst = [
        "a@",
        "a@a.",
        "a.",
        "@",
        "@a.aa",
        "1",
        "1 ",
        "1234 ",
        "4111 1111 1111 1111 ",
        "+",
        "+1",
        "+1 ",
        "+12345678",
        "%",
        "%25",
        "25",
        "%40",
        "%E3",
        "[",
        "[e-mail]",
        "a@b.com",
        "-",
        "'",
        "a-",
        "+1-",
        "９",
        "a@2x.",
        "a@1.",
        "a@b.com-",
        "\\",
        "\\u",
        "\\u0040",
        "\\ud83d",
        "%F0%25",
        "\u{200b}",
        "\u{301}",
        "AT61 4111 ",
        "4111.",
        "\"@",
        "\\\"@\"@",
        "\"x",
        "\"a b\"@c.dd ",
        "\\\"a b\\\"@c.dd x\"@",
        "&amp;",
        "&#64;",
        "&amp",
        "田",
        "田@",
        "田.a@",
        "田@a.",
    ];
    for part in worst {
        let per_character = |times: usize| {
            let text = format!("%{}", part.repeat(times));
            steps(&text).div_ceil(text.chars().count())
        };
        let (few, many) = (per_character(1_000), per_character(100_000));
        assert!(
            many <= few && many <= 25,
            "{part}: {few}, then {many} steps a character"
        );
    }
}
