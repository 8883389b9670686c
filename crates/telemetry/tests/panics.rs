//! A panic of a process that logs as JSON, in a process of its own: the hook is the whole process's.

use std::process::Command;

use serde_json::Value;

#[test]
fn a_panic_is_one_line_with_its_place_and_without_its_text() {
    let program = std::env::current_exe().expect("this test");
    let output = Command::new(program)
        .args([
            "the_process_that_panics",
            "--exact",
            "--ignored",
            "--nocapture",
        ])
        .output()
        .expect("a process");
    assert!(output.status.success(), "it did not panic");
    let errors = String::from_utf8(output.stderr).expect("a text");
    let lines: Vec<&str> = errors.lines().collect();
    assert_eq!(lines.len(), 1, "{errors}");
    let line: Value = serde_json::from_str(lines[0]).expect("JSON");
    assert_eq!(line["severity"], "CRITICAL");
    let message = line["message"].as_str().expect("a message");
    assert!(message.contains("tests/panics.rs:"), "{message}");
    assert_eq!(line["message_id"], "17");
    assert!(!errors.contains("max@example.com"), "{errors}");
}

#[test]
#[ignore = "it is what the other test starts"]
#[should_panic]
fn the_process_that_panics() {
    let settings = telemetry::LogSettings {
        // Whatever the filter says.
        filter: "off".into(),
        format: telemetry::LogFormat::Json,
        google_project: None,
    };
    telemetry::start(&settings).expect("the first start");
    let span =
        tracing::error_span!(target: telemetry::REQUEST_TARGET, "request", message_id = "17");
    let _entered = span.entered();
    let sent = "max@example.com";
    panic!("can't read {sent}\non two lines");
}
