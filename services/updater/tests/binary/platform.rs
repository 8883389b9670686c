//! What a container platform says, and expects.

use std::time::Duration;

use testing::RunningProgram;

use crate::{PROGRAM, routes_file};

const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
/// What Google Cloud's logging reads of a line that belongs to a trace.
const TRACE_KEYS: [&str; 3] = [
    "logging.googleapis.com/trace",
    "logging.googleapis.com/spanId",
    "logging.googleapis.com/trace_sampled",
];
/// Containers are killed after so long.
const STOP_WITHIN: Duration = Duration::from_secs(10);

#[tokio::test]
async fn it_starts_in_a_container_without_firestore_and_stops_in_time() {
    let routes = routes_file();
    let variables = [
        ("API", "http://127.0.0.1:1"),
        ("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1"),
        ("GOOGLE_CLOUD_PROJECT", "shop-1"),
        ("K_SERVICE", "updater"),
        ("PORT", "0"),
        ("TALARIA_PUSH_CALLERS__MODE", "cloud-run-iam"),
        ("TALARIA_PUSH_CALLERS__AUDIENCE", "https://updater.example"),
        (
            "TALARIA_PUSH_CALLERS__SERVICE_ACCOUNT",
            "push@shop-1.iam.gserviceaccount.com",
        ),
        ("TALARIA_ROUTES", &routes.path().display().to_string()),
        ("TALARIA_STORE__BACKEND", "firestore"),
    ];
    let mut program = RunningProgram::start(PROGRAM, &[], &variables);
    let address = program.address().await;
    let port = address.strip_prefix("0.0.0.0:").expect("all addresses");
    let url = |path: &str| format!("http://127.0.0.1:{port}{path}");
    let status = async |path: &str| reqwest::get(url(path)).await.expect("an answer").status();
    assert_eq!(status("/health/live").await, 200);
    assert_eq!(status("/health/ready").await, 503);
    let client = reqwest::Client::builder().build().expect("a client");
    let push = client
        .post(url("/process-backend-update/crm"))
        .header("content-type", "application/json")
        .header("traceparent", TRACEPARENT)
        .body("{}");
    let stranger = push.send().await.expect("an answer");
    assert_eq!(stranger.status(), 401);
    let (ended, took) = program.terminate().await;
    assert_eq!(ended.code, Some(0), "{}", ended.log);
    assert!(took < STOP_WITHIN, "it took {took:?}");
    let lines = ended.json_lines();
    let refused = lines.iter().find(|line| line["check"] == "token");
    let refused = refused.expect("a line that says why");
    assert_eq!(refused["severity"], "WARNING");
    let place = TRACE_KEYS.map(|key| &refused[key]);
    let trace = "projects/shop-1/traces/0af7651916cd43dd8448eb211c80319c";
    assert_eq!(
        serde_json::json!(place),
        serde_json::json!([trace, "b7ad6b7169203331", true])
    );
}

#[tokio::test]
async fn a_store_that_hangs_does_not_hold_up_the_stop() {
    let routes = routes_file();
    let hanging = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let store = hanging.local_addr().expect("it listens").to_string();
    let variables = [
        ("API", "http://127.0.0.1:1"),
        ("FIRESTORE_EMULATOR_HOST", store.as_str()),
        ("GOOGLE_CLOUD_PROJECT", "shop-1"),
        ("TALARIA_LISTEN", "127.0.0.1:0"),
        ("TALARIA_ROUTES", &routes.path().display().to_string()),
        ("TALARIA_STORE__BACKEND", "firestore"),
        ("TALARIA_STORE__REQUEST_TIMEOUT", "60s"),
    ];
    let mut program = RunningProgram::start(PROGRAM, &[], &variables);
    let url = format!("http://{}/health/ready", program.address().await);
    let asking = tokio::spawn(reqwest::get(url));
    let _connection = hanging.accept().await.expect("the store is asked");
    let (ended, took) = program.terminate().await;
    assert!(took < STOP_WITHIN, "it took {took:?}: {}", ended.log);
    assert!(ended.code.is_some(), "it ended by itself: {}", ended.log);
    asking.abort();
}
