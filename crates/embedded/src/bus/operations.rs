//! What the process that runs the bus does with it: topics, subscriptions, delivering again, forgetting, stopping.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use events::Timestamp;
use rusqlite::Connection;
use tokio::sync::{Notify, watch};

use super::EmbeddedBus;
use super::delivery::{Delivery, Signals};
use super::journal::{create_subscription, create_topic, topic_exists};
use super::queries::{StoredMessage, SubscriptionBacklog, backlog, find_messages};
use super::registry::Running;
use super::settings::Subscription;
use super::upkeep::{Place, Purged, purge_some, seek, unsubscribe_others};
use crate::error::{StorageError, WriteError};

/// The journal can't be read or written now; ask again later.
#[derive(Debug, thiserror::Error)]
#[error("the bus' journal is not available: {reason}")]
pub struct JournalUnavailable {
    /// For the operator's log.
    pub reason: String,
}

/// Why there is no such subscription.
#[derive(Debug, thiserror::Error)]
pub enum SubscribeError {
    /// The topic, or the dead-letter topic, must be made first.
    #[error("the bus has no topic {topic}: create it before {subscription} subscribes to it")]
    UnknownTopic {
        /// The missing topic.
        topic: String,
        /// Who wants it.
        subscription: String,
    },
    /// A subscription keeps its topic for life.
    #[error(
        "the subscription {subscription} belongs to topic {topic}: give the new one another name"
    )]
    OtherTopic {
        /// The subscription's name.
        subscription: String,
        /// The topic it has.
        topic: String,
    },
    /// The journal failed.
    #[error(transparent)]
    Unavailable(#[from] JournalUnavailable),
}

enum Subscribed {
    As(i64),
    UnknownTopic(String),
    OtherTopic(String),
}

impl EmbeddedBus {
    /// Makes a topic; one that exists stays as it is.
    pub async fn create_topic(&self, topic: &str) -> Result<(), JournalUnavailable> {
        let (topic, now) = (topic.to_owned(), self.clock.now());
        self.write(move |connection| create_topic(connection, &topic, now))
            .await
    }

    /// Makes a subscription and begins to deliver it. One that exists keeps its backlog and takes the new options,
    /// also while it delivers.
    pub async fn subscribe(&self, subscription: Subscription) -> Result<(), SubscribeError> {
        let (asked, now) = (subscription.clone(), self.clock.now());
        let subscribed = self
            .write(move |connection| record_subscription(connection, &asked, now))
            .await?;
        match subscribed {
            Subscribed::As(id) => {
                self.registry
                    .start_or_update(Arc::new(subscription), |options| self.start(id, options));
                Ok(())
            }
            Subscribed::UnknownTopic(topic) => Err(SubscribeError::UnknownTopic {
                topic,
                subscription: subscription.name,
            }),
            Subscribed::OtherTopic(topic) => Err(SubscribeError::OtherTopic {
                subscription: subscription.name,
                topic,
            }),
        }
    }

    /// Drops every subscription of the file that is not among `names`, with what it still owed; the log says how much.
    /// Returns the dropped ones' names.
    pub async fn unsubscribe_others(
        &self,
        names: &[String],
    ) -> Result<Vec<String>, JournalUnavailable> {
        let kept = names.to_owned();
        let dropped = self
            .write(move |connection| unsubscribe_others(connection, &kept))
            .await?;
        for (subscription, messages) in &dropped {
            self.registry.abort(subscription);
            tracing::warn!(
                subscription,
                messages,
                "subscription dropped with the messages it had not delivered"
            );
        }
        Ok(dropped.into_iter().map(|(name, _)| name).collect())
    }

    /// Owes a subscription every kept message of its topic published at `since` or later, acknowledged or not; what is
    /// older stays as it is. Returns how many, or `None` if there is no such subscription.
    pub async fn seek(
        &self,
        subscription: &str,
        since: Timestamp,
    ) -> Result<Option<u64>, JournalUnavailable> {
        let (name, now) = (subscription.to_owned(), self.clock.now());
        let due_again = self
            .write(move |connection| seek(connection, &name, since, now))
            .await?;
        self.registry.wake_subscription(subscription);
        Ok(due_again)
    }

    /// Forgets messages older than the retention at `now` that no subscription owes any more; what is owed is kept,
    /// however old. The log says how many.
    pub async fn purge(&self, now: Timestamp) -> Result<Purged, JournalUnavailable> {
        let limit = now.minus(self.settings.retention);
        let mut purged = Purged::default();
        let mut place = Some(Place::START);
        while let Some(after) = place {
            let (some, next) = self
                .write(move |connection| purge_some(connection, limit, after))
                .await?;
            purged.messages += some.messages;
            purged.owed += some.owed;
            place = next;
        }
        if purged.owed > 0 {
            tracing::warn!(
                purged.owed,
                "messages past their retention are kept, because a subscription has not delivered them yet: see why its \
                 endpoint doesn't take them"
            );
        }
        if purged.messages > 0 {
            tracing::info!(purged.messages, "forgot messages past their retention");
        }
        Ok(purged)
    }

    /// Every kept message with that `eventId` attribute, oldest first.
    pub async fn find_messages(
        &self,
        event_id: &str,
    ) -> Result<Vec<StoredMessage>, JournalUnavailable> {
        let event_id = event_id.to_owned();
        self.read(move |connection| find_messages(connection, &event_id))
            .await
    }

    /// How far behind each subscription is, by name.
    pub async fn backlog(&self) -> Result<Vec<SubscriptionBacklog>, JournalUnavailable> {
        let mut subscriptions = self.read(backlog).await?;
        for subscription in &mut subscriptions {
            subscription.in_flight = self.registry.in_flight(&subscription.name);
        }
        Ok(subscriptions)
    }

    /// Starts no more deliveries, gives those under way `limit` to finish, and answers once everything is durable.
    /// What didn't finish is delivered again after the next start. Publishing is refused from the end of the wait on.
    pub async fn stop(&self, limit: Duration) -> Result<(), JournalUnavailable> {
        self.stop.send_replace(true);
        let deadline = tokio::time::Instant::now() + limit;
        for (subscription, mut task) in self.registry.take_all() {
            if tokio::time::timeout_at(deadline, &mut task).await.is_err() {
                task.abort();
                tracing::warn!(
                    subscription,
                    "deliveries under way were cut off; their messages come again"
                );
            }
        }
        self.journal.writer.close().await.map_err(unavailable)
    }

    fn start(&self, id: i64, options: Arc<Subscription>) -> Running {
        let (wake, in_flight) = (Arc::new(Notify::new()), Arc::new(AtomicUsize::new(0)));
        // The id keeps subscriptions that are refused together from drawing the same jitter.
        let seed = self.settings.jitter_seed.wrapping_add(id.unsigned_abs());
        let options = watch::Sender::new(options);
        let signals = Signals {
            options: options.subscribe(),
            wake: Arc::clone(&wake),
            stop: self.stop.subscribe(),
            in_flight: Arc::clone(&in_flight),
        };
        let courier = Arc::clone(&self.courier);
        let delivery = Delivery::new(id, courier, signals, fastrand::Rng::with_seed(seed));
        Running {
            options,
            wake,
            in_flight,
            task: tokio::spawn(delivery.run()),
        }
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, JournalUnavailable> {
        self.journal.writer.write(work).await.map_err(unavailable)
    }

    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, JournalUnavailable> {
        let read = self.journal.readers.read(work).await;
        read.map_err(|error| JournalUnavailable {
            reason: error.to_string(),
        })
    }
}

fn record_subscription(
    connection: &Connection,
    asked: &Subscription,
    now: Timestamp,
) -> Result<Subscribed, StorageError> {
    for topic in std::iter::once(&asked.topic).chain(&asked.dead_letter_topic) {
        if !topic_exists(connection, topic)? {
            return Ok(Subscribed::UnknownTopic(topic.clone()));
        }
    }
    let (id, topic) = create_subscription(connection, &asked.name, &asked.topic, now)?;
    if topic != asked.topic {
        return Ok(Subscribed::OtherTopic(topic));
    }
    Ok(Subscribed::As(id))
}

fn unavailable(error: WriteError) -> JournalUnavailable {
    JournalUnavailable {
        reason: error.to_string(),
    }
}
