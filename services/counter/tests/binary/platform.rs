//! What a container platform says, and expects.

use std::time::Duration;

use testing::{RunningProgram, TRACEPARENT, assert_traced};

use crate::{IN_CONTAINER, PROGRAM};

/// Containers are killed after so long.
const STOP_WITHIN: Duration = Duration::from_secs(10);

#[tokio::test]
async fn it_tallies_in_a_container_without_firestore_and_stops_in_time() {
    let mut variables = IN_CONTAINER.to_vec();
    variables.push(("K_SERVICE", "counter-tally"));
    let mut program = RunningProgram::start(PROGRAM, &[], &variables);
    let address = program.address().await;
    let port = address.strip_prefix("0.0.0.0:").expect("all addresses");
    let url = |path: &str| format!("http://127.0.0.1:{port}{path}");
    let status = async |path: &str| reqwest::get(url(path)).await.expect("an answer").status();
    assert_eq!(status("/health/live").await, 200);
    assert_eq!(status("/health/ready").await, 503);
    assert_eq!(status("/").await, 404, "the page is not for everybody");
    let client = reqwest::Client::builder().build().expect("a client");
    let push = client
        .post(url("/tally"))
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
