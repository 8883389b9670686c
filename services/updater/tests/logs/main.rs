//! What is logged while a push is handled belongs to its message's trace, as Google Cloud reads it. A test program of its
//! own, because a process has one log.

#[path = "../api/helpers.rs"]
#[expect(dead_code, reason = "the other test program uses the rest")]
mod helpers;

use std::sync::{Mutex, Once};
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use telemetry::{LogFormat, LogSettings};
use testing::{MockAnswer, MockServer};

use helpers::{World, envelope, one_route, purchase};

/// The trace of the delivery, which every push here names in its head.
const DELIVERY: &str = "00-dddddddddddddddddddddddddddddddd-dddddddddddddddd-01";
const UNTRACED: u64 = 0;
const WITH_A_BROKEN_TRACE: u64 = 1;

static LINES: Mutex<Vec<Value>> = Mutex::new(Vec::new());

#[tokio::test]
async fn every_line_about_a_push_carries_its_message_s_trace() {
    start_log();
    let api = MockServer::start().await;
    api.answer(MockAnswer::status(422));
    let world = World::new(&one_route("safe", ""), &api);
    let updater = world.start();
    let client = reqwest::Client::builder().build().expect("a client");
    let pushes = (0..20).map(|number| {
        let request = client
            .post(updater.url("/process-backend-update/api?as=lead"))
            .header("content-type", "application/json")
            .header("traceparent", DELIVERY)
            .body(body(number));
        async { request.send().await.expect("an answer").status().as_u16() }
    });
    assert_eq!(join_all(pushes).await, [204; 20]);
    for number in 0..20 {
        let lines = lines_about(&format!("purchase:{number}"));
        let messages: Vec<&str> = lines
            .iter()
            .flat_map(|line| line["message"].as_str())
            .collect();
        assert_eq!(messages.len(), 2, "{messages:?}");
        assert!(messages[0].contains("422"), "{messages:?}");
        assert!(messages[1].contains("kept a dead letter"), "{messages:?}");
        let (trace, span) = match number {
            UNTRACED | WITH_A_BROKEN_TRACE => ("d".repeat(32), "d".repeat(16)),
            _ => (format!("{number:032x}"), format!("{number:016x}")),
        };
        for line in lines {
            let said = json!({
                "severity": line["severity"], "path": line["path"], "subscription": line["subscription"],
                "message_id": line["message_id"], "trace": line["logging.googleapis.com/trace"],
                "span": line["logging.googleapis.com/spanId"],
            });
            let expected = json!({
                "severity": "WARNING", "path": "/process-backend-update/api", "message_id": format!("m-{number}"),
                "subscription": "projects/local/subscriptions/backend-updates.api",
                "trace": format!("projects/shop/traces/{trace}"), "span": span,
            });
            assert_eq!(said, expected);
        }
    }
}

#[tokio::test]
async fn lines_about_a_held_message_carry_its_trace_whoever_has_it_worked() {
    start_log();
    let api = MockServer::start().await;
    api.answer(MockAnswer::status(401));
    let world = World::new(&one_route("safe", ""), &api);
    let updater = world.start();
    let path = "/process-backend-update/api";
    assert_eq!(updater.post(path, body(77)).await, 204);
    api.answer(MockAnswer::status(422));
    world.clock.advance(Duration::from_secs(60));
    assert_eq!(updater.drain().await["dead"], 1);
    let lines = lines_about("purchase:77");
    let said: Vec<Value> = lines
        .iter()
        .map(|line| {
            json!([
                line["path"],
                line["message_id"],
                line["logging.googleapis.com/trace"]
            ])
        })
        .collect();
    let trace = format!("projects/shop/traces/{:032x}", 77);
    let drained = json!(["/drain", "m-77", trace]);
    assert_eq!(
        said,
        [json!([path, "m-77", trace]), drained.clone(), drained]
    );
}

/// A purchase in a trace of its number.
fn body(number: u64) -> Vec<u8> {
    let data = purchase(&number.to_string()).to_string();
    let traceparent = match number {
        WITH_A_BROKEN_TRACE => "00-1-1-01".to_owned(),
        _ => format!("00-{number:032x}-{number:016x}-00"),
    };
    let attributes = [("traceparent", traceparent.as_str())];
    let attributes = match number {
        UNTRACED => &[][..],
        _ => &attributes[..],
    };
    envelope(&format!("m-{number}"), data.as_bytes(), attributes)
}

static LOG: Once = Once::new();

fn start_log() {
    LOG.call_once(start_the_log);
}

fn start_the_log() {
    let settings = LogSettings {
        // No word of the span that carries the trace.
        filter: "updater=warn".into(),
        format: LogFormat::Json,
        google_project: Some("shop".into()),
    };
    let dispatch = telemetry::dispatch(&settings, |line| {
        let line = serde_json::from_str(line).expect("a line is JSON");
        LINES.lock().expect("no panic holds it").push(line);
    });
    tracing::dispatcher::set_global_default(dispatch.expect("a filter")).expect("the first log");
}

fn lines_about(identity: &str) -> Vec<Value> {
    let lines = LINES.lock().expect("no panic holds it");
    let about = lines.iter().filter(|line| line["identity"] == identity);
    about.cloned().collect()
}
