//! How much is held for each destination, for whoever watches from outside. Every process looks for itself: one that only
//! told what its own last drain left would go on telling it while others drain.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use events::Clock;
use store::{HeldBacklog, HeldMessages};
use telemetry::Metrics;
use tokio::time::MissedTickBehavior;

use crate::routes::RoutesHandle;
use crate::startup::Dependencies;

/// As often as metrics are sent by default.
const INTERVAL: Duration = Duration::from_secs(60);

/// Tells how much is held. One a process.
pub(crate) struct HeldLevels {
    metrics: Metrics,
    held_messages: Arc<dyn HeldMessages>,
    routes: Arc<RoutesHandle>,
    clock: Arc<dyn Clock>,
    /// Destinations of which something was told: each is told of again once nothing is held, or its old level would stay.
    told: Mutex<BTreeSet<String>>,
}

impl HeldLevels {
    pub(crate) fn of(dependencies: &Dependencies, routes: &Arc<RoutesHandle>) -> Self {
        Self {
            metrics: dependencies.telemetry.metrics().clone(),
            held_messages: Arc::clone(&dependencies.held_messages),
            routes: Arc::clone(routes),
            clock: Arc::clone(&dependencies.clock),
            told: Mutex::default(),
        }
    }

    /// Tells of a backlog that was just read.
    pub(crate) fn tell(&self, backlog: &[HeldBacklog]) {
        if !self.metrics.is_on() {
            return;
        }
        let now = self.clock.now();
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let routes = self.routes.current();
        told.extend(routes.destinations().map(|it| it.id.clone()));
        told.extend(backlog.iter().map(|it| it.destination.clone()));
        for destination in told.iter() {
            let held = backlog.iter().find(|it| it.destination == *destination);
            let count = held.map_or(0, |held| held.count);
            let age = held.map_or(Duration::ZERO, |held| now.since(held.oldest));
            self.metrics.held(destination, count, age);
        }
    }

    /// Looks at once and then every minute, until aborted. Nothing if nobody counts.
    pub(crate) async fn watch(self: Arc<Self>) {
        if !self.metrics.is_on() {
            return;
        }
        let mut ticks = tokio::time::interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            match self.held_messages.backlog().await {
                Ok(backlog) => self.tell(&backlog),
                Err(error) => {
                    tracing::warn!(%error, "what is held could not be counted; trying again");
                }
            }
        }
    }
}
