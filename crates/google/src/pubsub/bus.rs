//! The bus on Pub/Sub.

use std::sync::Arc;

use async_trait::async_trait;
use bus::{Bus, Message, MessageId, PublishError};
use google_cloud_pubsub::error::PublishError as ClientError;
use tokio::time::timeout;

use super::access::Access;
use super::error::{publish_error, unavailable};
use super::in_flight::InFlight;
use super::line::Line;
use super::message::google_message;
use super::readiness::Readiness;
use super::{ConnectError, PubSubSettings};

/// Publishes to the topics of one project. Every publish is bounded in time, and all together in number and bytes.
///
/// Call [`stop`](Self::stop) before dropping it: what is in flight is given up when it is dropped.
pub struct PubSubBus {
    settings: PubSubSettings,
    line: Arc<Line>,
    in_flight: InFlight,
    readiness: Readiness,
}

impl PubSubBus {
    /// Makes the clients, without asking Pub/Sub anything: it may be away when a service starts.
    pub async fn connect(settings: PubSubSettings) -> Result<Self, ConnectError> {
        let access = Access::new(&settings)?;
        Self::connect_with(access, settings).await
    }

    pub(super) async fn connect_with(
        access: Access,
        settings: PubSubSettings,
    ) -> Result<Self, ConnectError> {
        Ok(Self {
            line: Line::open(access.clone(), &settings).await?,
            in_flight: InFlight::new(&settings),
            readiness: Readiness::new(access, &settings),
            settings,
        })
    }

    /// Messages that are published and not answered.
    pub fn in_flight(&self) -> usize {
        self.in_flight.count()
    }

    /// Takes no message any more, and returns when all that were taken are answered, at the latest after the time that
    /// one publish may take.
    pub async fn stop(&self) {
        let finished = async { tokio::join!(self.in_flight.drained(), self.line.flush()) };
        if timeout(self.settings.publish_timeout, finished)
            .await
            .is_err()
        {
            tracing::warn!("Pub/Sub has not answered everything; what is left is given up");
        }
        self.in_flight.close();
    }
}

#[async_trait]
impl Bus for PubSubBus {
    async fn publish(&self, topic: &str, message: Message) -> Result<MessageId, PublishError> {
        let size = message.size();
        let message = google_message(message, self.in_flight.max_bytes())?;
        let place = self.in_flight.place_for(size)?;
        let name = self.settings.topic_name(topic);
        match self.line.publish(&name, message, place).await {
            Some(Ok(id)) => Ok(MessageId(id)),
            Some(Err(ClientError::Rpc(error))) => Err(publish_error(&error, topic, &name)),
            Some(Err(error)) => Err(unavailable(error.to_string())),
            None => Err(unavailable("Pub/Sub doesn't answer")),
        }
    }

    async fn ready(&self) -> Result<(), PublishError> {
        self.readiness.get().await
    }
}
