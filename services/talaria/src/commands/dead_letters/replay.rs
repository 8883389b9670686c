//! `talaria dead-letters replay`: letters go on their way again, as idempotent as any delivery.

mod report;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use counter::{BusReplayer, ReplayOrder, ReplaySelection};
use events::Timestamp;

use super::ReplayArguments;
use crate::commands::kept;
use crate::invocation::{Completion, Invocation};
use crate::output;

const TOLD_EVERY: u64 = 100;

/// Replays what the arguments select.
pub(super) async fn run(
    invocation: &Invocation,
    arguments: &ReplayArguments,
) -> anyhow::Result<Completion> {
    let settings = invocation.settings()?;
    let store = Arc::new(kept::store(&settings)?);
    let replayer = BusReplayer {
        ledger: store.clone(),
        dead_letters: store,
        bus: Arc::new(kept::bus(&settings, invocation.clock.clone())?),
        clock: Arc::clone(&invocation.clock),
        topic: settings.publisher.topic.clone(),
    };
    let order = order(arguments, invocation.clock.now());
    let mut progress = output::Progress::new(TOLD_EVERY);
    let report = replayer
        .replay_letters(&order, || progress.step("letters replayed"))
        .await?;
    progress.finish();
    if arguments.json {
        output::json(&report)?;
    } else {
        report::print(&report)?;
    }
    Ok(Completion::of(report.left_alone.is_empty()))
}

/// Letters that are named speak over what the other options select.
fn order(arguments: &ReplayArguments, now: Timestamp) -> ReplayOrder {
    let selection = if arguments.ids.is_empty() {
        ReplaySelection::Filter(arguments.selection.filter(now, usize::MAX))
    } else {
        ReplaySelection::Ids(arguments.ids.clone())
    };
    ReplayOrder {
        selection,
        dry_run: arguments.dry_run,
        letters_per_second: arguments.rate,
        accept_duplicates: arguments.accept_duplicates,
    }
}
