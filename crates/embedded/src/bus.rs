//! The bus on SQLite: messages in a journal, delivered by HTTP POST in Pub/Sub's push envelope.
//!
//! What is published is durable before it is answered, and delivered at least once: until the endpoint acknowledges
//! it, or it is moved to the dead-letter topic. Deliveries, their attempts and the time of the next
//! one are in the file, so they survive any end of the process.

mod courier;
mod delivery;
mod journal;
mod operations;
mod pace;
mod queries;
mod registry;
mod schema;
mod settings;
#[cfg(test)]
mod tests;
mod upkeep;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bus::{Bus, Message, MessageId, PublishError};
use events::Clock;
use tokio::sync::{Semaphore, watch};

use crate::OpenError;
use crate::database::Database;
use crate::error::WriteError;
use courier::Courier;
pub use operations::{JournalUnavailable, SubscribeError};
pub use queries::{StoredMessage, SubscriptionBacklog, WaitingDelivery};
use registry::Registry;
use schema::{SCHEMA, newest_message_id, start_message_ids};
pub use settings::{BusSettings, Subscription};
pub use upkeep::Purged;

/// When to publish again after the bus couldn't take a message.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// A [`Bus`] in one file, with its own deliveries.
///
/// Opening delivers nothing: the process that calls [`subscribe`](Self::subscribe) delivers, and only one may
/// ([`Ownership`](crate::Ownership)). Others may open the file to publish or to look. Dropping the bus ends its
/// deliveries where they stand; [`stop`](Self::stop) lets them finish.
pub struct EmbeddedBus {
    journal: Arc<Database>,
    registry: Arc<Registry>,
    courier: Arc<Courier>,
    clock: Arc<dyn Clock>,
    settings: BusSettings,
    queued_bytes: Arc<Semaphore>,
    stop: watch::Sender<bool>,
}

impl EmbeddedBus {
    /// Opens the journal at `path`, or makes it.
    ///
    /// `client` makes the pushes. Give it no redirects (a redirect is a refusal), no proxy, and a connect timeout well
    /// below the ack deadlines, so that an unreachable endpoint is told from a slow one.
    pub fn open(
        path: &Path,
        clock: Arc<dyn Clock>,
        client: reqwest::Client,
        settings: BusSettings,
    ) -> Result<Self, OpenError> {
        let created = clock.now();
        let journal = Database::open(path, &SCHEMA, settings.queue, |connection| {
            start_message_ids(connection, created)
        })?;
        let newest_at_start = crate::file::open_for_reading(path)
            .and_then(|connection| newest_message_id(&connection))
            .map_err(|error| OpenError::Unusable {
                path: path.to_owned(),
                reason: error.to_string(),
            })?;
        let journal = Arc::new(journal);
        let registry = Arc::new(Registry::default());
        let courier = Arc::new(Courier {
            journal: Arc::clone(&journal),
            client,
            clock: Arc::clone(&clock),
            registry: Arc::clone(&registry),
            newest_at_start,
        });
        let queued_bytes = Semaphore::new(settings.queue_bytes.clamp(1, Semaphore::MAX_PERMITS));
        Ok(Self {
            journal,
            registry,
            courier,
            clock,
            settings,
            queued_bytes: Arc::new(queued_bytes),
            stop: watch::Sender::new(false),
        })
    }

    /// Transactions committed since the file was opened; fewer than the messages they carried when those came together.
    pub fn commits(&self) -> u64 {
        self.journal.writer.commits()
    }
}

#[async_trait]
impl Bus for EmbeddedBus {
    async fn publish(&self, topic: &str, message: Message) -> Result<MessageId, PublishError> {
        let (size, limit) = (message.size(), self.settings.max_message_bytes);
        if size > limit {
            return Err(PublishError::TooLarge { size, limit });
        }
        // A message larger than the whole budget may pass alone.
        let wanted = size.clamp(1, self.settings.queue_bytes.max(1));
        let held = Arc::clone(&self.queued_bytes)
            .try_acquire_many_owned(u32::try_from(wanted).unwrap_or(u32::MAX))
            .map_err(|_| {
                unavailable(format!(
                    "{} bytes are waiting already",
                    self.settings.queue_bytes
                ))
            })?;
        let (name, now) = (topic.to_owned(), self.clock.now());
        let published = self
            .journal
            .writer
            .write_unless_full(move |connection| {
                let published = journal::publish(connection, &name, &message, now);
                drop(held);
                published
            })
            .await;
        match published {
            Ok(Some(id)) => {
                self.registry.wake(topic);
                Ok(MessageId(id.to_string()))
            }
            Ok(None) => Err(PublishError::UnknownTopic {
                topic: topic.to_owned(),
            }),
            Err(error) => Err(unavailable(error.to_string())),
        }
    }

    async fn ready(&self) -> Result<(), PublishError> {
        self.journal
            .writer
            .ready()
            .await
            .map_err(|error: WriteError| unavailable(error.to_string()))
    }
}

impl Drop for EmbeddedBus {
    fn drop(&mut self) {
        for (_, task) in self.registry.take_all() {
            task.abort();
        }
    }
}

fn unavailable(reason: String) -> PublishError {
    PublishError::Unavailable {
        reason,
        retry_after: RETRY_AFTER,
    }
}
