//! What a backend brings to the contract's tests.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use crate::{Bus, Push, PushPayload};

/// A bus under test. Each test gets a fresh one.
#[async_trait]
pub trait BusHarness: Send + Sync {
    /// The bus.
    fn bus(&self) -> Arc<dyn Bus>;

    /// A name that no other test uses, where the backend outlives a test.
    fn unique(&self, name: &str) -> String {
        name.to_owned()
    }

    /// Makes a topic.
    async fn create_topic(&self, topic: &str);

    /// Makes a push subscription; panics if that fails.
    async fn subscribe(
        &self,
        topic: &str,
        name: &str,
        endpoint: &str,
        options: SubscriptionOptions,
    );

    /// Starts an HTTP server on loopback.
    async fn endpoint(&self) -> Arc<dyn PushEndpoint>;
}

/// The status for a request with this body.
pub type Answer = Box<dyn Fn(&[u8]) -> u16 + Send + Sync>;

/// Whether these bodies are what a test waits for.
pub type Enough = Box<dyn Fn(&[Bytes]) -> bool + Send + Sync>;

/// An HTTP server that records what is posted to it.
#[async_trait]
pub trait PushEndpoint: Send + Sync {
    /// Where to push.
    fn url(&self) -> String;

    /// From now on, requests are answered with what `answer` says; with 204 until then.
    fn answer_with(&self, answer: Answer);

    /// Waits until the bodies so far satisfy `enough`, and returns them, oldest first. Panics when that takes too long.
    async fn wait_until(&self, what: &str, enough: Enough) -> Vec<Bytes>;
}

/// How the tests want a subscription to be.
#[derive(Clone, Debug)]
pub struct SubscriptionOptions {
    /// How long an endpoint may take.
    pub ack_deadline: Duration,
    /// The shortest time before a refused message comes again.
    pub retry_min: Duration,
    /// The longest.
    pub retry_max: Duration,
    /// When and where to give up.
    pub dead_letter: Option<DeadLetterPolicy>,
}

/// When and where a subscription gives up on a message.
#[derive(Clone, Debug)]
pub struct DeadLetterPolicy {
    /// Where to.
    pub topic: String,
    /// After how many deliveries.
    pub max_delivery_attempts: u32,
}

impl Default for SubscriptionOptions {
    fn default() -> Self {
        Self {
            ack_deadline: Duration::from_secs(10),
            retry_min: Duration::from_millis(100),
            retry_max: Duration::from_millis(200),
            dead_letter: None,
        }
    }
}

/// Waits for `count` pushes and reads them.
pub(super) async fn pushes(endpoint: &dyn PushEndpoint, count: usize) -> Vec<Push> {
    let bodies = endpoint
        .wait_until(
            &format!("{count} pushes"),
            Box::new(move |bodies| bodies.len() >= count),
        )
        .await;
    bodies
        .iter()
        .map(|body| Push::from_body(body).expect("what is posted is a push"))
        .collect()
}

/// The decoded payload.
pub(super) fn data(push: &Push) -> &[u8] {
    match &push.payload {
        PushPayload::Decoded(data) => data,
        PushPayload::NotBase64(text) => panic!("the payload is no base64: {text}"),
    }
}
