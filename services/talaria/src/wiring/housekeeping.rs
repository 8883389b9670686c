//! What is done from time to time: following the routes file, forgetting what is past its time.

use std::sync::Arc;
use std::time::Duration;

use embedded::EmbeddedStore;
use events::Clock;
use store::tallies::Tallies;
use store::{DeadLetters, DestinationReports, HeldMessages, Ledger};
use tokio::time::MissedTickBehavior;
use updater::routes::RoutesHandle;

use super::subscriptions::Subscriptions;

/// Soon, because a new destination gets only the events that are published once it has a subscription.
const ROUTES_EVERY: Duration = Duration::from_millis(200);
const FORGET_EVERY: Duration = Duration::from_secs(10 * 60);
/// What a process said that is gone for so long interests nobody.
const REPORTS_KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// Runs until aborted. What fails is logged and tried again next time.
pub(super) async fn run(
    subscriptions: Subscriptions,
    routes: Arc<RoutesHandle>,
    store: Arc<EmbeddedStore>,
    clock: Arc<dyn Clock>,
) {
    let mut look = tokio::time::interval(ROUTES_EVERY);
    let mut forget = tokio::time::interval(FORGET_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    forget.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut followed = None;
    loop {
        tokio::select! {
            _ = look.tick() => {
                let current = routes.current();
                if followed.as_ref().is_some_and(|followed| Arc::ptr_eq(followed, &current)) {
                    continue;
                }
                match subscriptions.bring_in_line(&current).await {
                    Ok(()) => followed = Some(current),
                    Err(error) => tracing::error!(error = format!("{error:#}"), "could not follow the routes file"),
                }
            }
            _ = forget.tick() => {
                if let Err(error) = forget_old(&subscriptions, &store, clock.as_ref()).await {
                    tracing::error!(error = format!("{error:#}"), "could not forget what is past its time");
                }
                // A subscription that is no longer wanted may owe nothing by now.
                followed = None;
            }
        }
    }
}

async fn forget_old(
    subscriptions: &Subscriptions,
    store: &EmbeddedStore,
    clock: &dyn Clock,
) -> anyhow::Result<()> {
    let now = clock.now();
    subscriptions.bus.purge(now).await?;
    let records = Ledger::purge(store, now).await?;
    let held = HeldMessages::purge(store, now).await?;
    let letters = DeadLetters::purge(store, now).await?;
    let tallies = Tallies::purge(store, now).await?;
    DestinationReports::purge(store, now.minus(REPORTS_KEPT)).await?;
    if held > 0 {
        tracing::error!(
            held,
            "forgot held messages whose time has passed: they were not worked for too long"
        );
    }
    if records + letters + tallies > 0 {
        tracing::info!(records, letters, tallies, "forgot what is past its time");
    }
    Ok(())
}
