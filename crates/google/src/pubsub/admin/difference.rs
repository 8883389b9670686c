//! How what is there differs from what is wanted, as data.

use std::fmt;

/// Everything wanted, compared with what is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// Topics first, then subscriptions, in the order in which they are wanted; last the event lake's, where there is one.
    pub resources: Vec<ComparedResource>,
    /// Short names of push subscriptions of the topics whose names begin with `{topic}.` and that nobody wants.
    pub unwanted: Vec<String>,
}

impl Comparison {
    /// Every difference of every resource.
    pub fn differences(&self) -> impl Iterator<Item = &Difference> {
        self.resources
            .iter()
            .flat_map(|compared| &compared.differences)
    }
}

/// One resource that is wanted, or a lake that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparedResource {
    /// Which.
    pub resource: Resource,
    /// None if it is as wanted; one, [`Field::Existence`], if there is no such resource.
    pub differences: Vec<Difference>,
}

impl ComparedResource {
    /// Whether there is such a resource.
    pub fn exists(&self) -> bool {
        let mut differences = self.differences.iter();
        differences.all(|difference| difference.field != Field::Existence)
    }
}

/// A topic or a subscription, by its short name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resource {
    /// A topic.
    Topic(String),
    /// A subscription.
    Subscription(String),
}

impl Resource {
    /// Its short name.
    pub fn name(&self) -> &str {
        match self {
            Self::Topic(name) | Self::Subscription(name) => name,
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Topic(name) => write!(formatter, "topic {name}"),
            Self::Subscription(name) => write!(formatter, "subscription {name}"),
        }
    }
}

/// One thing about a resource that is not as wanted. The texts are for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Of which resource.
    pub resource: Resource,
    /// What about it.
    pub field: Field,
    /// How it should be.
    pub wanted: String,
    /// How it is.
    pub found: String,
}

/// What can differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// Whether there is such a resource.
    Existence,
    /// Whether a dead-letter topic has a subscription; without one its messages are lost.
    Subscribers,
    /// The topic of a subscription; Pub/Sub lets a deleted topic's subscriptions live on, with nothing to deliver.
    Topic,
    /// Whether a subscription was cut off from its topic.
    Detached,
    /// How messages leave a subscription: by push, to BigQuery, to Cloud Storage, to Bigtable.
    Delivery,
    /// Whether BigQuery takes what is written to it.
    State,
    /// Where messages are pushed.
    Endpoint,
    /// Whether pushes come in Pub/Sub's envelope.
    Envelope,
    /// The service account of the pushes' token.
    TokenAccount,
    /// The audience of the pushes' token.
    TokenAudience,
    /// The time an endpoint has for its answer.
    AckDeadline,
    /// The times before a refused message comes again.
    RetryPolicy,
    /// Where messages go that were refused too often.
    DeadLetterTopic,
    /// Deliveries after which they go there.
    DeadLetterAttempts,
    /// How long unacknowledged messages are kept.
    Retention,
    /// After what time without use the subscription is deleted.
    Expiration,
    /// Which messages the subscription gets.
    Filter,
    /// Whether messages with the same key are delivered in order, which holds all of them up behind one.
    Ordering,
    /// Whether each message is delivered once, which is for pulling alone.
    ExactlyOnce,
}

impl Field {
    /// The path by which an update names it; none for what can't be updated.
    pub(super) fn update_path(self) -> Option<&'static str> {
        match self {
            Self::Endpoint | Self::Envelope | Self::TokenAccount | Self::TokenAudience => {
                Some("push_config")
            }
            Self::AckDeadline => Some("ack_deadline_seconds"),
            Self::RetryPolicy => Some("retry_policy"),
            Self::DeadLetterTopic | Self::DeadLetterAttempts => Some("dead_letter_policy"),
            Self::Retention => Some("message_retention_duration"),
            Self::Expiration => Some("expiration_policy"),
            Self::ExactlyOnce => Some("enable_exactly_once_delivery"),
            Self::Existence
            | Self::Subscribers
            | Self::Topic
            | Self::Detached
            | Self::Delivery
            | Self::State
            | Self::Filter
            | Self::Ordering => None,
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Existence => "existence",
            Self::Subscribers => "subscribers",
            Self::Topic => "topic",
            Self::Detached => "attachment",
            Self::Delivery => "delivery",
            Self::State => "state",
            Self::Endpoint => "push endpoint",
            Self::Envelope => "push envelope",
            Self::TokenAccount => "service account of pushes",
            Self::TokenAudience => "audience of pushes",
            Self::AckDeadline => "ack deadline",
            Self::RetryPolicy => "retry policy",
            Self::DeadLetterTopic => "dead-letter topic",
            Self::DeadLetterAttempts => "delivery attempts",
            Self::Retention => "retention",
            Self::Expiration => "expiration",
            Self::Filter => "filter",
            Self::Ordering => "ordering",
            Self::ExactlyOnce => "exactly-once delivery",
        })
    }
}
