//! What a body may be, at the limit and just past it.

use serde_json::json;

use crate::helpers::{Answer, TestPublisher};

const MAX_BYTES: usize = 2000;
const MAX_DEPTH: usize = 6;

async fn start() -> TestPublisher {
    TestPublisher::start(|settings| {
        settings.event.max_body_bytes = MAX_BYTES;
        settings.event.max_depth = MAX_DEPTH;
        settings.max_batch_bytes = 2 * MAX_BYTES;
    })
    .await
}

/// An event of so many bytes.
fn of_bytes(bytes: usize) -> String {
    let event = |note: &str| json!({"eventType": "x", "eventId": "1", "note": note}).to_string();
    let text = event(&"n".repeat(bytes - event("").len()));
    assert_eq!(text.len(), bytes);
    text
}

/// An event that nests so deep.
fn of_depth(depth: usize) -> String {
    let (open, close) = ("[".repeat(depth - 2), "]".repeat(depth - 2));
    format!(r#"{{"eventType":"x","eventId":"1","data":{{"deep":{open}{close}}}}}"#)
}

#[tokio::test]
async fn bytes_and_depth_are_taken_up_to_the_limit_and_not_past_it() {
    let publisher = start().await;
    let batch = |event: String| format!("[{event}]");
    for (path, content_type, body, status) in [
        (
            "/publish-event",
            "application/json",
            of_bytes(MAX_BYTES),
            202,
        ),
        (
            "/publish-event",
            "application/json",
            of_bytes(MAX_BYTES + 1),
            413,
        ),
        (
            "/publish-event",
            "application/json",
            of_depth(MAX_DEPTH),
            202,
        ),
        (
            "/publish-event",
            "application/json",
            of_depth(MAX_DEPTH + 1),
            400,
        ),
        (
            "/publish-events",
            "application/json",
            batch(of_depth(MAX_DEPTH)),
            200,
        ),
        (
            "/publish-events",
            "application/json",
            batch(of_depth(MAX_DEPTH + 1)),
            400,
        ),
        (
            "/publish-events",
            "application/x-ndjson",
            of_bytes(MAX_BYTES),
            200,
        ),
        (
            "/publish-events",
            "application/json",
            of_bytes(2 * MAX_BYTES + 1),
            413,
        ),
    ] {
        let answer = publisher.post(path, content_type, body.clone()).await;
        assert_eq!(
            answer.status,
            status,
            "{path}, {} bytes: {}",
            body.len(),
            answer.text
        );
    }
}

#[tokio::test]
async fn a_body_without_a_length_is_cut_off_at_the_limit() {
    let publisher = start().await;
    for (bytes, status) in [(MAX_BYTES, 202), (MAX_BYTES + 1, 413)] {
        let chunks: Vec<Result<String, std::io::Error>> = of_bytes(bytes)
            .as_bytes()
            .chunks(700)
            .map(|chunk| Ok(String::from_utf8_lossy(chunk).into_owned()))
            .collect();
        let body = reqwest::Body::wrap_stream(futures_util::stream::iter(chunks));
        let answer = publisher
            .post("/publish-event", "application/json", body)
            .await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
}

#[tokio::test]
async fn a_compressed_body_is_refused_unread() {
    let publisher = start().await;
    for path in ["/publish-event", "/publish-events"] {
        for (coding, status) in [
            ("gzip", 415),
            ("br, gzip", 415),
            ("x", 415),
            ("identity", 400),
        ] {
            let request = publisher
                .client
                .post(publisher.url(path))
                .header("content-type", "application/json")
                .header("content-encoding", coding)
                .body(vec![0x1f, 0x8b, 8, 0]);
            let answer = Answer::read(request.send().await.expect("an answer")).await;
            assert_eq!(answer.status, status, "{path} {coding}: {}", answer.text);
            if status == 415 {
                assert_eq!(answer.headers["accept-encoding"], "identity");
            }
        }
    }
    assert!(publisher.published().is_empty());
}
