use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tracing::dispatcher::with_default;
use tracing::field::Empty;
use tracing::{error, error_span, info, info_span, warn};

use super::{LogFormat, LogSettings, REQUEST_TARGET, dispatch, start};
use crate::fields::{CUT_MARK, MAX_TEXT_BYTES};

const TRACE: u128 = 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c;
const SPAN: u64 = 0x00ad_6b71_6920_3331;

/// The lines that `work` logs.
fn lines(settings: &LogSettings, work: impl FnOnce()) -> Vec<String> {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&lines);
    let write = move |line: &str| {
        kept.lock()
            .expect("no panic holds it")
            .push(line.to_owned())
    };
    with_default(&dispatch(settings, write).expect("a filter"), work);
    let lines = lines.lock().expect("no panic holds it");
    lines.clone()
}

fn json_settings(google_project: Option<&str>) -> LogSettings {
    LogSettings {
        format: LogFormat::Json,
        google_project: google_project.map(str::to_owned),
        ..LogSettings::default()
    }
}

/// The one line that `work` logs, as JSON, without its time.
fn json_line(google_project: Option<&str>, work: impl FnOnce()) -> Value {
    let lines = lines(&json_settings(google_project), work);
    assert_eq!(lines.len(), 1, "{lines:?}");
    let line = lines[0].strip_suffix('\n').expect("a line break");
    assert!(!line.contains(['\n', '\r']), "{line}");
    let mut object: Value = serde_json::from_str(line).expect("JSON");
    let time = object["time"].take();
    let time = time.as_str().expect("a time");
    assert!(time.len() == 27 && time.ends_with('Z'), "{time}");
    object.as_object_mut().expect("an object").remove("time");
    object
}

fn text_line(work: impl FnOnce()) -> String {
    let lines = lines(&LogSettings::default(), work);
    assert_eq!(lines.len(), 1, "{lines:?}");
    let (_, rest) = lines[0].split_once("Z ").expect("a time");
    rest.to_owned()
}

fn request() -> tracing::Span {
    error_span!(
        target: REQUEST_TARGET, "request",
        method = "POST", path = "/tally", trace_id = TRACE, span_id = SPAN, sampled = true, message_id = Empty
    )
}

#[test]
fn a_json_line_has_the_structure_that_google_reads() {
    let line = json_line(Some("shop"), || {
        request()
            .in_scope(|| warn!(target: "counter", id = "L1", number = 3, %TRACE, "kept a letter"));
    });
    let expected = json!({
        "severity": "WARNING", "message": "kept a letter", "logger": "counter",
        "id": "L1", "number": 3, "TRACE": TRACE.to_string(), "method": "POST", "path": "/tally",
        "logging.googleapis.com/trace": "projects/shop/traces/0af7651916cd43dd8448eb211c80319c",
        "logging.googleapis.com/spanId": "00ad6b7169203331",
        "logging.googleapis.com/trace_sampled": true,
    });
    assert_eq!(line, expected);
}

#[test]
fn without_a_project_a_line_names_the_bare_trace() {
    let line = json_line(None, || request().in_scope(|| info!("a line")));
    assert_eq!(line["trace_id"], "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(line["logging.googleapis.com/spanId"], "00ad6b7169203331");
    assert_eq!(line.get("logging.googleapis.com/trace"), None);
}

#[test]
fn each_level_has_its_severity_and_errors_their_place() {
    let all = LogSettings {
        filter: "trace".into(),
        ..json_settings(None)
    };
    let lines = lines(&all, || {
        tracing::trace!("1");
        tracing::debug!("2");
        info!("3");
        warn!("4");
        error!("5");
    });
    let objects = lines
        .iter()
        .map(|line| serde_json::from_str(line).expect("JSON"));
    let objects: Vec<Value> = objects.collect();
    let severities: Vec<&str> = objects
        .iter()
        .flat_map(|line| line["severity"].as_str())
        .collect();
    assert_eq!(severities, ["DEBUG", "DEBUG", "INFO", "WARNING", "ERROR"]);
    let place = "logging.googleapis.com/sourceLocation";
    assert_eq!(objects[3].get(place), None);
    assert!(
        objects[4][place]["file"]
            .as_str()
            .is_some_and(|file| file.ends_with("tests.rs"))
    );
    assert!(
        objects[4][place]["line"]
            .as_str()
            .is_some_and(|line| line.parse::<u32>().is_ok())
    );
}

#[test]
fn no_field_takes_the_place_of_a_reserved_one() {
    let line = json_line(Some("shop"), || {
        let outer = info_span!("outer", severity = "span", message = "span");
        outer.in_scope(|| {
            info!(
                severity = "INFO?",
                time = 7,
                logger = true,
                httpRequest = "x",
                "true"
            )
        });
    });
    assert_eq!(
        (&line["severity"], &line["message"]),
        (&json!("INFO"), &json!("true"))
    );
    assert_eq!(line["field_severity"], "INFO?");
    assert_eq!(line["field_message"], "span");
    assert_eq!(
        (&line["field_time"], &line["field_logger"]),
        (&json!(7), &json!(true))
    );
    assert_eq!(
        (line.get("httpRequest"), &line["field_httpRequest"]),
        (None, &json!("x"))
    );
}

#[test]
fn an_event_speaks_over_its_spans_and_an_inner_span_over_an_outer() {
    let line = json_line(None, || {
        let outer = info_span!("outer", a = 1, b = 1, c = 1).entered();
        let inner = info_span!(parent: &outer, "inner", b = 2, c = 2);
        inner.in_scope(|| info!(c = 3, "a line"));
    });
    assert_eq!(
        (&line["a"], &line["b"], &line["c"]),
        (&json!(1), &json!(2), &json!(3))
    );
}

#[test]
fn what_is_recorded_later_replaces_what_was_there() {
    let line = json_line(None, || {
        let span = request();
        span.record("trace_id", 0x1_u128);
        span.record("message_id", "17");
        span.in_scope(|| info!("a line"));
    });
    assert_eq!(line["trace_id"], "00000000000000000000000000000001");
    assert_eq!(line["message_id"], "17");
}

#[test]
fn no_value_can_break_a_line() {
    struct Broken;
    impl std::fmt::Debug for Broken {
        fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            formatter.write_str("half")?;
            Err(std::fmt::Error)
        }
    }
    let nasty = "a\"b\\c\nd\r\u{0}\u{1b}[2J\u{2028}é";
    let line = json_line(None, || {
        info!(nasty, infinite = f64::INFINITY, none = f64::NAN, broken = ?Broken, wide = u128::MAX, small = -1, "{nasty}");
    });
    assert_eq!(
        (&line["nasty"], &line["message"]),
        (&json!(nasty), &json!(nasty))
    );
    assert_eq!(
        (&line["infinite"], &line["none"]),
        (&json!("inf"), &json!("NaN"))
    );
    assert_eq!(line["broken"], format!("half{CUT_MARK}"));
    assert_eq!(
        (&line["wide"], &line["small"]),
        (&json!(u128::MAX.to_string()), &json!(-1))
    );
}

#[test]
fn huge_texts_are_cut_between_characters() {
    let huge = "é".repeat(MAX_TEXT_BYTES);
    let odd = format!("a{huge}");
    let line = json_line(None, || info!(huge, odd = ?odd, "{huge}"));
    let kept = "é".repeat(MAX_TEXT_BYTES / 2);
    assert_eq!(line["huge"], format!("{kept}{CUT_MARK}"));
    assert_eq!(line["message"], line["huge"]);
    let odd = line["odd"].as_str().expect("a text");
    assert!(
        odd.len() <= MAX_TEXT_BYTES + CUT_MARK.len() && odd.ends_with(CUT_MARK),
        "{}",
        odd.len()
    );
    let whole = "é".repeat(MAX_TEXT_BYTES / 2);
    assert_eq!(json_line(None, || info!(whole, "whole"))["whole"], whole);
}

#[test]
fn a_text_line_is_short_and_ends_with_the_beginning_of_its_trace() {
    let line = text_line(|| {
        request().in_scope(|| warn!(target: "counter", id = "L1", detail = "two words", number = 3, "kept a letter"));
    });
    assert_eq!(
        line,
        " WARN counter: kept a letter id=L1 detail=\"two words\" number=3 trace=0af76519\n"
    );
    assert_eq!(
        text_line(|| info!(target: "x", "alone")),
        " INFO x: alone\n"
    );
}

#[test]
fn a_text_line_neither_steers_the_terminal_nor_passes_for_another() {
    let nasty = "a\n2025-11-25T08:45:00Z ERROR x: y\u{1b}[2J\u{7f}";
    let line = text_line(|| info!(target: "x", nasty, "{nasty}"));
    let safe = "a\n    2025-11-25T08:45:00Z ERROR x: y\\u{1b}[2J\\u{7f}";
    assert_eq!(
        line,
        format!(
            " INFO x: {safe} nasty=\"a\\n2025-11-25T08:45:00Z ERROR x: y\\u{{1b}}[2J\\u{{7f}}\"\n"
        )
    );
}

#[test]
fn a_filter_that_lets_little_through_leaves_the_trace() {
    for filter in ["error", "counter=warn", "request=off,counter=error"] {
        let settings = LogSettings {
            filter: filter.into(),
            ..json_settings(None)
        };
        let lines = lines(&settings, || {
            request().in_scope(|| {
                error!(target: "counter", "a line");
                info!(target: "counter", "no line");
            });
        });
        assert_eq!(lines.len(), 1, "{filter}: {lines:?}");
        assert!(
            lines[0].contains("0af7651916cd43dd8448eb211c80319c"),
            "{filter}: {lines:?}"
        );
    }
}

#[test]
fn what_libraries_say_beside_our_own_lines_is_left_out_by_default() {
    let lines = lines(&json_settings(None), || {
        error!(target: "gcloud_sdk::middleware", "Err: took 0ms");
        info!(target: "actix_server::worker", "starting a worker");
        warn!(target: "counter::commit", "refused pushes");
    });
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("refused pushes"), "{lines:?}");
}

#[test]
fn a_filter_that_is_none_is_refused_with_an_example() {
    let settings = LogSettings {
        filter: "updater=loud".into(),
        ..LogSettings::default()
    };
    let error = start(&settings).expect_err("no filter");
    assert!(error.to_string().contains("updater=debug"), "{error}");
}
