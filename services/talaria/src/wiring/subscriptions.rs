//! Keeps the bus' subscriptions in line with the routes file: one for each destination, one for the counter, one for
//! dead letters.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use embedded::{BusSettings, EmbeddedBus, Subscription};
use reqwest::Url;
use updater::destination::ack_deadline;
use updater::routes::Routes;

/// The counter's part of its subscription's name; no destination may have it.
const COUNTER: &str = "counter";
/// The updater's part of the name of a dead-letter topic's subscription.
const DEAD_LETTERS: &str = "updater";
const DEAD_LETTER_SUFFIX: &str = "-dead-letter";

/// Makes and drops subscriptions.
pub(super) struct Subscriptions {
    pub(super) bus: Arc<EmbeddedBus>,
    pub(super) topic: String,
    pub(super) updater: SocketAddr,
    pub(super) counter: SocketAddr,
    pub(super) defaults: BusSettings,
}

impl Subscriptions {
    pub(super) async fn make_topics(&self) -> anyhow::Result<()> {
        self.bus.create_topic(&self.topic).await?;
        Ok(self
            .bus
            .create_topic(&dead_letter_topic(&self.topic))
            .await?)
    }

    /// Subscribes every destination of the routes. A subscription whose destination is gone, or whose topic is no longer
    /// the publisher's, is dropped once it owes nothing; until then it delivers, and the updater keeps what it gets for
    /// an unknown destination as dead letters.
    pub(super) async fn bring_in_line(&self, routes: &Routes) -> anyhow::Result<()> {
        let mut wanted = BTreeMap::new();
        for destination in routes.destinations() {
            let subscription = self.of_destination(&self.topic, &destination.id, routes)?;
            wanted.insert(subscription.name.clone(), subscription);
        }
        for subscription in [
            self.of_counter(&self.topic)?,
            self.of_dead_letters(dead_letter_topic(&self.topic))?,
        ] {
            wanted.insert(subscription.name.clone(), subscription);
        }
        for backlog in self.bus.backlog().await? {
            if backlog.waiting == 0 || wanted.contains_key(&backlog.name) {
                continue;
            }
            for subscription in self.of_backlog(&backlog.name, routes)? {
                if let Some(topic) = &subscription.dead_letter_topic {
                    self.bus.create_topic(topic).await?;
                }
                wanted
                    .entry(subscription.name.clone())
                    .or_insert(subscription);
            }
        }
        let names: Vec<String> = wanted.keys().cloned().collect();
        for subscription in wanted.into_values() {
            self.bus.subscribe(subscription).await?;
        }
        self.bus.unsubscribe_others(&names).await?;
        Ok(())
    }

    /// The subscription of that name, with the one that keeps what it gives up; neither is lost with its topic's name.
    fn of_backlog(&self, name: &str, routes: &Routes) -> anyhow::Result<Vec<Subscription>> {
        let (topic, id) = name.rsplit_once('.').with_context(|| {
            format!("the subscription {name} of the bus has no topic in its name")
        })?;
        if id == DEAD_LETTERS && topic.ends_with(DEAD_LETTER_SUFFIX) {
            return Ok(vec![self.of_dead_letters(topic.to_owned())?]);
        }
        let subscription = match id {
            COUNTER => self.of_counter(topic)?,
            _ => self.of_destination(topic, id, routes)?,
        };
        let keeper = self.of_dead_letters(dead_letter_topic(topic))?;
        Ok(vec![subscription, keeper])
    }

    fn of_counter(&self, topic: &str) -> anyhow::Result<Subscription> {
        let endpoint = endpoint(self.counter, "/tally")?;
        let name = format!("{topic}.{COUNTER}");
        let mut subscription = Subscription::new(name, topic, endpoint, &self.defaults);
        subscription.dead_letter_topic = Some(dead_letter_topic(topic));
        Ok(subscription)
    }

    fn of_destination(
        &self,
        topic: &str,
        id: &str,
        routes: &Routes,
    ) -> anyhow::Result<Subscription> {
        let endpoint = endpoint(self.updater, &format!("/process-backend-update/{id}"))?;
        let name = format!("{topic}.{id}");
        let mut subscription = Subscription::new(name, topic, endpoint, &self.defaults);
        subscription.dead_letter_topic = Some(dead_letter_topic(topic));
        let mut destinations = routes.destinations();
        if let Some(destination) = destinations.find(|destination| destination.id == id) {
            subscription.ack_deadline = ack_deadline(destination.timeout);
        }
        Ok(subscription)
    }

    /// `topic` is a dead-letter topic.
    fn of_dead_letters(&self, topic: String) -> anyhow::Result<Subscription> {
        let endpoint = endpoint(self.updater, "/dead-letter")?;
        let name = format!("{topic}.{DEAD_LETTERS}");
        Ok(Subscription::new(name, topic, endpoint, &self.defaults))
    }
}

fn dead_letter_topic(topic: &str) -> String {
    format!("{topic}{DEAD_LETTER_SUFFIX}")
}

fn endpoint(service: SocketAddr, path: &str) -> anyhow::Result<Url> {
    format!("http://{service}{path}")
        .parse()
        .context("a service's address makes no URL")
}

#[cfg(test)]
mod tests;
