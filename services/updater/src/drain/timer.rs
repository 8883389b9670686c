//! Drains from time to time.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::MissedTickBehavior;

use super::Drainer;
use crate::tasks::Tasks;

/// Drains at once and then every `interval`, until aborted; a drain that has begun then goes on. Nothing if it is zero.
pub(crate) async fn drain_every(interval: Duration, drainer: Arc<Drainer>, tasks: Tasks) {
    if interval.is_zero() {
        return;
    }
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let drainer = Arc::clone(&drainer);
        let drained = tasks.run(async move { drainer.drain(None).await }).await;
        if let Some(Err(error)) = drained {
            tracing::warn!(%error, "held messages could not be worked; trying again");
        }
    }
}
