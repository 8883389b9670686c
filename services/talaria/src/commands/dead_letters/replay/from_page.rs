//! Replays that are asked for on the page: the same steps, the same objections.

use std::sync::Arc;

use async_trait::async_trait;
use bus::Bus;
use counter::{ReplayError, ReplayOutcome, ReplayRequest, ReplaySelection, Replayed};
use events::Clock;
use store::{DeadLetters, Ledger};

use super::{Replayer, Report};
use crate::commands::dead_letters::ReplayArguments;
use crate::commands::dead_letters::selection::{Selection, Since};

/// A browser waits for the answer, so it goes quicker than the command line.
const LETTERS_PER_SECOND: u32 = 500;

/// Replays on the backends of this process.
pub(crate) struct PageReplayer {
    pub(crate) ledger: Arc<dyn Ledger>,
    pub(crate) dead_letters: Arc<dyn DeadLetters>,
    pub(crate) bus: Arc<dyn Bus>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) topic: String,
}

#[async_trait]
impl counter::Replayer for PageReplayer {
    async fn replay(&self, request: ReplayRequest) -> Result<Vec<Replayed>, ReplayError> {
        let replayer = Replayer {
            ledger: &*self.ledger,
            dead_letters: &*self.dead_letters,
            bus: &*self.bus,
            clock: &*self.clock,
            topic: &self.topic,
        };
        let report = replayer.replay(&arguments(request)).await;
        report.map(outcomes).map_err(|error| ReplayError {
            reason: format!("{error:#}"),
        })
    }
}

fn arguments(request: ReplayRequest) -> ReplayArguments {
    let (ids, selection) = match request.selection {
        ReplaySelection::Ids(ids) => (ids, Selection::default()),
        ReplaySelection::Filter(filter) => {
            let since = filter.since.map(Since::At);
            let (destination, route) = (filter.destination, filter.route);
            (
                Vec::new(),
                Selection {
                    reason: filter.reason,
                    destination,
                    route,
                    since,
                },
            )
        }
    };
    ReplayArguments {
        ids,
        selection,
        dry_run: request.dry_run,
        rate: LETTERS_PER_SECOND,
        ..Default::default()
    }
}

fn outcomes(report: Report) -> Vec<Replayed> {
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
