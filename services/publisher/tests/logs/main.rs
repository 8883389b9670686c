//! What is logged while an event is taken belongs to the trace that its message would have carried. A test program of its
//! own, because a process has one log.

#[path = "../api/helpers.rs"]
#[expect(dead_code, reason = "the other test program uses the rest")]
mod helpers;

use std::sync::Mutex;

use serde_json::{Value, json};
use telemetry::{LogFormat, LogSettings};

use helpers::{BusMood, TestPublisher};

static LINES: Mutex<Vec<Value>> = Mutex::new(Vec::new());

#[tokio::test]
async fn a_publisher_s_lines_carry_the_request_s_trace_or_a_new_one() {
    let settings = LogSettings {
        format: LogFormat::Json,
        ..LogSettings::default()
    };
    let dispatch = telemetry::dispatch(&settings, |line| {
        let line: Value = serde_json::from_str(line).expect("a line is JSON");
        LINES.lock().expect("no panic holds it").push(line);
    });
    tracing::dispatcher::set_global_default(dispatch.expect("a filter")).expect("the first log");
    let publisher = TestPublisher::start(|_| {}).await;
    publisher.bus.mood.send_replace(BusMood::Refuses);
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let event = json!({"eventType": "lead", "eventId": "evt-1", "data": {}}).to_string();
    for (name, value) in [
        ("traceparent", format!("00-{trace}-b7ad6b7169203331-01")),
        ("x-cloud-trace-context", format!("{trace}/17;o=0")),
        ("x-none", String::new()),
    ] {
        let request = publisher
            .client
            .post(publisher.url("/publish-event?secret=1"))
            .header("content-type", "application/json")
            .header(name, value)
            .body(event.clone());
        assert_eq!(request.send().await.expect("an answer").status(), 503);
    }
    let lines = LINES.lock().expect("no panic holds it");
    let refused = lines.iter().filter(|line| line["severity"] == "ERROR");
    let refused: Vec<&Value> = refused.collect();
    assert_eq!(refused.len(), 3, "{lines:?}");
    let span = |line: &Value| line["logging.googleapis.com/spanId"].clone();
    assert_eq!(
        (&refused[0]["trace_id"], span(refused[0])),
        (&json!(trace), json!("b7ad6b7169203331"))
    );
    assert_eq!(
        (&refused[1]["trace_id"], span(refused[1])),
        (&json!(trace), json!("0000000000000011"))
    );
    let new = refused[2]["trace_id"].as_str().expect("a trace");
    assert!(new.len() == 32 && new != trace, "{new}");
    for line in refused {
        assert_eq!(
            (&line["method"], &line["path"]),
            (&json!("POST"), &json!("/publish-event"))
        );
    }
}
