//! What a container platform says, and expects.

use std::net::TcpListener;
use std::time::Duration;

use testing::{RunningProgram, TRACEPARENT, assert_traced};

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_publisher");
const SECRET: &str = "0123456789abcdef0123456789abcdef";
/// Containers are killed after so long.
const STOP_WITHIN: Duration = Duration::from_secs(10);

/// A Pub/Sub that is not there.
const WITHOUT_PUBSUB: [(&str, &str); 3] = [
    ("TALARIA_BUS__BACKEND", "pubsub"),
    ("GOOGLE_CLOUD_PROJECT", "shop-1"),
    ("PUBSUB_EMULATOR_HOST", "127.0.0.1:1"),
];

async fn status(url: &str) -> u16 {
    let answer = reqwest::get(url).await.expect("an answer");
    answer.status().as_u16()
}

#[tokio::test]
async fn it_listens_on_all_addresses_at_the_port_it_is_given() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = free.local_addr().expect("it listens").port().to_string();
    drop(free);
    let mut variables = WITHOUT_PUBSUB.to_vec();
    variables.extend([
        ("PORT", port.as_str()),
        ("TALARIA_LISTEN", "127.0.0.1:0"),
        ("TALARIA_CALLERS", "shared-secret"),
        ("TALARIA_SHARED_SECRET", SECRET),
    ]);
    let mut program = RunningProgram::start(PROGRAM, &[], &variables);
    assert_eq!(program.address().await, format!("0.0.0.0:{port}"));
    assert_eq!(
        status(&format!("http://127.0.0.1:{port}/health/live")).await,
        200
    );
    let log = program.log();
    assert!(log.contains("TALARIA_LISTEN is not used"), "{log}");
    assert!(!log.contains(SECRET), "{log}");
}

#[tokio::test]
async fn it_starts_without_pubsub_and_says_that_it_is_not_ready() {
    let mut variables = WITHOUT_PUBSUB.to_vec();
    variables.push(("TALARIA_LISTEN", "127.0.0.1:0"));
    let mut program = RunningProgram::start(PROGRAM, &[], &variables);
    let address = program.address().await;
    assert_eq!(status(&format!("http://{address}/health/live")).await, 200);
    assert_eq!(status(&format!("http://{address}/health/ready")).await, 503);
    let (ended, took) = program.terminate().await;
    assert_eq!(ended.code, Some(0), "{}", ended.log);
    assert!(took < STOP_WITHIN, "it took {took:?}");
}

#[tokio::test]
async fn on_cloud_run_every_line_of_the_log_is_json() {
    let mut variables = WITHOUT_PUBSUB.to_vec();
    variables.extend([
        ("TALARIA_LISTEN", "127.0.0.1:0"),
        ("K_SERVICE", "publisher"),
        ("TALARIA_PUBLISH_TIMEOUT", "100ms"),
    ]);
    let mut program = RunningProgram::start(PROGRAM, &[], &variables);
    let address = program.address().await;
    let client = reqwest::Client::builder().build().expect("a client");
    let event = client
        .post(format!("http://{address}/publish-event"))
        .header("content-type", "application/json")
        .header("traceparent", TRACEPARENT)
        .body(r#"{"eventType":"user_login","eventId":"1"}"#);
    assert_eq!(event.send().await.expect("an answer").status(), 503);
    let (ended, _) = program.terminate().await;
    let lines = ended.json_lines();
    let started = lines
        .iter()
        .find(|line| line["topic"] == "backend-updates")
        .expect("a line that says what it is wired to");
    assert_eq!(started["severity"], "INFO");
    assert_eq!(started["project"], "shop-1");
    assert_eq!(started["emulator"], "127.0.0.1:1");
    let refused = lines.iter().find(|line| line["path"] == "/publish-event");
    let refused = refused.expect("a line that says why");
    assert_eq!(refused["severity"], "ERROR");
    assert_traced(refused, "shop-1");
}
