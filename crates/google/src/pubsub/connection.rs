//! One connection to Pub/Sub with everything that runs for it, so that it can be given up whole.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use google_cloud_gax::exponential_backoff::ExponentialBackoffBuilder;
use google_cloud_gax::retry_policy::RetryPolicyExt;
use google_cloud_pubsub::client::{BasePublisher, Publisher};
use google_cloud_pubsub::retry_policy::RetryableErrors;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use super::ConnectError;
use super::access::Access;

/// Messages wait so long for others to travel with; alone, each pays it.
const BATCH_DELAY: Duration = Duration::from_millis(1);
const BATCH_MESSAGES: u32 = 100;
/// The shortest and longest pause before Google's client repeats a request.
const PAUSES: [Duration; 2] = [Duration::from_millis(50), Duration::from_millis(400)];

/// A publisher for each topic on one connection.
pub(super) struct Connection {
    client: BasePublisher,
    publishers: Mutex<HashMap<String, Publisher>>,
    engine: Engine,
}

/// The runtime of one connection. Google's client has no way to end what it has begun, and can wait for a connection
/// without end; when this is dropped, all of that ends.
///
/// It also keeps the client apart from the runtime of whoever publishes first: actix-web has one a worker, and they end
/// before the last message is flushed.
struct Engine(Option<Runtime>);

impl Connection {
    /// Makes the clients. Connects when first used, so it succeeds where nobody listens.
    pub(super) async fn open(access: Access, retry_limit: Duration) -> Result<Self, ConnectError> {
        let engine = Engine::start()?;
        let opening = engine.spawn(async move { client(access, retry_limit).await });
        let client = opening
            .await
            .map_err(|error| client_error(&error))?
            .map_err(|error| match error.is_default_credentials() {
                true => ConnectError::Credentials {
                    reason: error.to_string(),
                },
                false => client_error(&error),
            })?;
        Ok(Self {
            client,
            publishers: Mutex::default(),
            engine,
        })
    }

    /// The publisher of the topic with this full name.
    pub(super) fn publisher(&self, name: &str) -> Publisher {
        match self.publishers().entry(name.to_owned()) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(unknown) => {
                // Building starts a task.
                let _inside = self.engine.0.as_ref().map(Runtime::enter);
                let publisher = self
                    .client
                    .publisher(name)
                    .set_delay_threshold(BATCH_DELAY)
                    .set_message_count_threshold(BATCH_MESSAGES)
                    .build();
                unknown.insert(publisher).clone()
            }
        }
    }

    /// Runs `task` for as long as the connection lives.
    pub(super) fn spawn<F>(&self, task: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        self.engine.spawn(task)
    }

    /// Sends what waits for others to travel with, and returns when all of it is answered.
    pub(super) async fn flush(&self) {
        let publishers: Vec<_> = self.publishers().values().cloned().collect();
        join_all(publishers.iter().map(Publisher::flush)).await;
    }

    fn publishers(&self) -> std::sync::MutexGuard<'_, HashMap<String, Publisher>> {
        self.publishers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine {
    fn start() -> Result<Self, ConnectError> {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("pubsub")
            .enable_all()
            .build()
            .map(|runtime| Self(Some(runtime)))
            .map_err(|error| client_error(&error))
    }

    fn spawn<F>(&self, task: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        let runtime = self.0.as_ref();
        runtime
            .expect("it is taken out only when dropped")
            .spawn(task)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

async fn client(
    access: Access,
    retry_limit: Duration,
) -> google_cloud_gax::client_builder::Result<BasePublisher> {
    let [shortest, longest] = PAUSES;
    let pauses = ExponentialBackoffBuilder::new()
        .with_initial_delay(shortest)
        .with_maximum_delay(longest)
        .clamp();
    let mut builder = BasePublisher::builder()
        .with_credentials(access.credentials)
        .with_retry_policy(RetryableErrors.with_time_limit(retry_limit))
        .with_backoff_policy(pauses);
    if let Some(endpoint) = access.endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    builder.build().await
}

fn client_error(error: &dyn std::error::Error) -> ConnectError {
    ConnectError::Client {
        reason: error.to_string(),
    }
}
