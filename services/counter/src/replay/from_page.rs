//! Replays that are asked for on the page: the same steps, the same objections.

use async_trait::async_trait;

use super::{BusReplayer, ReplayOrder, ReplayReport};
use crate::replayer::{ReplayError, ReplayOutcome, ReplayRequest, Replayed, Replayer};

/// A browser waits for the answer, so it goes quicker than the command line.
const LETTERS_PER_SECOND: u32 = 500;

#[async_trait]
impl Replayer for BusReplayer {
    async fn replay(&self, request: ReplayRequest) -> Result<Vec<Replayed>, ReplayError> {
        let order = ReplayOrder {
            selection: request.selection,
            dry_run: request.dry_run,
            letters_per_second: LETTERS_PER_SECOND,
            accept_duplicates: false,
        };
        let report = self.replay_letters(&order, || ()).await;
        report.map(outcomes).map_err(|error| ReplayError {
            reason: format!("{error:#}"),
        })
    }
}

fn outcomes(report: ReplayReport) -> Vec<Replayed> {
    let (outcome, done) = match report.dry_run {
        true => (ReplayOutcome::WouldReplay, "would go on its way again"),
        false => (ReplayOutcome::Replayed, "is on its way again"),
    };
    let replayed = report.replayed.into_iter().map(|id| Replayed {
        id,
        outcome,
        detail: done.into(),
    });
    let already = report.already_done.into_iter().map(|id| Replayed {
        id,
        outcome: ReplayOutcome::NotReplayable,
        detail: "was done already".into(),
    });
    let left = report.left_alone.into_iter().map(|left| Replayed {
        id: left.id,
        outcome: match left.needs_accept_duplicates {
            true => ReplayOutcome::NeedsAcceptDuplicates,
            false => ReplayOutcome::NotReplayable,
        },
        detail: left.reason,
    });
    replayed.chain(already).chain(left).collect()
}
