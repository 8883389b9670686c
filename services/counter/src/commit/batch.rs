//! A batch: tallies that wait together, and who waits for each.

use store::tallies::Tally;
use telemetry::TraceContext;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use web::Admitted;

use super::{CommitSettings, Committed};

/// A tally that waits for its commit.
pub(super) struct Entry {
    pub(super) tally: Tally,
    /// Of its message.
    pub(super) bytes: usize,
    pub(super) waiter: Waiter,
}

/// Whoever is to be told what became of a tally.
pub(super) struct Waiter {
    answer: oneshot::Sender<Committed>,
    /// Whoever asked may have gone; its place is taken until the commit has it.
    _place: Option<Admitted>,
    /// Where the commit is told of, if its event's trace is recorded.
    trace: Option<TraceContext>,
}

impl Waiter {
    pub(super) fn new(
        answer: oneshot::Sender<Committed>,
        place: Option<Admitted>,
        trace: Option<TraceContext>,
    ) -> Self {
        Self {
            answer,
            _place: place,
            trace,
        }
    }

    pub(super) fn answer(self, committed: Committed) {
        // Nobody may wait any more; then the message comes again and is known.
        let _ = self.answer.send(committed);
    }
}

/// What is committed at once.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) tallies: Vec<Tally>,
    pub(super) waiters: Vec<Waiter>,
    bytes: usize,
}

impl Batch {
    pub(super) fn push(&mut self, entry: Entry) {
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
    pub(super) fn split(&mut self) -> Self {
        let middle = self.tallies.len() / 2;
        Self {
            tallies: self.tallies.split_off(middle),
            waiters: self.waiters.split_off(middle),
            bytes: 0,
        }
    }

    /// The traces of its events that are recorded.
    pub(super) fn traces(&self) -> impl Iterator<Item = TraceContext> {
        self.waiters.iter().filter_map(|waiter| waiter.trace)
    }

    pub(super) fn answer_all(self, committed: &Committed) {
        for waiter in self.waiters {
            waiter.answer(committed.clone());
        }
    }

    /// Takes what is there, and what comes before `earliest`, until the batch is full. Returns what didn't fit.
    pub(super) async fn fill(
        &mut self,
        entries: &mut mpsc::Receiver<Entry>,
        earliest: Instant,
        settings: &CommitSettings,
    ) -> Option<Entry> {
        while self.tallies.len() < settings.max_events && self.bytes < settings.max_bytes {
            let next = match entries.try_recv() {
                Ok(entry) => Some(entry),
                Err(_) if Instant::now() >= earliest => None,
                Err(_) => tokio::time::timeout_at(earliest, entries.recv())
                    .await
                    .ok()
                    .flatten(),
            };
            match next {
                Some(entry) if self.has_room_for(&entry, settings) => self.push(entry),
                not_now => return not_now,
            }
        }
        None
    }
}
