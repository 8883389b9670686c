//! Keeps the bus' subscriptions in line with the routes file: one for each destination, one for the counter, one for
//! dead letters.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use embedded::{BusSettings, EmbeddedBus, Subscription};
use reqwest::Url;
use updater::routes::Routes;

use crate::subscriptions::{
    COUNTER, DEAD_LETTER_SUFFIX, DEAD_LETTERS, DesiredSubscription, Redelivery, SubscriptionPlan,
    dead_letter_topic, destination_of,
};

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
        let plan = self.plan()?;
        let mut wanted = BTreeMap::new();
        for desired in plan.desired(routes).subscriptions {
            wanted.insert(desired.name.clone(), self.embedded(desired));
        }
        for backlog in self.bus.backlog().await? {
            if backlog.waiting == 0 || wanted.contains_key(&backlog.name) {
                continue;
            }
            for desired in of_backlog(&plan, &backlog.name, routes)? {
                let subscription = self.embedded(desired);
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

    fn plan(&self) -> anyhow::Result<SubscriptionPlan> {
        Ok(SubscriptionPlan {
            topic: self.topic.clone(),
            updater: base(self.updater)?,
            counter: base(self.counter)?,
            // Pushes stay within this process.
            push_identity: None,
            redelivery: Redelivery {
                shortest: self.defaults.retry_min,
                longest: self.defaults.retry_max,
                max_attempts: self.defaults.max_delivery_attempts,
                retention: self.defaults.retention,
            },
        })
    }

    /// The embedded bus knows no filters: it delivers everything, and the updater acknowledges what no route wants.
    fn embedded(&self, desired: DesiredSubscription) -> Subscription {
        Subscription {
            name: desired.name,
            topic: desired.topic,
            endpoint: desired.endpoint,
            ack_deadline: desired.ack_deadline,
            retry_min: desired.redelivery.shortest,
            retry_max: desired.redelivery.longest,
            max_in_flight: self.defaults.max_in_flight,
            max_delivery_attempts: desired.redelivery.max_attempts,
            dead_letter_topic: desired.dead_letter_topic,
        }
    }
}

/// The subscription of that name, with the one that keeps what it gives up; neither is lost with its topic's name.
fn of_backlog(
    plan: &SubscriptionPlan,
    name: &str,
    routes: &Routes,
) -> anyhow::Result<Vec<DesiredSubscription>> {
    let (topic, part) = name
        .rsplit_once('.')
        .with_context(|| format!("the subscription {name} of the bus has no topic in its name"))?;
    if part == DEAD_LETTERS && topic.ends_with(DEAD_LETTER_SUFFIX) {
        return Ok(vec![plan.of_dead_letters(topic)]);
    }
    let mut subscription = match part {
        COUNTER => plan.of_counter(topic),
        _ => plan.of_destination(topic, destination_of(part), routes),
    };
    // What waits under the name of an earlier filter is delivered under it.
    name.clone_into(&mut subscription.name);
    let keeper = plan.of_dead_letters(&dead_letter_topic(topic));
    Ok(vec![subscription, keeper])
}

fn base(service: SocketAddr) -> anyhow::Result<Url> {
    format!("http://{service}")
        .parse()
        .context("a service's address makes no URL")
}

#[cfg(test)]
mod tests;
