//! Working held messages: each destination's, the longest due first, until the time is up.
//!
//! A message is delivered in the same way as a push, so that the ledger's claims keep a drain and a push, or two drains,
//! from making a call twice. It is taken before, which puts it off: if this process vanishes, it is due again by itself.
//!
//! # Who is called when something fails
//!
//! A destination that is down must be left in peace, and messages that always fail must not keep the others waiting. Both
//! look the same at first. What tells them apart is an answer for good (2xx, or a refusal) to any call in the turn, or to a
//! push since the turn before:
//!
//! - **In doubt** a destination is called for one message after the other. Three failures that are its own (not reached,
//!   429, 503, a broken set-up, an outcome that goes to a person) end its turn. Of those that may be a message's own, such
//!   as a 500, sixteen do, and half as many after each turn in a row without an answer, down to three. Where thousands are
//!   held, one for each thousand is borne, up to sixteen: so each of 80,000 is called within a week, should all others fail.
//! - **Known to work**, it is called for twice as many at a time as before, up to its concurrency, whatever fails. As many
//!   failures in a row as it takes calls at once (eight at least) make it doubtful again.
//! - **After the first failure** of a turn, every other batch is taken from elsewhere than the longest due: the latest due
//!   first, then from places that halve the time between both. So messages that always fail don't stand before the others
//!   in one block, which would be all that is ever tried.
//! - What failed waits, from one minute to fifteen, and so goes behind everything that is due.
//! - A turn ends when there is no room within the destination's limits.
//!
//! # What is not tried
//!
//! Messages that wait for nothing but paused routes are not due until a day later ([`crate::paused`]). Each turn asks what is
//! waited for, and works those messages at once of which a route is not paused any more.
//!
//! One that can't be read is set aside for an hour, with an error in the log and a dead letter.

mod history;
mod pace;
mod running;
mod timer;
mod turn;
mod work;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use events::Clock;
use futures_util::future::join_all;
use serde::Serialize;
use store::{HeldBacklog, HeldMessages, StoreUnavailable};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use web::TraceContext;

use crate::destination::Shown;
use crate::held_levels::HeldLevels;
use crate::processing::Processor;
use crate::settings::HeldSettings;
use history::History;
use pace::Pace;
use running::Running;
pub(crate) use timer::drain_every;
use turn::Turn;
use work::Worked;

/// Kibibytes of payloads that are worked at the same time; a larger payload is worked alone.
const KIBIBYTES_AT_ONCE: u32 = 16 << 10;

/// Works held messages. One a process.
pub(crate) struct Drainer {
    processor: Arc<Processor>,
    held_messages: Arc<dyn HeldMessages>,
    clock: Arc<dyn Clock>,
    settings: HeldSettings,
    levels: Arc<HeldLevels>,
    kibibytes: Semaphore,
    running: Running,
    history: History,
    stopping: AtomicBool,
}

/// What a drain did, in messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct DrainCounts {
    /// Worked in this drain: the sum of the next three.
    pub worked: u64,
    /// Everything of them is done, or needs no call any more.
    pub done: u64,
    /// Put off.
    pub held: u64,
    /// Settled, and something of them is kept as a dead letter.
    pub dead: u64,
    /// Held now, due or not, by whomever.
    pub left: u64,
}

impl Drainer {
    pub(crate) fn new(
        processor: Arc<Processor>,
        (held_messages, levels): (Arc<dyn HeldMessages>, Arc<HeldLevels>),
        clock: Arc<dyn Clock>,
        settings: HeldSettings,
    ) -> Self {
        Self {
            processor,
            held_messages,
            clock,
            settings,
            levels,
            kibibytes: Semaphore::new(KIBIBYTES_AT_ONCE as usize),
            running: Running::default(),
            history: History::default(),
            stopping: AtomicBool::new(false),
        }
    }

    /// Works what is due, all destinations at the same time. An error means that the store was not available for at least one of
    /// them; whatever was not worked is worked by a later drain. `trace` is of whoever asks for it.
    pub(crate) async fn drain(
        &self,
        trace: Option<TraceContext>,
    ) -> Result<DrainCounts, StoreUnavailable> {
        let mut counts = DrainCounts::default();
        let (began, backlog) = (Instant::now(), self.held_messages.backlog().await?);
        if backlog.is_empty() {
            // As it is most of the time: there is nothing to be counted again.
            self.levels.tell(&backlog);
            return Ok(counts);
        }
        let draining = backlog
            .iter()
            .map(|backlog| self.drain_destination(backlog, began, trace));
        let mut unavailable = None;
        for drained in join_all(draining).await {
            match drained {
                Ok(drained) => counts.add(drained),
                Err(error) => unavailable = Some(error),
            }
        }
        if let Some(error) = unavailable {
            return Err(error);
        }
        let left = self.held_messages.backlog().await?;
        self.levels.tell(&left);
        counts.left = left.iter().map(|backlog| backlog.count).sum();
        if counts.worked > 0 {
            let DrainCounts {
                worked,
                done,
                held,
                dead,
                left,
            } = counts;
            tracing::info!(worked, done, held, dead, left, "worked held messages");
        }
        Ok(counts)
    }

    /// Begins no more work; what has begun is finished.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    async fn drain_destination(
        &self,
        backlog: &HeldBacklog,
        began: Instant,
        trace: Option<TraceContext>,
    ) -> Result<DrainCounts, StoreUnavailable> {
        let destination = backlog.destination.as_str();
        let Some(_running) = self.running.enter(destination) else {
            return Ok(DrainCounts::default());
        };
        let shown = self.evidence_of(destination);
        let past = self.history.of(destination);
        let concurrency = self.processor.concurrency_of(destination);
        let pace = Pace::of(concurrency, past.standing(shown, backlog.count));
        let mut turn = Turn::of(self, destination, (began, trace), pace);
        let counts = turn.run().await;
        let shown = self.evidence_of(destination);
        self.history
            .note(destination, past.after(turn.pace(), shown));
        counts
    }

    fn evidence_of(&self, destination: &str) -> Shown {
        self.processor.deliverer.evidence.of(destination)
    }

    fn is_over(&self, began: Instant) -> bool {
        self.stopping.load(Ordering::Relaxed) || began.elapsed() >= self.settings.drain_time
    }
}

impl DrainCounts {
    fn count(&mut self, worked: Worked) {
        let counter = match worked {
            Worked::Elsewhere | Worked::Unreadable | Worked::Failed => return,
            Worked::Done => &mut self.done,
            Worked::Dead => &mut self.dead,
            Worked::PutOff { .. } => &mut self.held,
        };
        *counter += 1;
        self.worked += 1;
    }

    fn add(&mut self, other: Self) {
        self.worked += other.worked;
        self.done += other.done;
        self.held += other.held;
        self.dead += other.dead;
    }
}
