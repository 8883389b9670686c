//! What Google says and its emulator doesn't, by a stand-in for Google.

mod fake_google;

use std::time::Duration;

use bus::{Bus, Message, PublishError};
use google_cloud_auth::credentials::anonymous;
use google_cloud_gax::error::rpc::{Code, Status};
use google_cloud_gax::error::{CredentialsError, Error};
use google_cloud_gax::retry_policy::{RetryPolicy, RetryPolicyExt};
use google_cloud_gax::retry_state::RetryState;
use google_cloud_gax::throttle_result::ThrottleResult;
use google_cloud_pubsub::retry_policy::RetryableErrors;
use serde_json::{Value, json};
use testing::{MockAnswer, MockServer};
use tokio::net::TcpListener;
use tokio::time::Instant;

use self::fake_google::{Answer, FakeGoogle};
use super::access::Access;
use super::error::publish_error;
use super::{PubSubBus, PubSubSettings};

const TOPIC: &str = "backend-updates";
const NAME: &str = "projects/shop/topics/backend-updates";
const GRANT: &str = "roles/pubsub.publisher";

const PERMISSION: &str = "pubsub.topics.publish";

const OK: Answer = Answer::MessageId("message-1");
const INVALID_ARGUMENT: Answer = Answer::Refusal(3, "jane@example.com is no integer");
const NOT_FOUND: Answer = Answer::Refusal(5, "Resource not found (resource=backend-updates).");
const PERMISSION_DENIED: Answer = Answer::Refusal(7, "User not authorized.");
const RESOURCE_EXHAUSTED: Answer = Answer::Refusal(8, "Quota exceeded for publishing.");
const UNAUTHENTICATED: Answer = Answer::Refusal(16, "Request had invalid credentials.");

const PUBLISH_TIMEOUT: Duration = Duration::from_millis(500);
/// Some of it is for the machine.
const IN_TIME: Duration = Duration::from_millis(700);

fn settings() -> PubSubSettings {
    PubSubSettings {
        publish_timeout: PUBLISH_TIMEOUT,
        ..PubSubSettings::new("shop")
    }
}

/// A bus that takes `url` for Google, as nobody.
async fn bus_at(url: &str, settings: PubSubSettings) -> PubSubBus {
    let access = Access {
        endpoint: Some(url.to_owned()),
        credentials: anonymous::Builder::new().build(),
        is_emulator: false,
    };
    PubSubBus::connect_with(access, settings)
        .await
        .expect("a bus")
}

async fn publish(bus: &PubSubBus) -> Result<String, PublishError> {
    let message = Message {
        data: b"{}".as_slice().into(),
        ..Message::default()
    };
    bus.publish(TOPIC, message).await.map(|id| id.0)
}

fn reason<T: std::fmt::Debug>(outcome: Result<T, PublishError>) -> String {
    match outcome {
        Err(PublishError::Unavailable { reason, .. }) => reason,
        other => panic!("expected that the bus is unavailable, got {other:?}"),
    }
}

#[tokio::test]
async fn what_google_takes_is_published() {
    let google = FakeGoogle::start(OK).await;
    let bus = bus_at(&google.url, settings()).await;
    assert_eq!(publish(&bus).await.expect("published"), "message-1");
}

#[tokio::test]
async fn a_refusal_says_what_to_do_and_nothing_of_the_message() {
    let cases = [
        (PERMISSION_DENIED, [GRANT, NAME]),
        (UNAUTHENTICATED, [GRANT, NAME]),
        (INVALID_ARGUMENT, ["schema", NAME]),
        (
            RESOURCE_EXHAUSTED,
            ["Quota exceeded", "IAM & Admin > Quotas"],
        ),
    ];
    for (answer, expected) in cases {
        let google = FakeGoogle::start(answer).await;
        let bus = bus_at(&google.url, settings()).await;
        let began = Instant::now();
        let reason = reason(publish(&bus).await);
        assert!(
            began.elapsed() < IN_TIME,
            "{answer:?}: {:?}",
            began.elapsed()
        );
        for text in expected {
            assert!(reason.contains(text), "{answer:?}: {reason}");
        }
        assert!(!reason.contains("jane"), "{reason}");
        testing::eventually("a free place", || async {
            (bus.in_flight() == 0).then_some(())
        })
        .await;
    }
}

/// The client wraps what it was answered, differently by what made it stop.
#[test]
fn an_answer_is_recognised_after_the_client_has_given_up() {
    let down = || {
        let status = Status::default()
            .set_code(Code::Unavailable)
            .set_message("The service is down.");
        Error::service(status)
    };
    let policy = RetryableErrors.with_time_limit(Duration::ZERO);
    let ThrottleResult::Exhausted(throttled) = policy.on_throttle(&RetryState::new(false), down())
    else {
        panic!("there is no time left")
    };
    for error in [down(), Error::exhausted(down()), throttled] {
        let reason = reason::<()>(Err(publish_error(&error, TOPIC, NAME)));
        assert_eq!(reason, "Pub/Sub answers UNAVAILABLE: The service is down.");
    }
}

#[test]
fn what_is_no_answer_says_what_is_in_the_way() {
    let no_token = || Error::authentication(CredentialsError::from_msg(true, "no metadata server"));
    let cases = [
        (no_token(), "no token for Pub/Sub: "),
        (Error::exhausted(no_token()), "no token for Pub/Sub: "),
        (
            Error::exhausted(Error::connect("connection refused")),
            "Pub/Sub can't be reached: connection refused",
        ),
    ];
    for (error, expected) in cases {
        let reason = reason::<()>(Err(publish_error(&error, TOPIC, NAME)));
        assert!(reason.starts_with(expected), "{reason}");
    }
}

#[tokio::test]
async fn only_a_missing_topic_is_an_unknown_topic() {
    let google = FakeGoogle::start(NOT_FOUND).await;
    let bus = bus_at(&google.url, settings()).await;
    let refused = publish(&bus).await;
    assert!(
        matches!(&refused, Err(PublishError::UnknownTopic { topic }) if topic == TOPIC),
        "{refused:?}"
    );
}

/// Google's answer to a REST request.
fn refusal(status: u16, code: &str) -> MockAnswer {
    let error = json!({"error": {"code": status, "status": code, "message": "as Google puts it"}});
    answer(status, &error)
}

fn answer(status: u16, body: &Value) -> MockAnswer {
    MockAnswer::status(status)
        .header("content-type", "application/json")
        .body(&body.to_string())
}

#[tokio::test]
async fn it_is_ready_when_google_grants_the_permission() {
    let granted = || answer(200, &json!({"permissions": [PERMISSION]}));
    let nothing = || answer(200, &json!({}));
    let cases = [
        (Some(TOPIC), granted(), None),
        (Some(TOPIC), nothing(), Some(GRANT)),
        (Some(TOPIC), refusal(403, "PERMISSION_DENIED"), Some(GRANT)),
        (
            Some(TOPIC),
            refusal(401, "UNAUTHENTICATED"),
            Some("credentials"),
        ),
        (None, nothing(), None),
        (None, refusal(404, "NOT_FOUND"), None),
        (None, refusal(401, "UNAUTHENTICATED"), Some("credentials")),
    ];
    for (topic, answer, expected) in cases {
        let google = MockServer::start().await;
        let case = format!("{topic:?}, {answer:?}");
        google.answer(answer);
        let settings = PubSubSettings {
            ready_topic: topic.map(str::to_owned),
            ..settings()
        };
        let ready = bus_at(&google.url(""), settings).await.ready().await;
        match expected {
            None => ready.unwrap_or_else(|error| panic!("{case}: {error}")),
            Some(text) => {
                let reason = reason(ready);
                assert!(reason.contains(text), "{case}: {reason}");
            }
        }
        let asked = google.requests().remove(0);
        let name = PubSubSettings::new("shop").topic_name(topic.unwrap_or("talaria-readiness"));
        let question = format!("/v1/{name}:testIamPermissions");
        assert!(asked.target.starts_with(&question), "{}", asked.target);
        assert_eq!(asked.json(), json!({"permissions": [PERMISSION]}));
    }
}

/// Google's client waits for a handshake as long as it takes: only giving it up whole frees the message's place.
#[tokio::test]
async fn a_handshake_that_never_ends_keeps_no_place_for_ever() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("https://{}", listener.local_addr().expect("it listens"));
    let settings = PubSubSettings {
        max_in_flight: 1,
        ..settings()
    };
    let bus = bus_at(&url, settings).await;
    for _ in 0..2 {
        let begun = Instant::now();
        reason(publish(&bus).await);
        assert!(begun.elapsed() < IN_TIME);
        testing::eventually("a free place", || async {
            (bus.in_flight() == 0).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn a_topic_that_google_does_not_know_is_an_unknown_topic() {
    let google = MockServer::start().await;
    google.answer(refusal(404, "NOT_FOUND"));
    let settings = PubSubSettings {
        ready_topic: Some(TOPIC.into()),
        ..settings()
    };
    let ready = bus_at(&google.url(""), settings).await.ready().await;
    let error = ready.expect_err("it is not there").to_string();
    assert!(
        error.contains(TOPIC) && error.contains("create it"),
        "{error}"
    );
}

#[tokio::test]
async fn readiness_is_answered_within_two_seconds() {
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", silent.local_addr().expect("it listens"));
    let bus = bus_at(&url, settings()).await;
    let begun = Instant::now();
    reason(bus.ready().await);
    assert!(begun.elapsed() < Duration::from_millis(2_200));
}
