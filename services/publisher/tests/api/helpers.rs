//! A publisher on a free port, with a bus that a test can look into and break.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bus::{Bus, Message, MessageId, PublishError};
use events::{FixedClock, Timestamp};
use publisher::{Application, Dependencies, PublisherSettings};
use serde_json::Value;
use tokio::sync::watch;

/// When everything in these tests is received: 2025-11-25T08:45:00Z.
pub const NOW_MS: i64 = 1_764_060_300_000;

/// What the bus does with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BusMood {
    Takes,
    Refuses,
    /// Finds every message larger than it takes.
    FindsTooLarge,
    /// Never answers while it lasts; takes the message once the mood is better.
    Hangs,
}

/// A bus in memory.
pub struct TestBus {
    pub messages: Mutex<Vec<(String, Message)>>,
    pub mood: watch::Sender<BusMood>,
    pub waiting: watch::Sender<usize>,
}

#[async_trait]
impl Bus for TestBus {
    async fn publish(&self, topic: &str, message: Message) -> Result<MessageId, PublishError> {
        self.waiting.send_modify(|waiting| *waiting += 1);
        let mut mood = self.mood.subscribe();
        let mood = *mood
            .wait_for(|mood| *mood != BusMood::Hangs)
            .await
            .expect("the sender is self");
        if mood == BusMood::Refuses {
            return Err(PublishError::Unavailable {
                reason: "secret detail".into(),
                retry_after: Duration::from_millis(2100),
            });
        }
        if mood == BusMood::FindsTooLarge {
            return Err(PublishError::TooLarge { size: 2, limit: 1 });
        }
        let mut messages = self.messages.lock().expect("no panic holds it");
        messages.push((topic.to_owned(), message));
        Ok(MessageId(messages.len().to_string()))
    }

    async fn ready(&self) -> Result<(), PublishError> {
        match *self.mood.borrow() {
            BusMood::Takes => Ok(()),
            _ => Err(PublishError::Unavailable {
                reason: "down".into(),
                retry_after: Duration::from_secs(1),
            }),
        }
    }
}

pub struct TestPublisher {
    pub application: Application,
    pub bus: Arc<TestBus>,
    pub client: reqwest::Client,
}

impl TestPublisher {
    pub async fn start(change: impl FnOnce(&mut PublisherSettings)) -> Self {
        Self::start_with(|settings, _| change(settings)).await
    }

    pub async fn start_with(
        change: impl FnOnce(&mut PublisherSettings, &mut Dependencies),
    ) -> Self {
        let mut settings = PublisherSettings::default();
        settings.http.workers = 1;
        let (bus, mut dependencies) = Self::dependencies();
        change(&mut settings, &mut dependencies);
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let application =
            Application::build(listener, dependencies, settings).expect("good settings");
        let client = reqwest::Client::builder().build().expect("a client");
        Self {
            application,
            bus,
            client,
        }
    }

    /// What a publisher works with in these tests.
    pub fn dependencies() -> (Arc<TestBus>, Dependencies) {
        let bus = Arc::new(TestBus {
            messages: Mutex::default(),
            mood: watch::channel(BusMood::Takes).0,
            waiting: watch::channel(0).0,
        });
        let dependencies = Dependencies {
            telemetry: telemetry::Telemetry::off(),
            bus: Arc::clone(&bus) as Arc<dyn Bus>,
            clock: Arc::new(FixedClock::new(Timestamp::from_millis(NOW_MS))),
            trace_seed: 7,
            token_verifier: None,
        };
        (bus, dependencies)
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.application.address())
    }

    pub async fn post(
        &self,
        path: &str,
        content_type: &str,
        body: impl Into<reqwest::Body>,
    ) -> Answer {
        let request = self
            .client
            .post(self.url(path))
            .header("content-type", content_type)
            .body(body);
        Answer::read(request.send().await.expect("an answer")).await
    }

    pub async fn publish(&self, event: &Value) -> Answer {
        self.post("/publish-event", "application/json", event.to_string())
            .await
    }

    /// The messages on the bus, as JSON.
    pub fn published(&self) -> Vec<Value> {
        let messages = self.bus.messages.lock().expect("no panic holds it");
        messages
            .iter()
            .map(|(_, message)| serde_json::from_slice(&message.data).expect("JSON"))
            .collect()
    }
}

pub struct Answer {
    pub status: u16,
    pub content_type: String,
    pub retry_after: Option<String>,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Answer {
    pub async fn read(response: reqwest::Response) -> Self {
        let header = |name: &str| {
            response
                .headers()
                .get(name)
                .and_then(|value| Some(value.to_str().ok()?.to_owned()))
        };
        let (content_type, retry_after) = (
            header("content-type").unwrap_or_default(),
            header("retry-after"),
        );
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        Self {
            status,
            content_type,
            retry_after,
            headers,
            text: response.text().await.expect("a body"),
        }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect("the answer is JSON")
    }
}
