//! Group commit: messages that arrive while a commit is under way join the next, and a push is answered when its
//! commit is.
//!
//! One commit is in flight at a time. A batch that the store refuses is halved until the offender stands alone, and so
//! is one that is too large for it. A batch whose outcome is not known is offered once more, which is safe because the
//! store knows what it has counted.

use std::sync::Arc;
use std::time::Duration;

use store::tallies::{Tallied, Tallies, Tally, TallyError};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use web::Admitted;

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

struct Entry {
    tally: Tally,
    bytes: usize,
    waiter: Waiter,
}

struct Waiter {
    answer: oneshot::Sender<Committed>,
    /// Whoever asked may have gone; its place is taken until the commit has it.
    _place: Option<Admitted>,
}

impl Waiter {
    fn answer(self, committed: Committed) {
        // Nobody may wait any more; then the message comes again and is known.
        let _ = self.answer.send(committed);
    }
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
    ) -> (Self, JoinHandle<()>) {
        let (entries, receiver) = mpsc::channel(settings.queue.max(1));
        let task = tokio::spawn(run(receiver, tallies, settings));
        (Self { entries }, task)
    }

    /// Returns once the tally's commit is answered. `bytes` is the size of its message.
    pub(crate) async fn tally(
        &self,
        tally: Tally,
        bytes: usize,
        place: Option<Admitted>,
    ) -> Committed {
        let (answer, answered) = oneshot::channel();
        let waiter = Waiter {
            answer,
            _place: place,
        };
        let entry = Entry {
            tally,
            bytes,
            waiter,
        };
        if self.entries.send(entry).await.is_err() {
            return Committed::Unavailable;
        }
        answered.await.unwrap_or(Committed::Unavailable)
    }
}

#[derive(Default)]
struct Batch {
    tallies: Vec<Tally>,
    waiters: Vec<Waiter>,
    bytes: usize,
}

impl Batch {
    fn push(&mut self, entry: Entry) {
        self.bytes += entry.bytes;
        self.tallies.push(entry.tally);
        self.waiters.push(entry.waiter);
    }

    fn has_room_for(&self, entry: &Entry, settings: &CommitSettings) -> bool {
        self.tallies.is_empty()
            || (self.tallies.len() < settings.max_events
                && self.bytes + entry.bytes <= settings.max_bytes)
    }

    /// Keeps the first half and returns the second.
    fn split(&mut self) -> Self {
        let middle = self.tallies.len() / 2;
        Self {
            tallies: self.tallies.split_off(middle),
            waiters: self.waiters.split_off(middle),
            bytes: 0,
        }
    }

    fn answer_all(self, committed: &Committed) {
        for waiter in self.waiters {
            waiter.answer(committed.clone());
        }
    }
}

async fn run(
    mut entries: mpsc::Receiver<Entry>,
    tallies: Arc<dyn Tallies>,
    settings: CommitSettings,
) {
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
        left_over = fill(&mut batch, &mut entries, earliest, &settings).await;
        earliest = Instant::now() + settings.min_interval;
        commit(&*tallies, batch).await;
    }
}

/// Takes what is there, and what comes before `earliest`, until the batch is full. Returns what didn't fit.
async fn fill(
    batch: &mut Batch,
    entries: &mut mpsc::Receiver<Entry>,
    earliest: Instant,
    settings: &CommitSettings,
) -> Option<Entry> {
    while batch.tallies.len() < settings.max_events && batch.bytes < settings.max_bytes {
        let next = match entries.try_recv() {
            Ok(entry) => Some(entry),
            Err(_) if Instant::now() >= earliest => None,
            Err(_) => tokio::time::timeout_at(earliest, entries.recv())
                .await
                .ok()
                .flatten(),
        };
        match next {
            Some(entry) if batch.has_room_for(&entry, settings) => batch.push(entry),
            not_now => return not_now,
        }
    }
    None
}

async fn commit(tallies: &dyn Tallies, batch: Batch) {
    let mut parts = vec![batch];
    while let Some(mut part) = parts.pop() {
        match offer(tallies, &part.tallies).await {
            Ok(tallied) => {
                tracing::debug!(events = part.tallies.len(), "committed tallies");
                for (waiter, tallied) in part.waiters.into_iter().zip(tallied) {
                    waiter.answer(Committed::Counted(tallied));
                }
            }
            Err(TallyError::Refused { reason } | TallyError::TooLarge { reason })
                if part.tallies.len() <= 1 =>
            {
                part.answer_all(&Committed::Refused(reason));
            }
            Err(TallyError::Refused { .. } | TallyError::TooLarge { .. }) => {
                let second = part.split();
                parts.push(second);
                parts.push(part);
            }
            Err(TallyError::Unavailable(error)) => {
                tracing::error!(%error, "refused pushes: the bus keeps the messages");
                part.answer_all(&Committed::Unavailable);
                for part in parts.drain(..) {
                    part.answer_all(&Committed::Unavailable);
                }
            }
        }
    }
}

/// Once more when it is not known whether the first time counted.
async fn offer(tallies: &dyn Tallies, batch: &[Tally]) -> Result<Vec<Tallied>, TallyError> {
    match tallies.tally(batch).await {
        Err(TallyError::Unavailable(error)) => {
            tracing::warn!(%error, events = batch.len(), "offering a commit once more");
            tallies.tally(batch).await
        }
        answered => answered,
    }
}

#[cfg(test)]
mod tests;
