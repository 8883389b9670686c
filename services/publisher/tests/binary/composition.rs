//! The publisher as docker-compose.yml starts it: others on its own network reach it, unasked and under its name there.

use testing::RunningProgram;

use crate::platform::PROGRAM;

#[tokio::test]
async fn it_starts_for_its_own_network_and_says_whom_it_lets_in() {
    let variables = [
        ("GOOGLE_CLOUD_PROJECT", "shop-1"),
        ("PORT", "0"),
        ("PUBSUB_EMULATOR_HOST", "127.0.0.1:1"),
        ("TALARIA_BUS__BACKEND", "pubsub"),
        ("TALARIA_CALLERS", "trusted-network"),
    ];
    let mut program = RunningProgram::start(PROGRAM, &[], &variables);
    let address = program.address().await;
    let port = address.strip_prefix("0.0.0.0:").expect("all addresses");
    let client = reqwest::Client::builder().build().expect("a client");
    let asked = client
        .get(format!("http://127.0.0.1:{port}/health/live"))
        .header("host", "publisher:8080");
    assert_eq!(asked.send().await.expect("an answer").status(), 200);
    let log = program.log();
    assert_eq!(log.matches("is trusted-network").count(), 1, "{log}");
}
