//! An updater on a free port, with a store on disk, mock APIs and a clock that stands still.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bus::{MessageId, PushEnvelope};
use embedded::{EmbeddedStore, StoreSettings};
use events::{FixedClock, Timestamp};
use serde_json::{Value, json};
use store::{
    DeadLetter, DeadLetterFilter, DeadLetters, EventQuery, HeldMessages, HeldSummary, Ledger,
    LedgerRecord,
};
use telemetry::Telemetry;
use tempfile::TempDir;
use testing::MockServer;
use updater::{Application, Dependencies, UpdaterSettings};

/// When everything in these tests begins: 2025-11-25T08:45:00Z.
pub const NOW_MS: i64 = 1_764_060_300_000;

/// What a test's updater is made of; it can be built several times on the same store.
pub struct World {
    pub store: Arc<EmbeddedStore>,
    /// Instead of the store's own.
    pub dead_letters: Option<Arc<dyn DeadLetters>>,
    /// Instead of the store's own.
    pub held_messages: Option<Arc<dyn HeldMessages>>,
    pub clock: Arc<FixedClock>,
    pub directory: TempDir,
    pub environment: BTreeMap<String, String>,
    pub settings: UpdaterSettings,
    pub push_verifier: Option<Arc<dyn web::PushVerifier>>,
    pub telemetry: Telemetry,
    pub secret_manager: Option<Arc<dyn updater::secret::SecretSource>>,
    pub google_tokens: Option<Arc<dyn updater::tokens::OutgoingTokens>>,
    client: reqwest::Client,
}

impl World {
    /// A world whose routes file is `routes`, with `${API}` for the address of `api`.
    pub fn new(routes: &str, api: &MockServer) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let store = EmbeddedStore::open(
            &directory.path().join("store.sqlite"),
            StoreSettings::default(),
        );
        let mut settings = UpdaterSettings::default();
        settings.http.workers = 1;
        settings.routes = directory.path().join("routes.yaml");
        settings.routes_poll = Duration::from_millis(5);
        // A test says itself when it drains.
        settings.held.drain_interval = Duration::ZERO;
        std::fs::write(&settings.routes, routes).expect("writing the routes file");
        let environment = [("API", api.url("")), ("KEY", "secret-key".into())];
        Self {
            store: Arc::new(store.expect("a new store")),
            dead_letters: None,
            held_messages: None,
            clock: Arc::new(FixedClock::new(Timestamp::from_millis(NOW_MS))),
            directory,
            environment: environment
                .map(|(name, value)| (name.to_owned(), value))
                .into(),
            settings,
            push_verifier: None,
            telemetry: Telemetry::off(),
            secret_manager: None,
            google_tokens: None,
            client: reqwest::Client::builder().build().expect("a client"),
        }
    }

    pub fn routes_file(&self) -> PathBuf {
        self.settings.routes.clone()
    }

    /// An updater of this world that names itself `owner`.
    pub fn try_start(&self, owner: &str) -> anyhow::Result<Updater> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        self.try_start_on(listener, owner)
    }

    pub fn try_start_on(&self, listener: TcpListener, owner: &str) -> anyhow::Result<Updater> {
        let own_held = Arc::clone(&self.store) as Arc<dyn HeldMessages>;
        let own_letters = Arc::clone(&self.store) as Arc<dyn DeadLetters>;
        let dependencies = Dependencies {
            telemetry: self.telemetry.clone(),
            ledger: Arc::clone(&self.store) as Arc<dyn Ledger>,
            dead_letters: self.dead_letters.clone().unwrap_or(own_letters),
            held_messages: self.held_messages.clone().unwrap_or(own_held),
            destination_reports: Arc::clone(&self.store) as Arc<dyn store::DestinationReports>,
            clock: Arc::clone(&self.clock) as Arc<dyn events::Clock>,
            owner: owner.to_owned(),
            environment: Arc::new(self.environment.clone()),
            push_verifier: self.push_verifier.clone(),
            secret_manager: self.secret_manager.clone(),
            google_tokens: self.google_tokens.clone(),
        };
        let application = Application::build(listener, dependencies, self.settings.clone())?;
        Ok(Updater {
            application,
            client: self.client.clone(),
        })
    }

    pub fn start(&self) -> Updater {
        self.try_start("test").expect("good settings and routes")
    }

    /// The ledger's record of an event at a destination.
    pub async fn record(&self, identity: &str, destination: &str) -> Option<LedgerRecord> {
        let records = self
            .store
            .find(&EventQuery::Identity(identity.into()))
            .await
            .expect("a store");
        records
            .into_iter()
            .find(|record| record.destination == destination)
    }

    /// The names of an event's states at a destination, by the last part of the effect's key.
    pub async fn states(
        &self,
        identity: &str,
        destination: &str,
    ) -> BTreeMap<String, &'static str> {
        let record = self.record(identity, destination).await;
        let effects = record.map(|record| record.effects).unwrap_or_default();
        let last = |key: &str| key.rsplit('/').next().unwrap_or_default().to_owned();
        effects
            .iter()
            .map(|(key, effect)| (last(key), effect.state.name()))
            .collect()
    }

    /// What is held of an event at the destination `api`.
    pub async fn held(&self, identity: &str) -> Option<HeldSummary> {
        let query = EventQuery::Identity(identity.into());
        let held = self.store.find_held(&query).await.expect("a store");
        held.into_iter().find(|held| held.destination == "api")
    }

    /// How much is held, for whichever destination.
    pub async fn held_count(&self) -> u64 {
        let backlog = self.store.backlog().await.expect("a store");
        backlog.iter().map(|backlog| backlog.count).sum()
    }

    /// All dead letters, whole, oldest first.
    pub async fn dead_letters(&self) -> Vec<DeadLetter> {
        let mut letters = Vec::new();
        for summary in self
            .store
            .list(&DeadLetterFilter::default())
            .await
            .expect("a store")
            .iter()
            .rev()
        {
            letters.push(
                self.store
                    .get(&summary.id)
                    .await
                    .expect("a store")
                    .expect("it was listed"),
            );
        }
        letters
    }

    /// The names of the reasons of all dead letters, oldest first.
    pub async fn reasons(&self) -> Vec<&'static str> {
        self.dead_letters()
            .await
            .iter()
            .map(|letter| letter.summary.reason.name())
            .collect()
    }
}

pub struct Updater {
    pub application: Application,
    client: reqwest::Client,
}

impl Updater {
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.application.address())
    }

    /// Posts `body` to a push address; returns the status.
    pub async fn post(&self, path: &str, body: Vec<u8>) -> u16 {
        let request = self
            .client
            .post(self.url(path))
            .header("content-type", "application/json")
            .body(body);
        request.send().await.expect("an answer").status().as_u16()
    }

    /// Has held messages worked; the counts of the answer.
    pub async fn drain(&self) -> Value {
        let answer = self.client.post(self.url("/drain")).send().await;
        let answer = answer.expect("an answer");
        assert_eq!(answer.status(), 200);
        answer.json().await.expect("JSON")
    }

    /// Pushes a payload with attributes to the address of a destination (and query); returns the status.
    pub async fn push_to(
        &self,
        address: &str,
        message_id: &str,
        data: &[u8],
        attributes: &[(&str, &str)],
    ) -> u16 {
        let path = format!("/process-backend-update{address}");
        self.post(&path, envelope(message_id, data, attributes))
            .await
    }

    /// Pushes an event to the destination `api`.
    pub async fn push(&self, event: &Value) -> u16 {
        self.push_to("/api", "1", event.to_string().as_bytes(), &[])
            .await
    }
}

/// The body of a push.
pub fn envelope(message_id: &str, data: &[u8], attributes: &[(&str, &str)]) -> Vec<u8> {
    let subscription = "projects/local/subscriptions/backend-updates.api".to_owned();
    let published = Timestamp::from_millis(NOW_MS).to_rfc3339();
    let mut envelope =
        PushEnvelope::new(subscription, &MessageId(message_id.into()), published, data);
    envelope.message.attributes = attributes
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    serde_json::to_vec(&envelope).expect("an envelope is JSON")
}

/// A purchase as the publisher publishes it.
pub fn purchase(transaction: &str) -> Value {
    json!({
        "eventType": "purchase", "eventId": format!("evt-{transaction}"), "clientId": "1.2", "userId": "cust-1",
        "eventTimestampMs": NOW_MS, "receivedMs": NOW_MS, "timestampSource": "event",
        "data": {"transactionId": transaction, "value": 184.5, "currency": "EUR", "items": [
            {"item_id": "LAMP-07", "price": 129.5, "quantity": 1},
            {"item_id": "SETS/DINNER-4", "price": 5.5, "quantity": 10},
        ]},
    })
}

/// One destination `api` and one route to it.
pub fn one_route(repeat: &str, more: &str) -> String {
    format!(
        "destinations:\n  api:\n    url: ${{API}}\n    auth: {{ header: X-API-KEY, secret: KEY }}\n    repeat: {repeat}\n    \
         timeout: 1s\n{more}routes:\n  - name: points\n    when: event.eventType == \"purchase\"\n    to: api\n    \
         path: '\"/points\"'\n    body: |\n      {{ \"value\": event.data.value, \"key\": effect.key }}\n"
    )
}
