//! Working one held message.

use store::{HeldMessage, HeldSummary, HoldReason, StoreUnavailable, Taken, UnreadableHeld, Wait};
use telemetry::SpanStart;
use tokio::time::Instant;
use tracing::Instrument;
use web::{TraceContext, message_span, trace_of_message};

use super::{Drainer, KIBIBYTES_AT_ONCE};
use crate::delivery::{Disposition, Occasion, Source};
use crate::message::held_push;
use crate::observed::conclude;
use crate::processing::{PushAddress, overdue_at};

/// What became of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Worked {
    /// Somebody else has it.
    Elsewhere,
    Done,
    Dead,
    /// `no_room`: its destination's limits left none for its calls.
    PutOff {
        no_room: bool,
    },
    /// Nobody can work it as it is kept.
    Unreadable,
    /// The store failed.
    Failed,
}

impl Drainer {
    pub(super) async fn work(
        &self,
        seen: &HeldSummary,
        (began, trace): (Instant, Option<TraceContext>),
    ) -> Result<Worked, StoreUnavailable> {
        let kibibytes = u32::try_from(seen.bytes.div_ceil(1024)).unwrap_or(KIBIBYTES_AT_ONCE);
        let room = self
            .kibibytes
            .acquire_many(kibibytes.min(KIBIBYTES_AT_ONCE));
        let _room = room.await.map_err(StoreUnavailable::new)?;
        let until = self.clock.now().plus(self.settings.wait(seen.tries));
        let message = match self.held_messages.take(seen, until).await? {
            Taken::Message(message) => message,
            Taken::Elsewhere => return Ok(Worked::Elsewhere),
            Taken::Unreadable(unreadable) => return self.set_aside(&unreadable).await,
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

    /// Leaves a message that can't be read for later.
    pub(super) async fn set_aside(
        &self,
        unreadable: &UnreadableHeld,
    ) -> Result<Worked, StoreUnavailable> {
        let length = self.processor.report_unreadable(unreadable).await?;
        let until = self.clock.now().plus(length);
        self.held_messages.set_aside(unreadable, until).await?;
        Ok(Worked::Unreadable)
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
            Disposition::Held {
                due,
                reason,
                waits_for,
            } => {
                let wait = Wait {
                    due: due.min(overdue_at(taken)),
                    reason: reason.unwrap_or(taken.reason),
                    waits_for,
                };
                self.held_messages.put_off(taken, wait).await?;
                let no_room = reason == Some(HoldReason::NoRoom);
                Ok(Worked::PutOff { no_room })
            }
            // Its lease was taken over: it is due again in time.
            Disposition::Refuse => Ok(Worked::PutOff { no_room: false }),
        }
    }
}

fn address_of(message: &HeldMessage) -> PushAddress {
    PushAddress {
        destination: Some(message.summary.destination.clone()),
        event_type_hint: message.event_type_hint.clone(),
    }
}
