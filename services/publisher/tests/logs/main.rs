//! What is logged while an event is taken belongs to the trace that its message would have carried, and what is logged of
//! refused callers is little and tells nothing of theirs. A test program of its own, because a process has one log.

#[path = "../api/helpers.rs"]
#[expect(dead_code, reason = "the other test program uses the rest")]
mod helpers;

use std::sync::{Arc, Mutex, Once};
use std::time::Duration;

use events::{FixedClock, Timestamp};
use publisher::{Callers, Secret};
use serde_json::{Value, json};
use telemetry::{LogFormat, LogSettings};

use helpers::{BusMood, TestPublisher};

static LINES: Mutex<Vec<Value>> = Mutex::new(Vec::new());

static LOG: Once = Once::new();

fn start_log() {
    LOG.call_once(|| {
        let settings = LogSettings {
            format: LogFormat::Json,
            ..LogSettings::default()
        };
        let dispatch = telemetry::dispatch(&settings, |line| {
            let line: Value = serde_json::from_str(line).expect("a line is JSON");
            LINES.lock().expect("no panic holds it").push(line);
        });
        tracing::dispatcher::set_global_default(dispatch.expect("a filter"))
            .expect("the first log");
    });
}

#[tokio::test]
async fn a_publisher_s_lines_carry_the_request_s_trace_or_a_new_one() {
    start_log();
    let publisher = TestPublisher::start(|_| {}).await;
    publisher.bus.mood.send_replace(BusMood::Refuses);
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let data = json!({"note": "jane@example.com", "jane@example.com": "4111111111111111"});
    let event = json!({"eventType": "lead", "eventId": "evt-1", "data": data}).to_string();
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
    let personal = |line: &&Value| {
        ["jane@", "41111111"]
            .iter()
            .any(|part| line.to_string().contains(part))
    };
    assert_eq!(lines.iter().find(personal), None);
    let new = refused[2]["trace_id"].as_str().expect("a trace");
    assert!(new.len() == 32 && new != trace, "{new}");
    for line in refused {
        assert_eq!(
            (&line["method"], &line["path"]),
            (&json!("POST"), &json!("/publish-event"))
        );
    }
}

#[tokio::test]
async fn a_flood_of_refused_callers_is_a_line_in_ten_seconds_with_the_reason_and_none_of_their_secrets()
 {
    start_log();
    let clock = Arc::new(FixedClock::new(Timestamp::from_millis(helpers::NOW_MS)));
    let handed = Arc::clone(&clock);
    let publisher = TestPublisher::start_with(|settings, dependencies| {
        settings.callers = Callers::SharedSecret;
        settings.shared_secret = Some(Secret::new("the-right-secret"));
        dependencies.clock = handed;
    })
    .await;
    let refused = async |times: usize| {
        for _ in 0..times {
            let request = publisher
                .client
                .post(publisher.url("/publish-event"))
                .header("x-talaria-key", "the-wrong-secret");
            assert_eq!(request.send().await.expect("an answer").status(), 401);
        }
    };
    refused(5).await;
    clock.advance(Duration::from_secs(10));
    refused(2).await;
    let lines = LINES.lock().expect("no panic holds it");
    let told: Vec<&Value> = lines
        .iter()
        .filter(|line| line["check"] == "secret")
        .collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().all(|line| line["severity"] == "WARNING"));
    let again = told[1]["message"].as_str().expect("a text");
    assert!(
        again.contains("compare it with shared_secret (4 more"),
        "{again}"
    );
    for line in lines.iter() {
        let line = line.to_string();
        assert!(
            !line.contains("-wrong-secret") && !line.contains("-right-secret"),
            "{line}"
        );
    }
}
