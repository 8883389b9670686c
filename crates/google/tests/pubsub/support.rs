//! A project of the emulator for each test, and endpoints to push to.

use std::sync::{Arc, Mutex, PoisonError};

use ::bus::contract::{Answer, BusHarness, Enough, PushEndpoint, SubscriptionOptions};
use ::bus::{Bus, Message, MessageId, PublishError};
use async_trait::async_trait;
use bytes::Bytes;
use google::pubsub::{PubSubBus, PubSubSettings};
use google_cloud_auth::credentials::{Credentials, anonymous};
use google_cloud_pubsub::client::{Subscriber, SubscriptionAdmin, TopicAdmin};
use google_cloud_pubsub::model::{DeadLetterPolicy, PushConfig, RetryPolicy, Subscription};
use testing::{MockAnswer, MockServer, RecordedRequest};

pub const TOPIC: &str = "backend-updates";

/// A project that ends with the test: its subscriptions are deleted, because the emulator spends a core on one whose
/// endpoint is gone.
pub struct Project {
    pub name: String,
    subscriptions: Mutex<Vec<String>>,
}

impl Project {
    pub fn new() -> Self {
        Self {
            name: testing::unique_project(),
            subscriptions: Mutex::default(),
        }
    }

    /// A project with [`TOPIC`].
    pub async fn with_topic() -> Self {
        let project = Self::new();
        project.create_topic(TOPIC).await;
        project
    }

    pub fn settings(&self) -> PubSubSettings {
        PubSubSettings {
            emulator_host: Some(testing::pubsub_emulator()),
            ..PubSubSettings::new(&self.name)
        }
    }

    /// By way of a proxy at this address.
    pub fn settings_behind(&self, proxy: String) -> PubSubSettings {
        PubSubSettings {
            emulator_host: Some(proxy),
            ..self.settings()
        }
    }

    pub async fn bus(&self) -> PubSubBus {
        connect(self.settings()).await
    }

    pub async fn create_topic(&self, topic: &str) {
        let client = TopicAdmin::builder()
            .with_endpoint(endpoint())
            .with_credentials(nobody())
            .build();
        let client = client.await.expect("a client");
        let request = client.create_topic().set_name(self.topic(topic));
        request.send().await.expect("a topic");
    }

    /// Makes a subscription to be pulled from.
    pub async fn subscribe(&self, topic: &str, name: &str) {
        let subscription = Subscription::new()
            .set_name(self.subscription(name))
            .set_topic(self.topic(topic));
        self.create_subscription(subscription).await;
    }

    pub async fn create_subscription(&self, subscription: Subscription) {
        let name = subscription.name.clone();
        let client = subscriptions_client().await;
        let request = client.create_subscription().with_request(subscription);
        request.send().await.expect("a subscription");
        self.subscriptions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(name);
    }

    /// Pulls and acknowledges so many messages of the subscription, by their data.
    pub async fn pull(&self, name: &str, count: usize) -> Vec<String> {
        let client = Subscriber::builder()
            .with_endpoint(endpoint())
            .with_credentials(nobody())
            .build();
        let client = client.await.expect("a client");
        let mut stream = client.subscribe(self.subscription(name)).build();
        let mut texts = Vec::new();
        let pulling = async {
            while texts.len() < count {
                let next = stream.next().await.expect("the stream goes on");
                let (message, handler) = next.expect("a message");
                texts.push(String::from_utf8_lossy(&message.data).into_owned());
                handler.ack();
            }
        };
        if tokio::time::timeout(testing::PATIENCE, pulling)
            .await
            .is_err()
        {
            panic!("waited for {count} messages; {} came", texts.len());
        }
        texts
    }

    fn topic(&self, topic: &str) -> String {
        format!("projects/{}/topics/{topic}", self.name)
    }

    fn subscription(&self, name: &str) -> String {
        format!("projects/{}/subscriptions/{name}", self.name)
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let names =
            std::mem::take(&mut *self.subscriptions.lock().unwrap_or_else(|e| e.into_inner()));
        // In a thread and runtime of its own: the test's may be about to end.
        let deleting = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                let client = subscriptions_client().await;
                for name in names {
                    let request = client.delete_subscription().set_subscription(name);
                    request.send().await.expect("deleted");
                }
            });
        });
        let deleted = deleting.join();
        assert!(
            deleted.is_ok() || std::thread::panicking(),
            "the test's subscriptions are deleted"
        );
    }
}

pub async fn connect(settings: PubSubSettings) -> PubSubBus {
    PubSubBus::connect(settings).await.expect("a bus")
}

pub fn message(text: &str) -> Message {
    Message {
        data: text.as_bytes().to_vec().into(),
        attributes: [("probe".to_owned(), text.to_owned())].into(),
    }
}

pub async fn publish(bus: &PubSubBus, text: &str) -> Result<MessageId, PublishError> {
    bus.publish(TOPIC, message(text)).await
}

/// The reason, if nothing can be published for the moment; panics if it can, or if it never will.
pub fn unavailable<T: std::fmt::Debug>(outcome: Result<T, PublishError>) -> String {
    match outcome {
        Err(PublishError::Unavailable {
            reason,
            retry_after,
        }) => {
            assert!((1..=2).contains(&retry_after.as_secs()), "{retry_after:?}");
            reason
        }
        other => panic!("expected that the bus is unavailable, got {other:?}"),
    }
}

fn endpoint() -> String {
    format!("http://{}", testing::pubsub_emulator())
}

fn nobody() -> Credentials {
    anonymous::Builder::new().build()
}

async fn subscriptions_client() -> SubscriptionAdmin {
    let client = SubscriptionAdmin::builder()
        .with_endpoint(endpoint())
        .with_credentials(nobody())
        .build();
    client.await.expect("a client")
}

/// What the bus' contract needs.
pub struct Harness {
    bus: Arc<PubSubBus>,
    project: Project,
}

pub async fn harness() -> Harness {
    let project = Project::new();
    Harness {
        bus: Arc::new(project.bus().await),
        project,
    }
}

#[async_trait]
impl BusHarness for Harness {
    fn bus(&self) -> Arc<dyn Bus> {
        self.bus.clone()
    }

    async fn create_topic(&self, topic: &str) {
        self.project.create_topic(topic).await;
    }

    async fn subscribe(
        &self,
        topic: &str,
        name: &str,
        endpoint: &str,
        options: SubscriptionOptions,
    ) {
        let mut retry = RetryPolicy::new();
        retry.minimum_backoff = options.retry_min.try_into().ok();
        retry.maximum_backoff = options.retry_max.try_into().ok();
        let deadline = options.ack_deadline.as_secs();
        let mut subscription = Subscription::new()
            .set_name(self.project.subscription(name))
            .set_topic(self.project.topic(topic))
            .set_push_config(PushConfig::new().set_push_endpoint(endpoint))
            .set_ack_deadline_seconds(i32::try_from(deadline).expect("a deadline"))
            .set_retry_policy(retry);
        if let Some(policy) = options.dead_letter {
            let attempts = i32::try_from(policy.max_delivery_attempts).expect("few attempts");
            subscription = subscription.set_dead_letter_policy(
                DeadLetterPolicy::new()
                    .set_dead_letter_topic(self.project.topic(&policy.topic))
                    .set_max_delivery_attempts(attempts),
            );
        }
        self.project.create_subscription(subscription).await;
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
