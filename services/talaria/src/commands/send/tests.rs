use std::io::Write;
use std::sync::Mutex;

use events::Timestamp;
use publisher::Secret;
use testing::{MockAnswer, MockServer};

use super::report::shown;
use super::*;

const SENT: Timestamp = Timestamp::from_millis(1_764_060_300_000);

fn file_of(text: &str, extension: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::Builder::new()
        .suffix(extension)
        .tempfile()
        .expect("a file");
    file.write_all(text.as_bytes()).expect("written");
    file
}

fn delivery(url: &str) -> Delivery {
    let url = publish_url(Some(url), &TalariaSettings::default()).expect("an address");
    Delivery {
        client: kept::client().expect("a client"),
        url,
        proof: Proof::Nothing,
        clock: Arc::new(events::FixedClock::new(SENT)),
        spacing: None,
    }
}

async fn send(delivery: &Delivery, file: &tempfile::NamedTempFile) -> anyhow::Result<Summary> {
    let mut summary = Summary::default();
    delivery
        .send(file.path(), Events::open(file.path())?, &mut summary)
        .await?;
    Ok(summary)
}

fn lines(count: usize) -> String {
    (1..=count)
        .map(|n| format!("{{\"eventId\":\"e{n}\"}}\n"))
        .collect()
}

#[tokio::test]
async fn every_line_is_posted_once_as_it_stands() {
    let publisher = MockServer::start().await;
    publisher.answer(MockAnswer::status(202));
    let mut delivery = delivery(&publisher.url(""));
    delivery.proof = Proof::shared_secret("0123456789abcdef");
    let summary = send(&delivery, &file_of(&lines(50), ".jsonl"))
        .await
        .expect("sent");
    assert_eq!((summary.accepted, summary.refused.len()), (50, 0));
    let requests = publisher.requests();
    let ids: std::collections::BTreeSet<String> = requests
        .iter()
        .map(|request| request.json()["eventId"].to_string())
        .collect();
    assert_eq!((requests.len(), ids.len()), (50, 50));
    assert_eq!(requests[0].target, "/publish-event");
    assert_eq!(requests[0].header("x-talaria-key"), "0123456789abcdef");
    assert_eq!(requests[0].header("content-type"), "application/json");
}

#[tokio::test]
async fn a_refusal_names_its_line_and_every_violation() {
    let publisher = MockServer::start().await;
    publisher.answer_with(|request| match request.json()["eventId"].as_str() {
        Some("e2") => MockAnswer::status(422).body(
            r#"{"detail":"the event has one fault","errors":[{"pointer":"/eventType","detail":"must be given"}]}"#,
        ),
        _ => MockAnswer::status(202),
    });
    let file = file_of(&lines(3), ".jsonl");
    let summary = send(&delivery(&publisher.url("")), &file)
        .await
        .expect("sent");
    assert_eq!((summary.accepted, summary.refused.len()), (2, 1));
    let shown = shown(&summary.refused[0]);
    assert!(
        shown.contains(":2: refused with 422: the event has one fault"),
        "{shown}"
    );
    assert!(shown.contains("\n  /eventType must be given"), "{shown}");
}

#[tokio::test]
async fn a_publisher_that_asks_for_patience_gets_the_event_again() {
    let publisher = MockServer::start().await;
    let answers = Mutex::new(vec![202, 429, 503]);
    publisher.answer_with(move |_| {
        let status = answers.lock().expect("whole").pop().unwrap_or(202);
        MockAnswer::status(status).header("retry-after", "0")
    });
    let file = file_of("{\"eventId\":\"e1\"}", ".json");
    let summary = send(&delivery(&publisher.url("")), &file)
        .await
        .expect("sent");
    assert_eq!((summary.accepted, summary.retried), (1, 2));
    assert_eq!(publisher.requests().len(), 3);
}

#[tokio::test]
async fn a_publisher_that_asks_for_ever_is_given_up() {
    let publisher = MockServer::start().await;
    publisher.answer(MockAnswer::status(503).header("retry-after", "0"));
    let file = file_of("{\"eventId\":\"e1\"}", ".json");
    let error = send(&delivery(&publisher.url("")), &file)
        .await
        .expect_err("given up");
    assert!(error.to_string().contains("8 tries"), "{error}");
    assert_eq!(publisher.requests().len(), 8);
}

#[tokio::test]
async fn without_a_publisher_one_sentence_says_how_to_start_it() {
    // Bound and dropped: nothing listens there.
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = free.local_addr().expect("an address");
    drop(free);
    let file = file_of(&lines(3), ".jsonl");
    let error = send(&delivery(&format!("http://{address}")), &file)
        .await
        .expect_err("nobody");
    let expected = format!(
        "no publisher answers at http://{address}: start it with `talaria up`, or name another with --to"
    );
    assert_eq!(error.to_string(), expected);
}

#[tokio::test]
async fn a_wrong_key_stops_at_once_and_says_what_to_set() {
    let publisher = MockServer::start().await;
    publisher.answer(MockAnswer::status(401));
    let file = file_of(&lines(1), ".jsonl");
    let error = send(&delivery(&publisher.url("")), &file)
        .await
        .expect_err("refused");
    let error = error.to_string();
    for way in [
        "TALARIA_PUBLISHER__SHARED_SECRET",
        "TALARIA_PUBLISHER__HMAC_KEY",
        "--hmac-key",
    ] {
        assert!(error.contains(way), "{way} is not in {error}");
    }
}

#[tokio::test]
async fn each_request_is_signed_anew_and_as_the_publisher_checks_it() {
    let publisher = MockServer::start().await;
    publisher.answer_with(|request| match request.header("webhook-id") {
        "" => MockAnswer::status(401),
        _ => MockAnswer::status(202),
    });
    let key = Secret::new("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=");
    let mut delivery = delivery(&publisher.url(""));
    delivery.proof = Proof::signature("the key", &key).expect("a key");
    let file = file_of(&lines(2), ".jsonl");
    assert_eq!(send(&delivery, &file).await.expect("sent").accepted, 2);
    let key = publisher::SigningKey::read(&key).expect("a key");
    let requests = publisher.requests();
    for request in &requests {
        let (id, timestamp) = (
            request.header("webhook-id"),
            request.header("webhook-timestamp"),
        );
        assert_eq!(timestamp, "1764060300");
        let right = key.sign(id, timestamp, &request.body);
        assert_eq!(request.header("webhook-signature"), right);
    }
    let ids = [0, 1].map(|place: usize| requests[place].header("webhook-id"));
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn the_proof_is_the_one_that_is_named_and_else_what_the_settings_hold() {
    let key = || {
        Some(Secret::new(
            "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
        ))
    };
    let secret = || Some(Secret::new("0123456789abcdef"));
    let kind = |callers, shared_secret, hmac_key| {
        let settings = publisher::PublisherSettings {
            callers,
            shared_secret,
            hmac_key,
            ..Default::default()
        };
        match Proof::of_settings(&settings).expect("good settings") {
            Proof::Nothing => "nothing",
            Proof::SharedSecret(_) => "secret",
            Proof::Signature(_) => "signature",
        }
    };
    use publisher::Callers;
    assert_eq!(kind(Callers::None, None, None), "nothing");
    assert_eq!(kind(Callers::None, secret(), None), "secret");
    assert_eq!(kind(Callers::None, None, key()), "signature");
    assert_eq!(kind(Callers::SharedSecret, secret(), key()), "secret");
    assert_eq!(kind(Callers::Hmac, secret(), key()), "signature");
    let error = Proof::signature("--hmac-key", &Secret::new("my secret")).err();
    let error = format!("{:#}", error.expect("no key"));
    assert!(
        error.contains("--hmac-key") && !error.contains("my secret"),
        "{error}"
    );
}

#[test]
fn an_address_may_name_the_endpoint_or_not() {
    let settings = TalariaSettings::default();
    let cases = [
        (None, "http://127.0.0.1:8080/publish-event"),
        (
            Some("https://p.example.com/"),
            "https://p.example.com/publish-event",
        ),
        (
            Some("https://p.example.com/publish-event"),
            "https://p.example.com/publish-event",
        ),
    ];
    for (to, expected) in cases {
        assert_eq!(
            publish_url(to, &settings).expect("an address").as_str(),
            expected
        );
    }
    for to in ["127.0.0.1:8080", "ftp://x"] {
        let error = publish_url(Some(to), &settings).expect_err(to).to_string();
        assert!(error.contains("address"), "{error}");
    }
}

#[test]
fn where_the_port_is_left_open_the_address_that_was_written_down_counts() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut settings = TalariaSettings {
        data: directory.path().into(),
        ..Default::default()
    };
    std::fs::write(
        settings.addresses_file(),
        r#"{"publisher":"http://127.0.0.1:4711"}"#,
    )
    .expect("written");
    assert_eq!(usual_address(&settings), "127.0.0.1:8080");
    settings.publisher.listen = "127.0.0.1:0".into();
    assert_eq!(usual_address(&settings), "127.0.0.1:4711");
}
