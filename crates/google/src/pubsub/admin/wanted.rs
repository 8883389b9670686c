//! What topics and subscriptions there should be.

use std::time::Duration;

/// Topics, and the push subscriptions on them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedTopology {
    /// Short names of topics.
    pub topics: Vec<String>,
    /// Subscriptions of these topics.
    pub subscriptions: Vec<WantedSubscription>,
}

/// A push subscription that never expires, keeps no order and wraps its messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedSubscription {
    /// Short name, such as `backend-updates.loyalty`.
    pub name: String,
    /// Short name of its topic.
    pub topic: String,
    /// Where its messages are posted.
    pub endpoint: String,
    /// The token that pushes carry; without one they carry none.
    pub token: Option<PushToken>,
    /// How long the endpoint may take to answer; whole seconds, 10 to 600.
    pub ack_deadline: Duration,
    /// The shortest time before a refused message comes again.
    pub retry_min: Duration,
    /// The longest; at most 600 s.
    pub retry_max: Duration,
    /// Where messages go that were refused too often.
    pub dead_letter: Option<DeadLetter>,
    /// How long unacknowledged messages are kept.
    pub retention: Duration,
    /// Which messages it gets, in Pub/Sub's own language; all without one.
    pub filter: Option<String>,
}

/// The identity token of a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushToken {
    /// E-mail address of the service account in whose name it is signed.
    pub service_account: String,
    /// The audience it is for.
    pub audience: String,
}

/// When a message is given up, and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// Short name of a topic.
    pub topic: String,
    /// Deliveries after which it goes there; 5 to 100.
    pub max_delivery_attempts: u32,
}
