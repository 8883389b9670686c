//! The topics and subscriptions that a routes file needs, the same on every bus: names, endpoints, deadlines. Pure.

mod report;
#[cfg(test)]
mod tests;

use std::time::Duration;

use reqwest::Url;
use sha2::{Digest, Sha256};
use updater::destination::ack_deadline;
use updater::routes::Routes;

pub use report::{DifferenceReport, EXISTENCE, Report, ResourceReport, RoleReport, RoleState};

/// The counter's part of its subscription's name; no destination may have it.
pub const COUNTER: &str = "counter";
/// The updater's part of the name of a dead-letter topic's subscription.
pub const DEAD_LETTERS: &str = "updater";
/// What a topic's name has more when it is the topic of what was given up.
pub const DEAD_LETTER_SUFFIX: &str = "-dead-letter";
/// Stands before the hash of a filter; no destination's id has it.
const FILTER_MARK: char = '~';
/// Nothing is called for a tally or a dead letter, so the shortest deadline will do.
const USUAL_DEADLINE: Duration = Duration::from_secs(60);

/// Everything that must be known to say which subscriptions there should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscriptionPlan {
    /// The publisher's topic.
    pub topic: String,
    /// The updater's address.
    pub updater: Url,
    /// The address of the counter that tallies.
    pub counter: Url,
    /// In whose name pushes are signed; on a bus that can't sign, nobody's.
    pub push_identity: Option<PushIdentity>,
    /// How often and how long a message is delivered.
    pub redelivery: Redelivery,
}

/// In whose name pushes are signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushIdentity {
    /// E-mail address of a service account.
    pub service_account: String,
    /// The audience of all tokens; without one it is the address of the service that is pushed to.
    pub audience: Option<String>,
}

/// How often and how long a message is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redelivery {
    /// The shortest time before a refused message comes again.
    pub shortest: Duration,
    /// The longest.
    pub longest: Duration,
    /// Deliveries after which it goes to the dead-letter topic.
    pub max_attempts: u32,
    /// How long it is kept.
    pub retention: Duration,
}

impl Default for Redelivery {
    fn default() -> Self {
        Self {
            shortest: Duration::from_secs(10),
            longest: Duration::from_secs(600),
            max_attempts: 100,
            retention: Duration::from_secs(7 * 24 * 60 * 60),
        }
    }
}

/// All topics and subscriptions together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesiredState {
    /// The publisher's topic, and the one for what is given up.
    pub topics: Vec<String>,
    /// One a destination, one of the counter, one for what is given up.
    pub subscriptions: Vec<DesiredSubscription>,
}

/// A push subscription. It never expires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesiredSubscription {
    /// Short name, such as `backend-updates.loyalty`.
    pub name: String,
    /// Short name of its topic.
    pub topic: String,
    /// Where its messages are posted.
    pub endpoint: Url,
    /// The identity token of its pushes.
    pub token: Option<DesiredToken>,
    /// How long the endpoint may take to answer.
    pub ack_deadline: Duration,
    /// How often and how long a message is delivered.
    pub redelivery: Redelivery,
    /// Where messages go that were refused too often; without one they come again until they are acknowledged.
    pub dead_letter_topic: Option<String>,
    /// Which messages it gets, in Pub/Sub's own language; all without one.
    pub filter: Option<String>,
}

/// The identity token of a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesiredToken {
    /// E-mail address of a service account.
    pub service_account: String,
    /// Whom it is for.
    pub audience: String,
}

impl SubscriptionPlan {
    /// What these routes need.
    pub fn desired(&self, routes: &Routes) -> DesiredState {
        let destinations = routes.destinations();
        let mut subscriptions: Vec<_> = destinations
            .map(|destination| self.of_destination(&self.topic, &destination.id, routes))
            .collect();
        subscriptions.push(self.of_counter(&self.topic));
        let dead_letter_topic = dead_letter_topic(&self.topic);
        subscriptions.push(self.of_dead_letters(&dead_letter_topic));
        DesiredState {
            topics: vec![self.topic.clone(), dead_letter_topic],
            subscriptions,
        }
    }

    /// The subscription of a destination, which the routes may no longer have.
    pub fn of_destination(&self, topic: &str, id: &str, routes: &Routes) -> DesiredSubscription {
        let path = format!("/process-backend-update/{id}");
        let part = subscription_part(id, None);
        let mut subscription = self.to(&self.updater, &path, topic, &part);
        subscription.dead_letter_topic = Some(dead_letter_topic(topic));
        if let Some(destination) = routes.destination(id) {
            let part = subscription_part(id, destination.filter.as_deref());
            subscription.name = format!("{topic}.{part}");
            subscription.ack_deadline = ack_deadline(destination.timeout);
            subscription.filter.clone_from(&destination.filter);
        }
        subscription
    }

    /// The counter's subscription.
    pub fn of_counter(&self, topic: &str) -> DesiredSubscription {
        let mut subscription = self.to(&self.counter, "/tally", topic, COUNTER);
        subscription.dead_letter_topic = Some(dead_letter_topic(topic));
        subscription
    }

    /// The subscription that keeps what was given up. Nobody gives up what it delivers.
    pub fn of_dead_letters(&self, dead_letter_topic: &str) -> DesiredSubscription {
        self.to(
            &self.updater,
            "/dead-letter",
            dead_letter_topic,
            DEAD_LETTERS,
        )
    }

    fn to(&self, service: &Url, path: &str, topic: &str, part: &str) -> DesiredSubscription {
        let mut endpoint = service.clone();
        endpoint.set_path(&format!("{}{path}", service.path().trim_end_matches('/')));
        let token = self.push_identity.as_ref().map(|identity| DesiredToken {
            service_account: identity.service_account.clone(),
            audience: match &identity.audience {
                Some(audience) => audience.clone(),
                None => service.as_str().trim_end_matches('/').to_owned(),
            },
        });
        DesiredSubscription {
            name: format!("{topic}.{part}"),
            topic: topic.to_owned(),
            endpoint,
            token,
            ack_deadline: USUAL_DEADLINE,
            redelivery: self.redelivery,
            dead_letter_topic: None,
            filter: None,
        }
    }
}

/// The topic for what a topic's subscriptions give up.
pub fn dead_letter_topic(topic: &str) -> String {
    format!("{topic}{DEAD_LETTER_SUFFIX}")
}

/// The destination that a subscription is of, by the part of its name after the topic's.
pub fn destination_of(part: &str) -> &str {
    part.split(FILTER_MARK).next().unwrap_or(part)
}

/// A filter can't be changed, so another filter makes another subscription.
fn subscription_part(id: &str, filter: Option<&str>) -> String {
    let Some(filter) = filter else {
        return id.to_owned();
    };
    let hash: String = Sha256::digest(filter)
        .iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{id}{FILTER_MARK}{hash}")
}
