//! A key server, or what stands in its place, whose answers are no whole and honest ones.

use std::sync::Arc;
use std::time::Duration;

use events::Clock;
use google::push_tokens::{GoogleKeys, TokenError};
use google::settings::{TokenVoucher, token_verifier};
use testing::{MockAnswer, MockServer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use web::{PushCredentials, PushRefusal};

use crate::scene::{ACCOUNT, AUDIENCE, FIRST, Scene, claims, key_set};

/// Answers each question with the next of `answers`, and hangs up.
async fn serve_raw(listener: TcpListener, answers: Vec<String>) {
    for answer in answers {
        let (mut connection, _) = listener.accept().await.expect("a connection");
        let mut head = [0; 1024];
        let read = connection.read(&mut head).await.expect("a question");
        assert!(head[..read].starts_with(b"GET /certs "));
        connection
            .write_all(answer.as_bytes())
            .await
            .expect("it is sent");
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_gives_no_keys_and_the_next_whole_one_does() {
    let scene = Scene::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!(
        "http://{}/certs",
        listener.local_addr().expect("an address")
    );
    let body = key_set(&[FIRST]).body;
    let length = body.len();
    // What comes of the first is JSON and holds a key: only its length says that there is more.
    let cut = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}",
        length + 700
    );
    let half = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{}",
        &body[..length / 2]
    );
    let unfinished =
        format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\n");
    // Nobody minds what kind it says it is.
    let whole = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    let serving = tokio::spawn(serve_raw(listener, vec![cut, half, unfinished, whole]));
    let http = reqwest::Client::builder().build().expect("a client");
    let keys = GoogleKeys::new(url, http, scene.clock.clone());
    let token = FIRST.sign(&claims());
    for answer in ["cut", "half", "unfinished"] {
        let error = keys.verified(&token).await.err();
        assert_eq!(error, Some(TokenError::KeysUnavailable), "{answer}");
        scene.clock.advance(Duration::from_secs(1));
    }
    assert!(keys.verified(&token).await.is_ok());
    serving.await.expect("all were asked for");
}

#[tokio::test]
async fn keys_that_another_address_would_give_are_not_fetched() {
    let scene = Scene::new().await;
    let (named, other) = (MockServer::start().await, MockServer::start().await);
    other.answer(key_set(&[FIRST]));
    named.answer(MockAnswer::status(302).header("location", &other.url("/certs")));
    let clock: Arc<dyn Clock> = scene.clock.clone();
    let url = named.url("/certs");
    let voucher = TokenVoucher::Signature(Some(&url));
    let verifier = token_verifier(voucher, &[AUDIENCE.into()], &[ACCOUNT.into()], &clock);
    let verifier = verifier.expect("good settings");
    let authorization = format!("Bearer {}", FIRST.sign(&claims()));
    let credentials = PushCredentials {
        authorization: Some(&authorization),
        has_serverless_authorization: false,
    };
    assert_eq!(
        verifier.account(credentials).await,
        Err(PushRefusal::Unavailable)
    );
    assert_eq!((named.requests().len(), other.requests().len()), (1, 0));
    named.answer(key_set(&[FIRST]));
    scene.advance(1);
    assert_eq!(verifier.account(credentials).await, Ok(ACCOUNT));
}
