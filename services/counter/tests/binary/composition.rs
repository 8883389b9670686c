//! The counter as docker-compose.yml starts it: pushes come without a token, readers unasked, both under any name.

use testing::RunningProgram;

use crate::PROGRAM;

const VARIABLES: [(&str, &str); 7] = [
    ("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1"),
    ("GOOGLE_CLOUD_PROJECT", "shop-1"),
    ("PORT", "0"),
    ("PUBSUB_EMULATOR_HOST", "127.0.0.1:1"),
    ("TALARIA_BUS__BACKEND", "pubsub"),
    ("TALARIA_PUSH_CALLERS__MODE", "trusted-network"),
    ("TALARIA_STORE__BACKEND", "firestore"),
];

#[tokio::test]
async fn it_serves_its_own_network_and_says_whom_it_lets_in() {
    let variables = [
        &VARIABLES[..],
        &[("TALARIA_PAGE_READERS", "trusted-network")],
    ]
    .concat();
    let mut program = RunningProgram::start(PROGRAM, &[], &variables);
    let address = program.address().await;
    let port = address.strip_prefix("0.0.0.0:").expect("all addresses");
    let client = reqwest::Client::builder().build().expect("a client");
    let url = |path: &str| format!("http://127.0.0.1:{port}{path}");
    let status = async |request: reqwest::RequestBuilder| {
        let request = request.header("host", "counter:8080");
        request.send().await.expect("an answer").status()
    };
    assert_eq!(status(client.get(url("/"))).await, 200);
    let push = client
        .post(url("/tally"))
        .header("content-type", "application/json")
        .body("{}");
    assert_eq!(status(push).await, 400, "it was let in, and is no push");
    let log = program.log();
    assert_eq!(log.matches("is trusted-network").count(), 2, "{log}");
}

#[tokio::test]
async fn without_a_word_on_the_page_s_readers_it_is_refused_with_the_setting() {
    let log = RunningProgram::refused(PROGRAM, &[], &VARIABLES).await;
    for word in ["page_readers is none", "trusted-network", "127.0.0.1"] {
        assert!(log.contains(word), "{word:?} is not in {log}");
    }
}
