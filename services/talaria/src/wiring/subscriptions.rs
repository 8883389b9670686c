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
        Ok(self.bus.create_topic(&self.dead_letter_topic()).await?)
    }

    /// Subscribes every destination of the routes. A subscription whose destination is gone is dropped once it owes
    /// nothing; until then it delivers, and the updater keeps what it gets as dead letters.
    pub(super) async fn bring_in_line(&self, routes: &Routes) -> anyhow::Result<()> {
        let mut wanted = BTreeMap::new();
        for destination in routes.destinations() {
            let mut subscription = self.of_destination(&destination.id)?;
            subscription.ack_deadline = ack_deadline(destination.timeout);
            wanted.insert(subscription.name.clone(), subscription);
        }
        for subscription in [self.of_counter()?, self.of_dead_letters()?] {
            wanted.insert(subscription.name.clone(), subscription);
        }
        for backlog in self.bus.backlog().await? {
            if backlog.waiting == 0 || wanted.contains_key(&backlog.name) {
                continue;
            }
            if let Some(id) = backlog.name.strip_prefix(&format!("{}.", self.topic)) {
                let subscription = self.of_destination(id)?;
                wanted.insert(subscription.name.clone(), subscription);
            }
        }
        let names: Vec<String> = wanted.keys().cloned().collect();
        for subscription in wanted.into_values() {
            self.bus.subscribe(subscription).await?;
        }
        self.bus.unsubscribe_others(&names).await?;
        Ok(())
    }

    fn of_counter(&self) -> anyhow::Result<Subscription> {
        let endpoint = endpoint(self.counter, "/tally")?;
        let name = format!("{}.{COUNTER}", self.topic);
        let mut subscription = Subscription::new(name, &self.topic, endpoint, &self.defaults);
        subscription.dead_letter_topic = Some(self.dead_letter_topic());
        Ok(subscription)
    }

    fn of_destination(&self, id: &str) -> anyhow::Result<Subscription> {
        let endpoint = endpoint(self.updater, &format!("/process-backend-update/{id}"))?;
        let name = format!("{}.{id}", self.topic);
        let mut subscription = Subscription::new(name, &self.topic, endpoint, &self.defaults);
        subscription.dead_letter_topic = Some(self.dead_letter_topic());
        Ok(subscription)
    }

    fn of_dead_letters(&self) -> anyhow::Result<Subscription> {
        let topic = self.dead_letter_topic();
        let endpoint = endpoint(self.updater, "/dead-letter")?;
        Ok(Subscription::new(
            format!("{topic}.updater"),
            topic,
            endpoint,
            &self.defaults,
        ))
    }

    fn dead_letter_topic(&self) -> String {
        format!("{}-dead-letter", self.topic)
    }
}

fn endpoint(service: SocketAddr, path: &str) -> anyhow::Result<Url> {
    format!("http://{service}{path}")
        .parse()
        .context("a service's address makes no URL")
}
