//! How the bus behaves, and what a subscription asks of it.

use std::time::Duration;

use reqwest::Url;

/// The bus' limits, and the defaults of its subscriptions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusSettings {
    /// The shortest time before a refused message comes again.
    pub retry_min: Duration,
    /// The longest.
    pub retry_max: Duration,
    /// Deliveries after which a message goes to the dead-letter topic.
    pub max_delivery_attempts: u32,
    /// The most requests under way per subscription.
    pub max_in_flight: usize,
    /// How long a message is kept once every subscription has acknowledged it, from its publishing on. What a
    /// subscription still owes is kept however old it is.
    pub retention: Duration,
    /// The most messages that wait for their commit; beyond that publishing is refused for the moment.
    pub queue: usize,
    /// The most bytes that those messages may have together.
    pub queue_bytes: usize,
    /// The most bytes of one message, attributes included.
    pub max_message_bytes: usize,
    /// Where the jitter between redeliveries begins; any number will do.
    pub jitter_seed: u64,
}

impl Default for BusSettings {
    fn default() -> Self {
        Self {
            retry_min: Duration::from_secs(10),
            retry_max: Duration::from_secs(600),
            max_delivery_attempts: 100,
            max_in_flight: 64,
            retention: Duration::from_secs(7 * 24 * 60 * 60),
            queue: 10_000,
            queue_bytes: 32 << 20,
            max_message_bytes: 10_000_000,
            jitter_seed: 0,
        }
    }
}

/// A topic's messages, pushed to an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Short name, such as `backend-updates.loyalty`.
    pub name: String,
    /// The topic whose messages it gets, from the moment it exists.
    pub topic: String,
    /// Where its messages are posted.
    pub endpoint: Url,
    /// How long the endpoint may take to answer; after that the message counts as refused.
    pub ack_deadline: Duration,
    /// The shortest time before a refused message comes again.
    pub retry_min: Duration,
    /// The longest.
    pub retry_max: Duration,
    /// The most requests under way.
    pub max_in_flight: usize,
    /// Deliveries after which a message goes to the dead-letter topic.
    pub max_delivery_attempts: u32,
    /// Where messages go that were refused too often; without one they are delivered until they are acknowledged.
    pub dead_letter_topic: Option<String>,
}

impl Subscription {
    /// A subscription with the bus' defaults, an ack deadline of a minute and no dead-letter topic.
    pub fn new(
        name: impl Into<String>,
        topic: impl Into<String>,
        endpoint: Url,
        defaults: &BusSettings,
    ) -> Self {
        Self {
            name: name.into(),
            topic: topic.into(),
            endpoint,
            ack_deadline: Duration::from_secs(60),
            retry_min: defaults.retry_min,
            retry_max: defaults.retry_max,
            max_in_flight: defaults.max_in_flight,
            max_delivery_attempts: defaults.max_delivery_attempts,
            dead_letter_topic: None,
        }
    }
}
