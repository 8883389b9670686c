//! The bound on what is published and not answered. Google's client queues without end, so the bound is kept here.

use std::sync::Arc;
use std::time::Duration;

use bus::PublishError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::PubSubSettings;

/// How long to wait for others to be answered.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Places for messages and for their bytes.
pub(super) struct InFlight {
    messages: Arc<Semaphore>,
    bytes: Arc<Semaphore>,
    max_messages: u32,
    max_bytes: u32,
}

/// The right to have one message in flight; it is given back when dropped.
pub(super) struct Place {
    _message: OwnedSemaphorePermit,
    _bytes: OwnedSemaphorePermit,
}

impl InFlight {
    pub(super) fn new(settings: &PubSubSettings) -> Self {
        let max_messages = places(settings.max_in_flight);
        let max_bytes = places(settings.max_bytes_in_flight);
        Self {
            messages: Arc::new(Semaphore::new(max_messages as usize)),
            bytes: Arc::new(Semaphore::new(max_bytes as usize)),
            max_messages,
            max_bytes,
        }
    }

    /// Places that are taken.
    pub(super) fn count(&self) -> usize {
        self.max_messages as usize - self.messages.available_permits()
    }

    /// The most bytes that can ever have a place.
    pub(super) fn max_bytes(&self) -> usize {
        self.max_bytes as usize
    }

    /// A place for a message of so many bytes, at once or not at all.
    pub(super) fn place_for(&self, size: usize) -> Result<Place, PublishError> {
        let messages = Arc::clone(&self.messages).try_acquire_owned();
        let bytes = Arc::clone(&self.bytes).try_acquire_many_owned(places(size));
        match (messages, bytes) {
            (Ok(message), Ok(bytes)) => Ok(Place {
                _message: message,
                _bytes: bytes,
            }),
            (Err(_), _) => Err(full(format!("{} messages", self.max_messages))),
            (_, Err(_)) => Err(full(format!("{} bytes", self.max_bytes))),
        }
    }

    /// Waits until every place is given back. From the first poll on, no place is given to anybody else.
    pub(super) async fn drained(&self) {
        // An error says that it was closed: then nothing more is to be waited for.
        let all = self.messages.acquire_many(self.max_messages).await;
        self.close();
        drop(all);
    }

    /// Gives no place any more.
    pub(super) fn close(&self) {
        self.messages.close();
    }
}

/// A semaphore counts in 32 bits.
fn places(wanted: usize) -> u32 {
    u32::try_from(wanted.min(Semaphore::MAX_PERMITS)).map_or(u32::MAX, |places| places.max(1))
}

fn full(limit: String) -> PublishError {
    PublishError::Unavailable {
        reason: format!("{limit} are being published and not answered yet, which is the bound"),
        retry_after: RETRY_AFTER,
    }
}
