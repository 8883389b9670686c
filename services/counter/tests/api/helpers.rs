//! A counter on a free port, with a store on disk and a clock that stands still.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use bus::{MessageId, PushEnvelope};
use counter::{Application, CounterSettings, Dependencies, Replayer};
use embedded::{EmbeddedStore, StoreSettings};
use events::{FixedClock, Timestamp};
use serde_json::{Value, json};
use store::{
    DeadLetterFilter, DeadLetterSummary, DeadLetters, HeldMessage, HeldSummary, HoldReason, Payload,
};
use telemetry::Telemetry;
use tempfile::TempDir;

use crate::faulty::Faulty;

/// When everything in these tests begins: 2025-11-25T08:47:00Z.
pub const NOW_MS: i64 = 1_764_060_420_000;

/// What a test's counter is made of.
pub struct World {
    pub store: Arc<EmbeddedStore>,
    pub tallies: Arc<Faulty>,
    pub clock: Arc<FixedClock>,
    pub settings: CounterSettings,
    pub replayer: Option<Arc<dyn Replayer>>,
    pub push_verifier: Option<Arc<dyn web::PushVerifier>>,
    pub telemetry: Telemetry,
    _directory: TempDir,
    client: reqwest::Client,
}

impl World {
    pub fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("store.sqlite");
        let store =
            Arc::new(EmbeddedStore::open(&file, StoreSettings::default()).expect("a store"));
        let mut settings = CounterSettings::default();
        settings.http.workers = 1;
        Self {
            tallies: Arc::new(Faulty::new(Arc::clone(&store))),
            store,
            clock: Arc::new(FixedClock::new(Timestamp::from_millis(NOW_MS))),
            settings,
            replayer: None,
            push_verifier: None,
            telemetry: Telemetry::off(),
            _directory: directory,
            client: reqwest::Client::builder().build().expect("a client"),
        }
    }

    pub fn try_start(&self) -> anyhow::Result<Counter> {
        self.try_start_on(TcpListener::bind(("127.0.0.1", 0)).expect("a free port"))
    }

    pub fn try_start_on(&self, listener: TcpListener) -> anyhow::Result<Counter> {
        let dependencies = Dependencies {
            telemetry: self.telemetry.clone(),
            tallies: self.tallies.clone(),
            ledger: self.store.clone(),
            dead_letters: self.store.clone(),
            held_messages: self.store.clone(),
            destination_reports: self.store.clone(),
            clock: self.clock.clone(),
            replayer: self.replayer.clone(),
            push_verifier: self.push_verifier.clone(),
        };
        let application = Application::build(listener, dependencies, self.settings.clone())?;
        Ok(Counter {
            application,
            client: self.client.clone(),
            clock: self.clock.clone(),
        })
    }

    pub fn start(&self) -> Counter {
        self.try_start().expect("good settings")
    }

    pub async fn letters(&self) -> Vec<DeadLetterSummary> {
        let filter = DeadLetterFilter::default();
        self.store.list(&filter).await.expect("a store")
    }
}

pub struct Counter {
    pub application: Application,
    pub client: reqwest::Client,
    clock: Arc<FixedClock>,
}

impl Counter {
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.application.address())
    }

    /// Pushes a payload; returns the status.
    pub async fn push_data(&self, path: &str, message_id: &str, data: &[u8]) -> u16 {
        self.post(path, envelope(message_id, data)).await.0
    }

    /// Pushes an event under its own message id; panics if it isn't acknowledged.
    pub async fn push(&self, event: &Value) {
        let text = event.to_string();
        let status = self.push_data("/tally", &text, text.as_bytes()).await;
        assert_eq!(status, 204, "{text}");
    }

    pub async fn post(&self, path: &str, body: Vec<u8>) -> (u16, String) {
        let request = self.client.post(self.url(path)).body(body);
        let request = request.header("content-type", "application/json");
        let answer = request.send().await.expect("an answer");
        (
            answer.status().as_u16(),
            answer.text().await.expect("a body"),
        )
    }

    /// Status and body, a moment later than the last time, so that no kept figure is young.
    pub async fn get(&self, path: &str) -> (u16, String) {
        self.clock.advance(Duration::from_millis(3001));
        let answer = self.client.get(self.url(path)).send().await;
        let answer = answer.expect("an answer");
        (
            answer.status().as_u16(),
            answer.text().await.expect("a body"),
        )
    }

    pub async fn get_json(&self, path: &str) -> Value {
        let (status, body) = self.get(path).await;
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).expect("JSON")
    }

    /// The ids of a list of items, in their order.
    pub async fn item_ids(&self, path: &str) -> Vec<String> {
        let list = self.get_json(path).await;
        let items = list["items"].as_array().expect("items").iter();
        items
            .map(|item| item["itemId"].as_str().expect("an id").to_owned())
            .collect()
    }
}

/// The body of a push.
pub fn envelope(message_id: &str, data: &[u8]) -> Vec<u8> {
    let subscription = "projects/local/subscriptions/backend-updates.counter".to_owned();
    let published = Timestamp::from_millis(NOW_MS).to_rfc3339();
    let envelope = PushEnvelope::new(subscription, &MessageId(message_id.into()), published, data);
    serde_json::to_vec(&envelope).expect("an envelope is JSON")
}

/// A message that is held for a destination since so many minutes.
pub fn held_message(destination: &str, identity: &str, minutes: u64) -> HeldMessage {
    let minute = Duration::from_secs(60);
    let first_held =
        Timestamp::from_millis(NOW_MS).minus(minute * u32::try_from(minutes).expect("few"));
    HeldMessage {
        summary: HeldSummary {
            id: HeldSummary::id_of(identity, destination, "content"),
            destination: destination.into(),
            identity: identity.into(),
            event_id: Some("evt-held".into()),
            event_type: Some("purchase".into()),
            value: None,
            bytes: 20,
            reason: HoldReason::SetUp,
            first_held,
            due: first_held.plus(minute),
            waits_for: None,
            tries: 0,
            version: 1,
            expires: first_held.plus(minute * 1000),
        },
        payload: Payload::Text("{\"userId\":\"cust-1\"}".into()),
        attributes: [].into(),
        message_id: "1".into(),
        publish_time: String::new(),
        event_type_hint: None,
    }
}

/// An event of that kind about these items.
pub fn event(kind: &str, id: &str, data: Value) -> Value {
    json!({"eventType": kind, "eventId": id, "eventTimestampMs": NOW_MS, "data": data})
}
