//! What a stranger costs: an answer, and of his body next to nothing.

use crate::connection::Connection;
use crate::helpers::{NOW_MS, TestPublisher};
use publisher::{Callers, Secret, SigningKey};

async fn start() -> TestPublisher {
    TestPublisher::start(|settings| {
        settings.callers = Callers::SharedSecret;
        settings.shared_secret = Some(Secret::new("0123456789abcdef"));
    })
    .await
}

fn head(more: &str) -> String {
    format!(
        "POST /publish-event HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{more}\r\n"
    )
}

#[tokio::test]
async fn he_is_answered_before_he_has_sent_his_body_and_the_rest_of_it_is_not_awaited() {
    let publisher = start().await;
    let mut connection = Connection::to(&publisher).await;
    connection.send(&head("Content-Length: 900000\r\n")).await;
    let answer = connection.answer().await;
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    assert!(
        answer.to_ascii_lowercase().contains("connection: close"),
        "{answer}"
    );
    connection.until_closed("").await;
}

#[tokio::test]
async fn a_body_in_chunks_without_end_is_cut_off() {
    let publisher = start().await;
    let mut connection = Connection::to(&publisher).await;
    let chunk = format!("400\r\n{}\r\n", "x".repeat(0x400));
    connection
        .send(&head("Transfer-Encoding: chunked\r\n"))
        .await;
    connection.send(&chunk).await;
    let answer = connection.answer().await;
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    assert!(
        answer.to_ascii_lowercase().contains("connection: close"),
        "{answer}"
    );
    connection.until_closed(&chunk).await;
}

#[tokio::test]
async fn so_it_is_at_addresses_that_take_no_body_at_all() {
    let publisher = start().await;
    let chunk = format!("400\r\n{}\r\n", "x".repeat(0x400));
    for (request, status) in [
        ("POST /nothing", "404"),
        ("GET /openapi.json", "200"),
        ("GET /health/live", "200"),
        ("DELETE /publish-events", "405"),
    ] {
        let mut connection = Connection::to(&publisher).await;
        let head = format!("{request} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
        connection.send(&head).await;
        connection.send(&chunk).await;
        let answer = connection.answer().await;
        let expected = format!("HTTP/1.1 {status}");
        assert!(answer.starts_with(&expected), "{request}: {answer}");
        connection.until_closed(&chunk).await;
    }
}

#[tokio::test]
async fn a_known_callers_chunks_past_the_limit_are_cut_off_as_well() {
    let publisher = start().await;
    let mut connection = Connection::to(&publisher).await;
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    let known = "X-Talaria-Key: 0123456789abcdef\r\nTransfer-Encoding: chunked\r\n";
    connection.send(&head(known)).await;
    for _ in 0..17 {
        connection.send(&chunk).await;
    }
    let answer = connection.answer().await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    connection.until_closed(&chunk).await;
}

#[tokio::test]
async fn a_small_body_that_came_along_costs_no_new_connection() {
    let publisher = start().await;
    let mut connection = Connection::to(&publisher).await;
    for _ in 0..3 {
        let request = format!("{}{{}}", head("Content-Length: 2\r\n"));
        connection.send(&request).await;
        let answer = connection.answer().await;
        assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
        assert!(
            !answer.to_ascii_lowercase().contains("connection: close"),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn who_asks_before_he_sends_is_invited_only_if_he_is_known() {
    let publisher = start().await;
    for framing in ["Content-Length: 2\r\n", "Transfer-Encoding: chunked\r\n"] {
        let mut stranger = Connection::to(&publisher).await;
        let asking = format!("{framing}Expect: 100-continue\r\n");
        stranger.send(&head(&asking)).await;
        let answer = stranger.answer().await;
        assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
        assert!(
            answer.to_ascii_lowercase().contains("connection: close"),
            "{answer}"
        );
        stranger.until_closed("").await;
    }
    let mut known = Connection::to(&publisher).await;
    let asking = "Content-Length: 2\r\nExpect: 100-continue\r\nX-Talaria-Key: 0123456789abcdef\r\n";
    known.send(&head(asking)).await;
    let answer = known.answer().await;
    assert!(answer.starts_with("HTTP/1.1 100 Continue"), "{answer}");
    known.send("{}").await;
    let answer = known.answer().await;
    assert!(answer.starts_with("HTTP/1.1 422"), "{answer}");
}

#[tokio::test]
async fn nor_is_a_stranger_invited_who_writes_the_address_in_another_way() {
    let publisher = start().await;
    for path in ["/publish%2Devent", "/%70ublish-event", "/nothing"] {
        let mut stranger = Connection::to(&publisher).await;
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
        );
        stranger.send(&head).await;
        let answer = stranger.answer().await;
        assert!(answer.starts_with("HTTP/1.1 401"), "{path}: {answer}");
    }
}

/// The head of a request that could be signed, and isn't.
fn looks_signed(more: &str) -> String {
    let (timestamp, signature) = (NOW_MS / 1000, "A".repeat(43));
    head(&format!(
        "webhook-id: msg_1\r\nwebhook-timestamp: {timestamp}\r\nwebhook-signature: v1,{signature}=\r\n{more}"
    ))
}

#[tokio::test]
async fn where_only_the_body_proves_its_sender_strangers_hold_what_they_have_sent_and_no_more() {
    const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    const EVENT: &str = r#"{"eventType":"user_login","eventId":"1"}"#;
    let publisher = TestPublisher::start(|settings| {
        settings.callers = Callers::Hmac;
        settings.hmac_key = Some(Secret::new(KEY));
        settings.admission.max_requests = 1;
        settings.admission.max_body_bytes_in_flight = 2048;
    })
    .await;
    let key = SigningKey::read(&Secret::new(KEY)).expect("a key");
    let timestamp = (NOW_MS / 1000).to_string();
    let publish = async || {
        let request = publisher
            .client
            .post(publisher.url("/publish-event"))
            .header("content-type", "application/json")
            .header("webhook-id", "msg_1")
            .header("webhook-timestamp", &timestamp)
            .header(
                "webhook-signature",
                key.sign("msg_1", &timestamp, EVENT.as_bytes()),
            )
            .body(EVENT);
        request.send().await.expect("an answer").status().as_u16()
    };
    let mut strangers = Vec::new();
    for framing in ["Content-Length: 2000\r\n", "Transfer-Encoding: chunked\r\n"] {
        let mut stranger = Connection::to(&publisher).await;
        let asking = format!("{framing}Expect: 100-continue\r\n");
        stranger.send(&looks_signed(&asking)).await;
        let answer = stranger.answer().await;
        assert!(answer.starts_with("HTTP/1.1 100 Continue"), "{answer}");
        strangers.push(stranger);
    }
    assert_eq!(
        publish().await,
        202,
        "nothing of what they announced has come"
    );
    strangers[0].send(&"x".repeat(1500)).await;
    let full = async { while publish().await != 503 {} };
    tokio::time::timeout(testing::PATIENCE, full)
        .await
        .expect("what has come is counted");
}
