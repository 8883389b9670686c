//! A bus on a file of its own, and endpoints to push to.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ::bus::contract::{Answer, BusHarness, Enough, PushEndpoint, SubscriptionOptions};
use ::bus::{Bus, Message, Push, PushPayload};
use async_trait::async_trait;
use bytes::Bytes;
use embedded::{BusSettings, EmbeddedBus, StoredMessage, Subscription};
use events::{Clock, FixedClock, SystemClock, Timestamp};
use reqwest::Url;
use tempfile::TempDir;
use testing::{MockAnswer, MockServer, RecordedRequest};

pub const TOPIC: &str = "backend-updates";
pub const DEAD_LETTERS: &str = "backend-updates-dead-letter";
pub const LOYALTY: &str = "backend-updates.loyalty";
pub const NOW: Timestamp = Timestamp::from_millis(1_764_060_000_000);

/// A directory that outlives the buses opened in it.
pub struct Place {
    directory: TempDir,
    pub clock: Arc<FixedClock>,
    pub settings: BusSettings,
}

impl Place {
    pub fn new() -> Self {
        Self {
            directory: tempfile::tempdir().expect("a directory"),
            clock: Arc::new(FixedClock::new(NOW)),
            settings: BusSettings::default(),
        }
    }

    pub fn file(&self) -> PathBuf {
        self.directory.path().join("data").join("bus.sqlite")
    }

    /// Opens the bus with its topics, as one process would.
    pub async fn open(&self) -> EmbeddedBus {
        let bus = open(&self.file(), self.clock.clone(), self.settings.clone());
        bus.create_topic(TOPIC).await.expect("a topic");
        bus.create_topic(DEAD_LETTERS).await.expect("a topic");
        bus
    }

    /// A subscription of the topic with the settings' defaults.
    pub fn subscription(&self, name: &str, endpoint: &str) -> Subscription {
        let endpoint = Url::parse(endpoint).expect("an address");
        Subscription::new(name, TOPIC, endpoint, &self.settings)
    }

    /// Keeps everybody else from writing until it is dropped.
    pub fn lock(&self) -> rusqlite::Connection {
        let connection = rusqlite::Connection::open(self.file()).expect("the file is there");
        connection
            .execute_batch("PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE")
            .expect("nobody writes for long");
        connection
    }
}

pub fn open(path: &std::path::Path, clock: Arc<dyn Clock>, settings: BusSettings) -> EmbeddedBus {
    EmbeddedBus::open(path, clock, client(), settings).expect("the file opens")
}

pub fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(Duration::from_secs(5))
        .build()
        .expect("a client")
}

/// A message with `event_id` in its attributes and its payload.
pub fn message(event_id: &str) -> Message {
    Message {
        data: event_id.as_bytes().to_vec().into(),
        attributes: [("eventId".to_owned(), event_id.to_owned())].into(),
    }
}

pub async fn publish(bus: &EmbeddedBus, event_id: &str) -> ::bus::MessageId {
    let published = bus.publish(TOPIC, message(event_id)).await;
    published.expect("the bus takes the message")
}

/// The only message with that event id.
pub async fn stored(bus: &EmbeddedBus, event_id: &str) -> StoredMessage {
    let mut found = bus.find_messages(event_id).await.expect("the bus looks");
    assert_eq!(found.len(), 1, "one message {event_id}");
    found.remove(0)
}

/// Waits until nothing is owed of the message any more.
pub async fn acknowledged(bus: &EmbeddedBus, event_id: &str) {
    testing::eventually("the acknowledgement's commit", || async {
        let message = stored(bus, event_id).await;
        message.waiting.is_empty().then_some(())
    })
    .await;
}

/// What was pushed, as the endpoint reads it: payload and attempt.
pub fn pushed(requests: &[RecordedRequest]) -> Vec<(String, u32)> {
    requests
        .iter()
        .map(|request| {
            let push = Push::from_body(&request.body).expect("a push");
            let PushPayload::Decoded(data) = push.payload else {
                panic!("the payload is base64")
            };
            let attempt = push.delivery_attempt.expect("the bus counts");
            (String::from_utf8_lossy(&data).into_owned(), attempt)
        })
        .collect()
}

/// What the bus' contract needs.
pub struct Harness {
    bus: Arc<EmbeddedBus>,
    _directory: TempDir,
}

pub async fn harness() -> Harness {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("bus.sqlite");
    Harness {
        bus: Arc::new(open(&path, Arc::new(SystemClock), BusSettings::default())),
        _directory: directory,
    }
}

#[async_trait]
impl BusHarness for Harness {
    fn bus(&self) -> Arc<dyn Bus> {
        self.bus.clone()
    }

    async fn create_topic(&self, topic: &str) {
        self.bus.create_topic(topic).await.expect("a topic");
    }

    async fn subscribe(
        &self,
        topic: &str,
        name: &str,
        endpoint: &str,
        options: SubscriptionOptions,
    ) {
        let endpoint = Url::parse(endpoint).expect("an address");
        let mut subscription = Subscription::new(name, topic, endpoint, &BusSettings::default());
        subscription.ack_deadline = options.ack_deadline;
        subscription.retry_min = options.retry_min;
        subscription.retry_max = options.retry_max;
        if let Some(policy) = options.dead_letter {
            subscription.dead_letter_topic = Some(policy.topic);
            subscription.max_delivery_attempts = policy.max_delivery_attempts;
        }
        self.bus.subscribe(subscription).await.expect("subscribed");
    }

    async fn endpoint(&self) -> Arc<dyn PushEndpoint> {
        Arc::new(Endpoint(MockServer::start().await))
    }
}

struct Endpoint(MockServer);

#[async_trait]
impl PushEndpoint for Endpoint {
    fn url(&self) -> String {
        self.0.url("/push")
    }

    fn answer_with(&self, answer: Answer) {
        self.0
            .answer_with(move |request| MockAnswer::status(answer(&request.body)));
    }

    async fn wait_until(&self, what: &str, enough: Enough) -> Vec<Bytes> {
        let bodies = |requests: &[RecordedRequest]| -> Vec<Bytes> {
            requests
                .iter()
                .map(|request| request.body.clone())
                .collect()
        };
        let requests = self
            .0
            .wait_until(what, |requests| enough(&bodies(requests)));
        bodies(&requests.await)
    }
}
