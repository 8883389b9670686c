//! What can't be sent or read, and what paths become.

use serde_json::json;

use super::{EvaluationError, evaluate, evaluate_path};

#[test]
fn what_json_cannot_hold_is_refused_with_its_place() {
    for (source, expected) in [
        (
            "{\"x\": event.?userId}",
            "/x: an optional can't be sent; add .orValue(…)",
        ),
        (
            "[event.data.?nope]",
            "/0: an optional can't be sent; add .orValue(…)",
        ),
        (
            "event.?data.items[0].item_id",
            "an optional can't be sent; add .orValue(…)",
        ),
        (
            "{\"a/b\": 1e300 * 1e300}",
            "/a~1b: an infinite number can't be sent",
        ),
        (
            "{\"x\": duration(\"1s\")}",
            "/x: a duration can't be sent; use int(…) or string(…)",
        ),
        ("b\"a\"", "bytes can't be sent; use base64.encode(…)"),
        (
            "{\"x\": {1: 2}}",
            "/x: an object's key must be text; use string(…)",
        ),
    ] {
        let error = evaluate(source).expect_err(source);
        assert!(
            matches!(error, EvaluationError::NotSendable { .. }),
            "{source}: {error}"
        );
        assert_eq!(error.to_string(), expected, "{source}");
    }
}

#[test]
fn an_error_never_shows_a_value() {
    for source in [
        "event.data.name + 1",
        "event.data.name * 2",
        "-event.data.name",
        "event.data.name && true",
        "int(event.data.name)",
        "timestamp(event.data.name)",
        "duration(event.data.name)",
        "event.data.name < 3",
        "event.data.name.substring(0, event.data.name)",
        "event.data.items.sort()",
        "time(event.data.name)",
        "mul(event.data.name, 2)",
        "{event.data.name: 1, \"煎茶\": 2}",
        "event.data[event.data.name]",
        "event.data.items[event.data.name]",
        "event.data.name.matches(event.data.name + \"(\")",
        "event.data.name.x",
        "event.data.name ? 1 : 2",
        "sha256(event.data.items)",
        "[event.data.name, 1].join()",
        "\"x\".format([event.data.name]) + \"%d\".format([event.data.name])",
    ] {
        let error = evaluate(source).expect_err(source);
        let shown = format!("{error} {error:?}");
        assert!(
            !shown.contains("煎茶") && !shown.contains("LAMP"),
            "{source}: {shown}"
        );
    }
    assert_eq!(
        evaluate("event.data.name * 2")
            .expect_err("text")
            .to_string(),
        "* can't work with text and a number"
    );
}

#[test]
fn parts_of_a_path_are_encoded_and_text_in_quotes_is_trusted() {
    for (source, expected) in [
        ("\"/stock/\" + item.item_id", "/stock/SETS%2FDINNER-4"),
        (
            "\"/stock/\" + item.item_id + \"/change\"",
            "/stock/SETS%2FDINNER-4/change",
        ),
        (
            "(\"/a/\" + (item.item_id + \"/b\"))",
            "/a/SETS%2FDINNER-4/b",
        ),
        ("\"/n/\" + item.number", "/n/7"),
        (
            "\"/t/\" + event.data.name + \"/\" + event.data.fraction",
            "/t/%E7%85%8E%E8%8C%B6/10.5",
        ),
        (
            "\"/x/\" + (has(event.userId) ? event.userId : \"guest\")",
            "/x/cust-1",
        ),
        (
            "has(event.userId) ? \"/u/\" + event.userId : \"/guests\"",
            "/u/cust-1",
        ),
        (
            "\"/x/\" + item.item_id.replace(\"/\", \"-\")",
            "/x/SETS-DINNER-4",
        ),
    ] {
        assert_eq!(evaluate_path(source), Ok(json!(expected)), "{source}");
    }
    assert_eq!(
        evaluate_path("\"/stock/\" + item.empty")
            .expect_err("empty")
            .to_string(),
        "a path: a part of it is empty"
    );
    assert!(evaluate_path("\"/stock/\" + event.data.items").is_err());
    assert!(!super::super::is_acceptable(
        evaluate_path("\"/s/\" + item.up")
            .expect("text")
            .as_str()
            .expect("text")
    ));
    for path in ["/a/%2e%2E/b", "/a/./b", "a", "/a b", "/a?b", "/ä"] {
        assert!(!super::super::is_acceptable(path), "{path}");
    }
}
