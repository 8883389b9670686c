//! Expressions that would run for ever, grow without end or use up the stack.

use std::time::{Duration, Instant};

use serde_json::json;

use super::super::{Bindings, Compiler, EvaluationLimits};
use super::{
    EvaluationError, Expression, Names, compile, compiler, evaluate, event, names, on_deep_stack,
};

fn evaluate_on(
    count: usize,
    source: &str,
) -> (Result<serde_json::Value, EvaluationError>, Duration) {
    let list: Vec<usize> = (0..count).collect();
    let bindings = Bindings::new(
        &compiler(),
        &json!({"data": {"list": list, "text": "a".repeat(2000), "long": "a".repeat(400_000)}}),
    );
    let expression = compile(source);
    let start = Instant::now();
    (expression.evaluate(&bindings), start.elapsed())
}

#[test]
fn nested_loops_stop_quickly() {
    let list = "event.data.list";
    for source in [
        format!("{list}.map(a, {list}.map(b, {list}.map(c, a + b + c)))"),
        format!("{list}.exists(a, {list}.exists(b, {list}.exists(c, a + b + c < 0)))"),
        format!("{list}.all(a, {list}.all(b, {list}.all(c, a + b + c >= 0)))"),
        format!("{list}.filter(a, {list}.exists_one(b, {list}.filter(c, c == a).size() == b))"),
        format!("{list}.exists(a, {list}.map(b, {list}.map(c, a)).size() < 0) || true"),
    ] {
        let (result, took) = evaluate_on(300, &source);
        assert_eq!(result, Err(EvaluationError::Budget), "{source}");
        assert!(took < Duration::from_secs(2), "{source} took {took:?}");
    }
}

#[test]
fn what_grows_without_end_stops_early() {
    let doubling =
        "event.data.?text".to_owned() + &".optMap(t, t + t)".repeat(40) + ".orValue(\"\").size()";
    let lists = "optional.of([event.data.text])".to_owned()
        + &".optMap(t, [t, t])".repeat(30)
        + ".hasValue()";
    for source in [
        doubling,
        lists,
        "event.data.list.map(a, event.data.list).size()".into(),
    ] {
        let (result, took) = evaluate_on(3000, &source);
        assert_eq!(result, Err(EvaluationError::Budget), "{source}");
        assert!(took < Duration::from_secs(2), "{source} took {took:?}");
    }
    let replacing = "event.data.text.replace(\"a\", event.data.text)";
    let nested = format!("{replacing}.replace(\"a\", event.data.text)");
    let error = evaluate_on(1, &nested).0.expect_err("too much text");
    assert_eq!(
        error.to_string(),
        "replace: the result would be larger than 1 MiB"
    );
    let joining = "event.data.list.map(i, \"\").join(event.data.text)";
    let error = evaluate_on(1000, joining).0.expect_err("too much text");
    assert_eq!(
        error.to_string(),
        "join: the result would be larger than 1 MiB"
    );
}

#[test]
fn what_reads_much_for_each_element_stops_quickly() {
    let list = "event.data.list";
    for source in [
        format!("{list}.distinct().size()"),
        format!("{list}.exists(e, e == {list})"),
        format!("{list}.exists(e, {list} != {list})"),
        format!("{list}.exists(e, -1 in {list})"),
        format!("{list}.exists(e, sum({list}) < 0)"),
        format!("{list}.exists(e, {list}.sort()[0] < 0)"),
        format!("{list}.exists(e, math.greatest({list}) < 0)"),
        format!("{list}.exists(e, event.data == event.data && e < 0)"),
        format!("{list}.exists(e, event.data.long.indexOf(\"zz\") > 0)"),
        format!("{list}.exists(e, event.data.long.contains(\"zz\"))"),
        format!("{list}.exists(e, event.data.long < event.data.long)"),
        format!("{list}.exists(e, sha256(event.data.long) == \"\")"),
    ] {
        let (result, took) = evaluate_on(20_000, &source);
        assert_eq!(result, Err(EvaluationError::Budget), "{source}");
        assert!(took < Duration::from_secs(2), "{source} took {took:?}");
    }
}

#[test]
fn what_is_read_a_few_times_stays_within_the_budget() {
    for source in [
        "event.data.list.size() == 500 && event.data.list.all(e, event.data.list.size() > e)",
        "event.data.list.distinct().size() == 500",
        "event.data.list == event.data.list && sum(event.data.list) > 0",
        "event.data.list.all(e, e in [e]) && event.data.long.contains(\"a\")",
        "event.data.list.all(e, event.data.text == \"b\" || lower(event.data.text) != \"\")",
    ] {
        let (result, _) = evaluate_on(500, source);
        assert_eq!(result, Ok(json!(true)), "{source}");
    }
}

#[test]
fn a_large_order_stays_within_the_budget() {
    let items: Vec<_> =
        (0..500).map(|n| json!({"item_id": format!("I-{n}"), "price": 1.5, "quantity": n, "name": "x".repeat(60)})).collect();
    let bindings = Bindings::new(&compiler(), &json!({"data": {"items": items}}));
    let source = "event.data.items.filter(i, has(i.item_id)).map(i, {\"id\": i.item_id, \"name\": lower(i.name), \
                  \"total\": mul(i.price, i.quantity), \"label\": i.item_id + \" \" + i.name})";
    let lines = compile(source)
        .evaluate(&bindings)
        .expect("500 items are an order");
    assert_eq!(lines.as_array().map(Vec::len), Some(500));
}

#[test]
fn limits_can_be_set() {
    let compiler = Compiler::new(EvaluationLimits {
        steps: 5,
        output_bytes: 20,
    });
    let evaluate = |source: &str| {
        let compiled =
            on_deep_stack(|| Expression::compile(&compiler, source, &names())).expect("a thread");
        compiled
            .expect("right")
            .evaluate(&Bindings::new(&compiler, &event()))
    };
    assert_eq!(evaluate("[1, 2].map(i, i)"), Ok(json!([1, 2])));
    assert_eq!(
        evaluate("[1, 2, 3].map(i, i)"),
        Err(EvaluationError::Budget)
    );
    assert_eq!(
        evaluate("\"12345678901234567890\""),
        Err(EvaluationError::TooLarge { limit: 20 })
    );
    assert_eq!(evaluate("[\"1234567\"]"), Ok(json!(["1234567"])));
    // Every evaluation has a budget of its own.
    assert_eq!(evaluate("[1, 2].map(i, i)"), Ok(json!([1, 2])));
}

#[test]
fn long_and_deep_sources_are_refused() {
    let refusal = |source: String| {
        let compiled =
            on_deep_stack(move || Expression::compile(&compiler(), &source, &Names::event()));
        compiled
            .expect("a thread")
            .expect_err("refused")
            .remove(0)
            .message
    };
    let chain = |terms: usize| vec!["1"; terms].join("+");
    assert!(refusal(chain(2049)).contains("longer than 4096 bytes"));
    assert!(refusal(chain(2000)).contains("more than 64 levels"));
    assert!(refusal(chain(65)).contains("more than 64 levels"));
    assert!(
        refusal(format!("{}1{}", "(".repeat(2000), ")".repeat(2000))).contains("nests too deep")
    );
}

/// Tests run on threads of 2 MiB, like the workers.
#[test]
fn the_deepest_expression_fits_a_worker_thread() {
    let chain = vec!["event.data.value"; 60].join("+");
    assert_eq!(evaluate(&chain), Ok(json!(600)));
    let lists = format!("{}1{}", "[".repeat(60), "]".repeat(60));
    assert!(evaluate(&lists).is_ok());
    let calls = format!("{}\"a\"{}", "lower(".repeat(60), ")".repeat(60));
    assert_eq!(evaluate(&calls), Ok(json!("a")));
    let conditions = format!("{}1{}", "true ? (".repeat(60), ") : 2".repeat(60));
    assert_eq!(evaluate(&conditions), Ok(json!(1)));
    let loops = format!("{}[1]{}", "[1].map(i, ".repeat(14), ")".repeat(14));
    assert!(evaluate(&loops).is_ok());
}
