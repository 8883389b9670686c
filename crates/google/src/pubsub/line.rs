//! The connection in use, replaced when it has gone silent: a connection whose other end is gone without a word would
//! otherwise be used until the system gives it up, which takes a quarter of an hour.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, Weak};
use std::time::Duration;

use google_cloud_pubsub::error::PublishError as ClientError;
use google_cloud_pubsub::model::Message;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::access::Access;
use super::connection::Connection;
use super::error::status;
use super::in_flight::Place;
use super::{ConnectError, PubSubSettings};

/// The way to Pub/Sub.
pub(super) struct Line {
    access: Access,
    publish_timeout: Duration,
    current: RwLock<Arc<Leg>>,
    is_replacing: AtomicBool,
    /// Where replacements are made: the connection's own runtime ends with it.
    home: Handle,
}

/// One connection, and whether it has been heard of.
struct Leg {
    connection: Connection,
    answers: Arc<AtomicU64>,
}

/// What one publish is watched with. It keeps no connection alive.
struct Watch {
    line: Weak<Line>,
    leg: Weak<Leg>,
    answers: Arc<AtomicU64>,
    answers_before: u64,
}

impl Line {
    /// Makes the first connection.
    pub(super) async fn open(
        access: Access,
        settings: &PubSubSettings,
    ) -> Result<Arc<Self>, ConnectError> {
        let publish_timeout = settings.publish_timeout;
        Ok(Arc::new(Self {
            current: RwLock::new(Leg::open(access.clone(), publish_timeout).await?),
            access,
            publish_timeout,
            is_replacing: AtomicBool::new(false),
            home: Handle::current(),
        }))
    }

    /// Publishes to the topic with this full name; `None` if there is no answer in time. `place` is kept until Google's
    /// client is done with the message, also when nobody waits for the answer any more.
    pub(super) async fn publish(
        self: &Arc<Self>,
        name: &str,
        message: Message,
        place: Place,
    ) -> Option<Result<String, ClientError>> {
        let leg = self.current();
        let watch = Watch::new(self, &leg);
        let mut published = leg.connection.publisher(name).publish(message);
        let (sender, answer) = oneshot::channel();
        let limit = self.publish_timeout;
        leg.connection.spawn(async move {
            let outcome = timeout(limit, &mut published).await.ok();
            watch.heard(outcome.as_ref());
            // Whoever has got his answer finds room for the next message. A message without answer keeps its place.
            let kept = outcome.is_none().then_some(place);
            // The caller may have gone away.
            let _ = sender.send(outcome);
            if kept.is_some() {
                let _ = published.await;
            }
        });
        drop(leg);
        // Nothing is sent when the connection was given up with all that was in its hands.
        answer.await.ok().flatten()
    }

    /// Sends what waits, and returns when it is answered.
    pub(super) async fn flush(&self) {
        self.current().connection.flush().await;
    }

    fn current(&self) -> Arc<Leg> {
        let current = self.current.read();
        Arc::clone(&current.unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes a new connection instead of `silent`, unless that has been done.
    fn replace(self: Arc<Self>, silent: &Weak<Leg>) {
        if !std::ptr::eq(Arc::as_ptr(&self.current()), silent.as_ptr())
            || self.is_replacing.swap(true, Ordering::AcqRel)
        {
            return;
        }
        let home = self.home.clone();
        home.spawn(async move {
            match Leg::open(self.access.clone(), self.publish_timeout).await {
                Ok(leg) => {
                    tracing::warn!("Pub/Sub was silent; the connection is replaced");
                    let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
                    let silent = std::mem::replace(&mut *current, leg);
                    drop(current);
                    drop(silent);
                }
                Err(error) => {
                    tracing::error!(%error, "Pub/Sub was silent; the connection can't be replaced");
                }
            }
            self.is_replacing.store(false, Ordering::Release);
        });
    }
}

impl Leg {
    async fn open(access: Access, publish_timeout: Duration) -> Result<Arc<Self>, ConnectError> {
        // A little less, so that the client's own reason for giving up is heard in time.
        let retry_limit = publish_timeout.mul_f64(0.9);
        Ok(Arc::new(Self {
            connection: Connection::open(access, retry_limit).await?,
            answers: Arc::default(),
        }))
    }
}

impl Watch {
    fn new(line: &Arc<Line>, leg: &Arc<Leg>) -> Self {
        Self {
            line: Arc::downgrade(line),
            leg: Arc::downgrade(leg),
            answers: Arc::clone(&leg.answers),
            answers_before: leg.answers.load(Ordering::Relaxed),
        }
    }

    /// Takes note of an answer. Without one, the connection is given up, unless others got one meanwhile.
    fn heard(&self, outcome: Option<&Result<String, ClientError>>) {
        let is_answer = outcome.is_some_and(|outcome| match outcome {
            Ok(_) => true,
            Err(ClientError::Rpc(error)) => status(error).is_some(),
            Err(_) => false,
        });
        if is_answer {
            self.answers.fetch_add(1, Ordering::Relaxed);
        } else if self.answers.load(Ordering::Relaxed) == self.answers_before
            && let Some(line) = self.line.upgrade()
        {
            line.replace(&self.leg);
        }
    }
}
