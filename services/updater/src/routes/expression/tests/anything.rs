//! Expressions made at random from the language's words: none may panic, hang or overflow, in reading or evaluating.

use proptest::prelude::*;

use super::super::Bindings;
use super::{Expression, compiler, event, names, on_deep_stack};

const WORDS: &[&str] = &[
    "event",
    "event.data",
    ".items",
    ".value",
    ".?name",
    ".nope",
    "item",
    "effect.key",
    "[",
    "]",
    "(",
    ")",
    "{",
    "}",
    ",",
    ":",
    "?",
    "+",
    "-",
    "*",
    "/",
    "%",
    "<",
    "==",
    "&&",
    "||",
    "!",
    "in",
    "1",
    "0",
    "2.5",
    "-3",
    "1u",
    "\"a\"",
    "'/x/'",
    "b\"b\"",
    "true",
    "null",
    "\"k\": ",
    "?\"o\": ",
    ".map(i, ",
    ".filter(i, ",
    ".exists(i, ",
    ".all(i, ",
    ".sortBy(i, ",
    ".exists_one(i, ",
    ".optMap(i, ",
    "i",
    ".orValue(",
    ".value()",
    ".join(",
    ".split(",
    ".replace(",
    ".substring(",
    ".format(",
    ".slice(",
    ".flatten()",
    ".distinct()",
    ".sort()",
    ".reverse()",
    ".charAt(",
    ".indexOf(",
    ".matches(",
    "size(",
    "string(",
    "int(",
    "double(",
    "bytes(",
    "timestamp(",
    "duration(",
    "time(",
    "date(",
    "mul(",
    "div(",
    "round(",
    "floor(",
    "sum(",
    "sha256(",
    "lower(",
    "has(",
    "math.greatest(",
    "math.abs(",
    "optional.of(",
    "base64.encode(",
    "type(",
    "dyn(",
];

/// Words in a row, with brackets closed at the end often enough that many of them can be read.
fn source() -> impl Strategy<Value = String> {
    (
        prop::collection::vec(prop::sample::select(WORDS), 1..14),
        any::<bool>(),
    )
        .prop_map(|(words, close)| {
            let mut source = words.concat();
            let open: Vec<char> = source.chars().filter(|c| "([{".contains(*c)).collect();
            let closed = source.chars().filter(|c| ")]}".contains(*c)).count();
            if close {
                for bracket in open.iter().rev().take(open.len().saturating_sub(closed)) {
                    source.push(match bracket {
                        '(' => ')',
                        '[' => ']',
                        _ => '}',
                    });
                }
            }
            source
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_expression_panics(sources in prop::collection::vec(source(), 64)) {
        let compiled = on_deep_stack(|| {
            let compiler = compiler();
            let compile = |source: &String| [
                Expression::compile(&compiler, source, &names()).ok(),
                Expression::compile_path(&compiler, source, &names()).ok(),
            ];
            sources.iter().flat_map(compile).flatten().collect::<Vec<_>>()
        });
        let mut bindings = Bindings::new(&compiler(), &event());
        bindings.bind_element("item", &event());
        bindings.bind_effect_key("key");
        for expression in compiled.expect("a thread") {
            if let Err(error) = expression.evaluate(&bindings) {
                prop_assert!(!error.to_string().contains("LAMP"), "{}: {error}", expression.source());
            }
        }
    }
}
