//! Working held messages: each destination's, the longest due first, until the time is up.
//!
//! A message is delivered in the same way as a push, so that the ledger's claims keep a drain and a push, or two drains,
//! from making a call twice. It is taken before, which puts it off: if this process vanishes, it is due again by itself.

mod pace;
mod running;
mod timer;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use events::Clock;
use futures_util::future::join_all;
use serde::Serialize;
use store::{HeldMessage, HeldMessages, HeldSummary, HoldReason, StoreUnavailable};
use telemetry::SpanStart;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tracing::Instrument;
use web::{TraceContext, message_span, trace_of_message};

use crate::delivery::{Disposition, Occasion, Source};
use crate::held_levels::HeldLevels;
use crate::message::held_push;
use crate::observed::conclude;
use crate::processing::{Processor, PushAddress, overdue_at};
use crate::settings::HeldSettings;
use pace::Pace;
use running::Running;
pub(crate) use timer::drain_every;

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

/// What became of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Worked {
    /// Somebody else has it.
    Elsewhere,
    Done,
    Dead,
    /// `failed`: its destination can't be called now.
    PutOff {
        failed: bool,
    },
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
        let draining = backlog
            .iter()
            .map(|backlog| self.drain_destination(&backlog.destination, began, trace));
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
        destination: &str,
        began: Instant,
        trace: Option<TraceContext>,
    ) -> Result<DrainCounts, StoreUnavailable> {
        let mut counts = DrainCounts::default();
        let Some(_running) = self.running.enter(destination) else {
            return Ok(counts);
        };
        let mut pace = Pace::of(self.processor.concurrency_of(destination));
        while !pace.is_over() && !self.is_over(began) {
            let now = self.clock.now();
            let due = self.held_messages.due(destination, now, pace.width());
            let due = due.await?;
            if due.is_empty() {
                break;
            }
            let working = join_all(due.iter().map(|seen| self.work(seen, began, trace)));
            let mut worked = Vec::with_capacity(due.len());
            let mut unavailable = None;
            for one in working.await {
                match one {
                    Ok(one) => worked.push(one),
                    Err(error) => unavailable = Some(error),
                }
            }
            worked.iter().for_each(|one| counts.count(*one));
            pace.note(&worked);
            if let Some(error) = unavailable {
                return Err(error);
            }
        }
        Ok(counts)
    }

    fn is_over(&self, began: Instant) -> bool {
        self.stopping.load(Ordering::Relaxed) || began.elapsed() >= self.settings.drain_time
    }

    async fn work(
        &self,
        seen: &HeldSummary,
        began: Instant,
        trace: Option<TraceContext>,
    ) -> Result<Worked, StoreUnavailable> {
        let kibibytes = u32::try_from(seen.bytes.div_ceil(1024)).unwrap_or(KIBIBYTES_AT_ONCE);
        let room = self
            .kibibytes
            .acquire_many(kibibytes.min(KIBIBYTES_AT_ONCE));
        let _room = room.await.map_err(StoreUnavailable::new)?;
        let until = self.clock.now().plus(self.settings.wait(seen.tries));
        let Some(message) = self.held_messages.take(seen, until).await? else {
            return Ok(Worked::Elsewhere);
        };
        let taken = message.summary.clone();
        let disposition = if self.clock.now() >= overdue_at(&taken) {
            let address = address_of(&message);
            let push = held_push(message);
            self.processor.bury_overdue(&taken, push, &address).await?
        } else {
            self.deliver(message, seen.tries, began, trace).await?
        };
        self.conclude(&taken, disposition).await
    }

    /// Delivers it as a part of its own trace; that of whoever asks for the drain is a link.
    async fn deliver(
        &self,
        message: HeldMessage,
        tries: u32,
        began: Instant,
        trace: Option<TraceContext>,
    ) -> Result<Disposition, StoreUnavailable> {
        let destination = message.summary.destination.clone();
        let address = address_of(&message);
        let push = held_push(message);
        let start = SpanStart::drain(&destination)
            .parent(trace_of_message(&push))
            .link(trace);
        let mut span = self.processor.deliverer.telemetry.tracer().start(start);
        let source = Source::Held { tries };
        let occasion = Occasion { source, began };
        let log = message_span(&push, span.context());
        let delivered = self
            .processor
            .process_from(push, &address, occasion, &mut span)
            .instrument(log)
            .await;
        conclude(&mut span, &delivered);
        delivered
    }

    async fn conclude(
        &self,
        taken: &HeldSummary,
        disposition: Disposition,
    ) -> Result<Worked, StoreUnavailable> {
        match disposition {
            Disposition::Settled { buried } => {
                self.held_messages.release(taken).await?;
                Ok(if buried { Worked::Dead } else { Worked::Done })
            }
            Disposition::Held { due, reason } => {
                let kept = reason.unwrap_or(taken.reason);
                let due = due.min(overdue_at(taken));
                self.held_messages.put_off(taken, due, kept).await?;
                let failed = reason.is_some_and(|reason| reason != HoldReason::Paused);
                Ok(Worked::PutOff { failed })
            }
            // Its lease was taken over: it is due again in time.
            Disposition::Refuse => Ok(Worked::PutOff { failed: false }),
        }
    }
}

fn address_of(message: &HeldMessage) -> PushAddress {
    PushAddress {
        destination: Some(message.summary.destination.clone()),
        event_type_hint: message.event_type_hint.clone(),
    }
}

impl DrainCounts {
    fn count(&mut self, worked: Worked) {
        let counter = match worked {
            Worked::Elsewhere => return,
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
