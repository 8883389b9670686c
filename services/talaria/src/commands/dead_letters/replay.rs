//! `talaria dead-letters replay`: letters go on their way again, as idempotent as any delivery.

mod from_page;
mod letter;
mod replayer;
mod report;

use super::ReplayArguments;
use crate::commands::kept;
use crate::invocation::{Completion, Invocation};
use crate::output;
pub(crate) use from_page::PageReplayer;
#[cfg(test)]
pub(super) use letter::objection;
pub(super) use replayer::Replayer;
pub(super) use report::Report;

/// Replays what the arguments select.
pub(super) async fn run(
    invocation: &Invocation,
    arguments: &ReplayArguments,
) -> anyhow::Result<Completion> {
    let settings = invocation.settings()?;
    let store = kept::store(&settings)?;
    let bus = kept::bus(&settings, invocation.clock.clone())?;
    let replayer = Replayer {
        ledger: &store,
        dead_letters: &store,
        bus: &bus,
        clock: &invocation.clock,
        topic: &settings.publisher.topic,
    };
    let report = replayer.replay(arguments).await?;
    if arguments.json {
        output::json(&report)?;
    } else {
        report::print(&report)?;
    }
    Ok(Completion::of(report.left_alone.is_empty()))
}
