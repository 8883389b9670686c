//! Mistakes in expressions, each with its place and what would be right.

use super::{Expression, Names, compiler, names, on_deep_stack};

fn mistakes_with(source: &str, names: &Names) -> Vec<String> {
    let compiled =
        on_deep_stack(|| Expression::compile(&compiler(), source, names)).expect("a thread");
    let mistakes = compiled
        .map(|_| panic!("{source} was taken"))
        .unwrap_or_else(|mistakes: Vec<_>| mistakes);
    mistakes
        .into_iter()
        .map(|mistake| format!("{}:{} {}", mistake.line, mistake.column, mistake.message))
        .collect()
}

fn check(cases: &[(&str, &[&str])], names: &Names) {
    for (source, expected) in cases {
        assert_eq!(mistakes_with(source, names), *expected, "{source}");
    }
}

#[test]
fn unknown_names_are_found_with_their_place() {
    check(
        &[
            (
                "evnt.eventType == \"a\"",
                &["1:1 unknown name 'evnt'; did you mean 'event'?"],
            ),
            (
                "event.eventType == \"煎茶\" && q",
                &["1:28 unknown name 'q'"],
            ),
            (
                "event.userid == \"a\"",
                &["1:7 unknown field 'event.userid'; did you mean 'userId'?"],
            ),
            (
                "has(event.user_id)",
                &["1:11 unknown field 'event.user_id'; did you mean 'userId'?"],
            ),
            (
                "event.?userID.orValue(1)",
                &["1:8 unknown field 'event.userID'; did you mean 'userId'?"],
            ),
            (
                "event.currency",
                &[
                    "1:7 unknown field 'event.currency'; what the tag sends is event.data.currency, and keys beside \
                   data are event[\"currency\"]",
                ],
            ),
            ("effect.id", &["1:8 unknown field 'effect.id'"]),
            ("{a: 1}", &["1:2 a key is text: write \"a\" with quotes"]),
            (
                "event.data.items.map(i, itm.price + j)",
                &[
                    "1:25 unknown name 'itm'; did you mean 'item'?",
                    "1:37 unknown name 'j'",
                ],
            ),
            (
                "event.data.value == None",
                &["1:21 unknown name 'None'; write null"],
            ),
            (
                "Item{a: 1}",
                &["1:5 typed objects are not supported; write { \"key\": value }"],
            ),
        ],
        &names(),
    );
    check(
        &[
            (
                "item.item_id",
                &[
                    "1:1 unknown name 'item'; there is an element only in each.key, path, query, headers and body of a \
                   route with each:",
                ],
            ),
            (
                "effect.key",
                &[
                    "1:1 unknown name 'effect'; the effect's key is known in path, query, headers and body only",
                ],
            ),
        ],
        &Names::event(),
    );
    check(
        &[(
            "line.id + lin",
            &["1:11 unknown name 'lin'; did you mean 'line'?"],
        )],
        &Names::event().with_element("line"),
    );
}

#[test]
fn unknown_functions_and_wrong_counts_are_found() {
    check(
        &[
            (
                "flor(1.5)",
                &["1:1 unknown function 'flor'; did you mean 'floor'?"],
            ),
            ("\n  lokup(\"a\")", &["2:3 unknown function 'lokup'"]),
            ("event.userId.lowr()", &["1:14 unknown function 'lowr'"]),
            (
                "event.userId.lower()",
                &["1:14 unknown function 'lower'; write lower(x)"],
            ),
            (
                "trim(event.userId)",
                &["1:1 unknown function 'trim'; write x.trim(…)"],
            ),
            ("math.sum(1)", &["1:6 unknown function 'math.sum'"]),
            ("mul(1)", &["1:1 mul takes 2 argument(s)"]),
            ("div(1, 2)", &["1:1 div takes 3 argument(s)"]),
            (
                "event.data.items.join(1, 2)",
                &["1:18 join takes 0 to 1 argument(s)"],
            ),
            (
                "lists.range(10)",
                &["1:1 unknown name 'lists'", "1:7 unknown function 'range'"],
            ),
            (
                "floor(flor(1))",
                &["1:7 unknown function 'flor'; did you mean 'floor'?"],
            ),
        ],
        &names(),
    );
}

#[test]
fn common_slips_are_explained() {
    check(
        &[
            ("", &["1:1 the expression is empty"]),
            (" \n ", &["1:1 the expression is empty"]),
            (
                "event.eventType = \"a\"",
                &["1:17 compare with ==; a single = means nothing here"],
            ),
            ("event.eventType === \"a\"", &["1:17 compare with == or !="]),
            ("event.eventType !== \"a\"", &["1:17 compare with == or !="]),
            (
                "true and false or true",
                &["1:6 write && for 'and'", "1:16 write || for 'or'"],
            ),
            ("true & false", &["1:6 write && for 'and'"]),
            ("not true", &["1:1 write ! for 'not'"]),
            (
                "if true then 1 else 2",
                &[
                    "1:1 write condition ? this : that",
                    "1:9 write condition ? this : that",
                    "1:16 write condition ? this : that",
                ],
            ),
            (
                "event.eventType == \"purchase",
                &["1:20 this quote is never closed"],
            ),
            (
                "{\n  \"a\": \"b,\n  \"c\": 1 }",
                &["2:8 this quote is never closed"],
            ),
            ("floor(1 + (2)", &["1:6 this '(' is never closed"]),
            (
                "{ \"a\": [1, 2 }",
                &["1:14 '}' can't close the '[' before it"],
            ),
            ("1 + 2)", &["1:6 ')' closes nothing"]),
            ("1;", &["1:2 an expression has no ';'"]),
            ("{ \"a\": 1 *, \"b\": 2 }", &["1:11 unexpected ','"]),
            ("1 +", &["1:4 the expression ends too early"]),
            (
                "has(event)",
                &["1:5 has() takes a field, such as has(event.userId)"],
            ),
            (
                "[1].map(1, 2)",
                &[
                    "1:9 the first argument here is a new name for the element, such as items.map(item, item.price)",
                ],
            ),
        ],
        &names(),
    );
}

#[test]
fn malformed_sources_neither_panic_nor_pass() {
    for source in [
        "\0",
        "@",
        "1e999",
        "99999999999999999999",
        "\"\\q\"",
        "((((",
        "}}}}",
        "'''",
        "\"\"\"a",
        "r\"",
        "b'",
        "\\",
        "a.",
        ".a",
        "?:",
        "1 ? 2",
        "f(,)",
        "event..a",
        "#",
        "$",
        "é=",
        "“a”",
        "0x",
        "1.2.3",
        "event.?",
        "[1,,2]",
        "//",
        "event.data.`",
        "in in in",
        "true ? : false",
    ] {
        assert!(!mistakes_with(source, &names()).is_empty(), "{source}");
    }
}

#[test]
fn a_path_must_begin_with_a_slash_in_quotes() {
    for (source, expected) in [
        (
            "item.item_id",
            "1:1 a path starts with text in quotes: \"/…\" + …",
        ),
        ("\"stock/\" + item.item_id", "1:1 a path starts with \"/\""),
        (
            "\"/stock?id=\" + item.item_id",
            "1:1 a path holds no ? or #; give the query under query:",
        ),
        (
            "\"/a b\"",
            "1:1 percent-encode what is not a plain character of a path",
        ),
        (
            "has(event.userId) ? \"/a\" : event.data.path",
            "1:28 a path starts with text in quotes: \"/…\" + …",
        ),
    ] {
        let compiled = on_deep_stack(|| Expression::compile_path(&compiler(), source, &names()))
            .expect("a thread");
        let mistake = compiled.expect_err("refused").remove(0);
        assert_eq!(
            format!("{}:{} {}", mistake.line, mistake.column, mistake.message),
            expected,
            "{source}"
        );
    }
}
