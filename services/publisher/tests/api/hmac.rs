//! Requests that are signed as Standard Webhooks has it.

use publisher::{Callers, Secret, SigningKey};
use serde_json::json;

use crate::helpers::{Answer, NOW_MS, TestPublisher};

const CURRENT: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
/// As a server container's key file has it.
const PREVIOUS: &str = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";
const STRANGERS: &str = "c3RyYW5nZXJzdHJhbmdlcnN0cmFuZ2Vyc3RyYW5nZXI=";
const NOW_S: i64 = NOW_MS / 1000;
const ID: &str = "msg_4dcf1a1e";

async fn start() -> TestPublisher {
    TestPublisher::start(|settings| {
        settings.callers = Callers::Hmac;
        settings.hmac_key = Some(Secret::new(CURRENT));
        settings.hmac_key_previous = Some(Secret::new(PREVIOUS));
    })
    .await
}

fn event() -> String {
    json!({"eventType": "user_login", "eventId": "evt-1", "data": {}}).to_string()
}

fn signed(key: &str, id: &str, at_s: i64, body: &str) -> String {
    let key = SigningKey::read(&Secret::new(key)).expect("a key");
    key.sign(id, &at_s.to_string(), body.as_bytes())
}

/// The headers of a request signed now.
fn headers(key: &str, body: &str) -> Vec<(&'static str, String)> {
    vec![
        ("webhook-id", ID.to_owned()),
        ("webhook-timestamp", NOW_S.to_string()),
        ("webhook-signature", signed(key, ID, NOW_S, body)),
    ]
}

async fn post(
    publisher: &TestPublisher,
    path: &str,
    content_type: &str,
    headers: &[(&'static str, String)],
    body: &str,
) -> Answer {
    let mut request = publisher
        .client
        .post(publisher.url(path))
        .header("content-type", content_type)
        .body(body.to_owned());
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    Answer::read(request.send().await.expect("an answer")).await
}

async fn publish(publisher: &TestPublisher, headers: &[(&'static str, String)]) -> Answer {
    post(
        publisher,
        "/publish-event",
        "application/json",
        headers,
        &event(),
    )
    .await
}

#[tokio::test]
async fn either_of_two_keys_lets_in_and_a_request_that_comes_again_does_too() {
    let publisher = start().await;
    for key in [CURRENT, PREVIOUS, CURRENT] {
        let answer = publish(&publisher, &headers(key, &event())).await;
        assert_eq!(answer.status, 202, "{}", answer.text);
    }
    let ids = publisher
        .published()
        .into_iter()
        .map(|event| event["eventId"].clone());
    assert_eq!(
        ids.collect::<Vec<_>>(),
        ["evt-1", "evt-1", "evt-1"],
        "what is twice has one id"
    );
}

#[tokio::test]
async fn of_several_signatures_one_must_be_right() {
    let publisher = start().await;
    let mut headers = headers(CURRENT, &event());
    let right = headers[2].1.clone();
    let stranger = signed(STRANGERS, ID, NOW_S, &event());
    headers[2].1 = format!("v1a,AAAA {stranger} {right}");
    assert_eq!(publish(&publisher, &headers).await.status, 202);
    headers[2].1 = format!("{stranger} v1a,AAAA");
    assert_eq!(publish(&publisher, &headers).await.status, 401);
}

#[tokio::test]
async fn within_five_minutes_the_clocks_may_differ() {
    let publisher = start().await;
    for (seconds, status) in [(-300, 202), (300, 202), (-301, 401), (301, 401)] {
        let at = NOW_S + seconds;
        let headers = [
            ("webhook-id", ID.to_owned()),
            ("webhook-timestamp", at.to_string()),
            ("webhook-signature", signed(CURRENT, ID, at, &event())),
        ];
        assert_eq!(
            publish(&publisher, &headers).await.status,
            status,
            "{seconds}"
        );
    }
}

#[tokio::test]
async fn whatever_is_wrong_with_a_signature_the_answer_is_the_same() {
    let publisher = start().await;
    let good = headers(CURRENT, &event());
    let with = |place: usize, value: &str| {
        let mut headers = good.clone();
        headers[place].1 = value.to_owned();
        headers
    };
    let cases = [
        vec![],
        good[..2].to_vec(),
        headers(STRANGERS, &event()),
        headers(CURRENT, "{}"),
        with(0, "msg_other"),
        with(1, &(NOW_S - 1).to_string()),
        with(1, "yesterday"),
        with(2, "v1,"),
        with(2, &good[2].1.replacen("v1,", "v2,", 1)),
        with(2, &vec![good[2].1.as_str(); 50].join(" ")),
        [good.clone(), good[..1].to_vec()].concat(),
        vec![("x-talaria-key", CURRENT.to_owned())],
    ];
    let mut answers = Vec::new();
    for headers in cases {
        let answer = publish(&publisher, &headers).await;
        assert_eq!(answer.status, 401, "{headers:?}");
        assert_eq!(answer.headers["www-authenticate"], "Standard-Webhooks");
        answers.push(answer.text);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert!(publisher.published().is_empty());
}

#[tokio::test]
async fn a_batch_is_signed_whole() {
    let publisher = start().await;
    let (array, lines) = (
        format!("[{}]", event()),
        format!("{}\n{}\n", event(), event()),
    );
    for (content_type, body) in [("application/json", array), ("application/x-ndjson", lines)] {
        let good = headers(CURRENT, &body);
        let answer = post(&publisher, "/publish-events", content_type, &good, &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let changed = format!("{body} ");
        let answer = post(&publisher, "/publish-events", content_type, &good, &changed).await;
        assert_eq!(answer.status, 401, "{}", answer.text);
    }
}

#[tokio::test]
async fn what_is_not_signed_is_never_parsed() {
    let publisher = start().await;
    let body = "{\"eventType\":";
    let by = |key: &str| headers(key, body);
    let path = "/publish-event";
    let answer = post(&publisher, path, "application/json", &by(STRANGERS), body).await;
    assert_eq!(answer.status, 401, "{}", answer.text);
    let answer = post(&publisher, path, "application/json", &by(CURRENT), body).await;
    assert_eq!(answer.status, 400, "{}", answer.text);
}
