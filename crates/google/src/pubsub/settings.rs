//! Which Pub/Sub, and how it is used.

use std::time::Duration;

/// Where messages are published, and what bounds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PubSubSettings {
    /// The project's id. Topics are named without it.
    pub project: String,
    /// `host:port` of the emulator; `None` for Google's own Pub/Sub.
    pub emulator_host: Option<String>,
    /// An address instead of Google's usual one, such as `https://europe-west1-pubsub.googleapis.com`. Not used where an
    /// emulator is named.
    pub endpoint: Option<String>,
    /// The longest that one publish may take, with all its repetitions. Below the 3 s that the tag waits.
    pub publish_timeout: Duration,
    /// The most messages that are published and not answered; beyond that publishing is refused at once.
    pub max_in_flight: usize,
    /// The most bytes that those messages may have together. No single message may be larger either.
    pub max_bytes_in_flight: usize,
    /// The topic that must be there, and open to us, for the bus to be ready. Without one, an answer of Pub/Sub will do.
    pub ready_topic: Option<String>,
}

impl PubSubSettings {
    /// Google's own Pub/Sub with the usual bounds.
    pub fn new(project: impl Into<String>) -> Self {
        Self {
            project: project.into(),
            emulator_host: None,
            endpoint: None,
            publish_timeout: Duration::from_millis(2_500),
            max_in_flight: 1_000,
            max_bytes_in_flight: 64 << 20,
            ready_topic: None,
        }
    }

    /// The topic's full name.
    pub(super) fn topic_name(&self, topic: &str) -> String {
        format!("projects/{}/topics/{topic}", self.project)
    }
}
