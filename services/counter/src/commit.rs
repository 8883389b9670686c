//! Group commit: messages that arrive while a commit is under way join the next, and a push is answered when its
//! commit is.
//!
//! One commit is in flight at a time. A batch that the store refuses is halved until the offender stands alone, and so
//! is one that is too large for it. A batch whose outcome is not known is offered once more, which is safe because the
//! store knows what it has counted.

mod batch;
mod spans;

use std::sync::Arc;
use std::time::Duration;

use store::tallies::{Tallied, Tallies, Tally, TallyError};
use telemetry::{CommitOutcome, Telemetry, TraceContext};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use web::Admitted;

use batch::{Batch, Entry, Waiter};
use spans::CommitSpans;

/// How large a commit may be, and how often one may begin.
#[derive(Clone, Debug)]
pub(crate) struct CommitSettings {
    pub max_events: usize,
    pub max_bytes: usize,
    pub min_interval: Duration,
    /// Events that wait for their commit at most.
    pub queue: usize,
}

/// What became of a tally.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Committed {
    /// It is counted, now or before.
    Counted(Tallied),
    /// It can never be counted.
    Refused(String),
    /// It may come again.
    Unavailable,
}

/// Takes tallies to the store; cloning shares the commits.
#[derive(Clone)]
pub(crate) struct Committer {
    entries: mpsc::Sender<Entry>,
}

impl Committer {
    /// Starts committing, until every clone is dropped and all that came is answered.
    pub(crate) fn start(
        tallies: Arc<dyn Tallies>,
        settings: CommitSettings,
        telemetry: Telemetry,
    ) -> (Self, JoinHandle<()>) {
        let (entries, receiver) = mpsc::channel(settings.queue.max(1));
        let commits = Commits {
            tallies,
            settings,
            telemetry,
        };
        (Self { entries }, tokio::spawn(commits.run(receiver)))
    }

    /// Returns once the tally's commit is answered. `bytes` is the size of its message; `trace` that of its event, if it is
    /// recorded.
    pub(crate) async fn tally(
        &self,
        tally: Tally,
        bytes: usize,
        place: Option<Admitted>,
        trace: Option<TraceContext>,
    ) -> Committed {
        let (answer, answered) = oneshot::channel();
        let entry = Entry {
            tally,
            bytes,
            waiter: Waiter::new(answer, place, trace),
        };
        if self.entries.send(entry).await.is_err() {
            return Committed::Unavailable;
        }
        answered.await.unwrap_or(Committed::Unavailable)
    }
}

/// Commits what comes, one batch at a time.
struct Commits {
    tallies: Arc<dyn Tallies>,
    settings: CommitSettings,
    telemetry: Telemetry,
}

impl Commits {
    async fn run(self, mut entries: mpsc::Receiver<Entry>) {
        let mut left_over: Option<Entry> = None;
        let mut earliest = Instant::now();
        loop {
            let first = match left_over.take() {
                Some(entry) => entry,
                None => match entries.recv().await {
                    Some(entry) => entry,
                    None => return,
                },
            };
            let mut batch = Batch::default();
            batch.push(first);
            left_over = batch.fill(&mut entries, earliest, &self.settings).await;
            earliest = Instant::now() + self.settings.min_interval;
            self.commit(batch).await;
        }
    }

    async fn commit(&self, batch: Batch) {
        let mut spans = CommitSpans::new(self.telemetry.tracer());
        let mut parts = vec![batch];
        while let Some(mut part) = parts.pop() {
            let (began, events) = (spans.now(), part.tallies.len());
            match self.offer(&part.tallies).await {
                Ok(tallied) => {
                    tracing::debug!(events, "committed tallies");
                    spans.ended(began, events, CommitOutcome::Committed, part.traces());
                    for (waiter, tallied) in part.waiters.into_iter().zip(tallied) {
                        waiter.answer(Committed::Counted(tallied));
                    }
                }
                Err(TallyError::Refused { reason } | TallyError::TooLarge { reason })
                    if events <= 1 =>
                {
                    spans.ended(began, events, CommitOutcome::Refused, part.traces());
                    part.answer_all(&Committed::Refused(reason));
                }
                Err(TallyError::Refused { .. } | TallyError::TooLarge { .. }) => {
                    let second = part.split();
                    parts.push(second);
                    parts.push(part);
                }
                Err(TallyError::Unavailable(error)) => {
                    tracing::error!(%error, "refused pushes: the bus keeps the messages");
                    spans.ended(began, events, CommitOutcome::Unavailable, part.traces());
                    part.answer_all(&Committed::Unavailable);
                    for part in parts.drain(..) {
                        part.answer_all(&Committed::Unavailable);
                    }
                }
            }
        }
    }

    /// Once more when it is not known whether the first time counted.
    async fn offer(&self, batch: &[Tally]) -> Result<Vec<Tallied>, TallyError> {
        match self.offer_once(batch).await {
            Err(TallyError::Unavailable(error)) => {
                tracing::warn!(%error, events = batch.len(), "offering a commit once more");
                self.offer_once(batch).await
            }
            answered => answered,
        }
    }

    async fn offer_once(&self, batch: &[Tally]) -> Result<Vec<Tallied>, TallyError> {
        let metrics = self.telemetry.metrics();
        let timer = metrics.timer();
        let answered = self.tallies.tally(batch).await;
        let outcome = match &answered {
            Ok(_) => CommitOutcome::Committed,
            Err(TallyError::Refused { .. } | TallyError::TooLarge { .. }) => CommitOutcome::Refused,
            Err(TallyError::Unavailable(_)) => CommitOutcome::Unavailable,
        };
        metrics.committed(timer, batch.len(), outcome);
        answered
    }
}

#[cfg(test)]
mod tests;
