//! What a container platform says, and expects.

use std::time::Duration;

use tempfile::NamedTempFile;
use testing::{RunningProgram, TRACEPARENT, assert_traced};
use tokio::net::TcpListener;

use crate::{PROGRAM, in_container, routes_file};

/// Containers are killed after so long.
const STOP_WITHIN: Duration = Duration::from_secs(10);
/// The probes that Terraform sets up.
const PROBE_WAITS: Duration = Duration::from_secs(4);

#[tokio::test]
async fn it_starts_in_a_container_without_firestore_and_stops_in_time() {
    let routes = routes_file();
    let path = routes.path().display().to_string();
    let mut variables = in_container(&path).to_vec();
    variables.push(("K_SERVICE", "updater"));
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
    assert_traced(refused, "shop-1");
}

/// An updater on `hanging`, a store that takes connections and never says anything.
fn start_on(hanging: &TcpListener, routes: &NamedTempFile) -> RunningProgram {
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
    RunningProgram::start(PROGRAM, &[], &variables)
}

#[tokio::test]
async fn a_store_that_hangs_is_named_before_a_probe_gives_up() {
    let hanging = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let routes = routes_file();
    let mut program = start_on(&hanging, &routes);
    let url = format!("http://{}/health/ready", program.address().await);
    let asking = tokio::time::timeout(PROBE_WAITS, reqwest::get(url)).await;
    let answer = asking.expect("in time").expect("an answer");
    assert_eq!(answer.status(), 503);
    testing::eventually("a line that says why", || async {
        program
            .log()
            .contains("no answer of the store")
            .then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_store_that_hangs_does_not_hold_up_the_stop() {
    let hanging = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let routes = routes_file();
    let mut program = start_on(&hanging, &routes);
    let url = format!("http://{}/health/ready", program.address().await);
    let asking = tokio::spawn(reqwest::get(url));
    let _connection = hanging.accept().await.expect("the store is asked");
    let (ended, took) = program.terminate().await;
    assert!(took < STOP_WITHIN, "it took {took:?}: {}", ended.log);
    assert!(ended.code.is_some(), "it ended by itself: {}", ended.log);
    asking.abort();
}
