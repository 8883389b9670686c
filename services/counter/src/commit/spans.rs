//! The spans of a group commit: one in the trace of each event that it took, with the commit's times and its size.
//!
//! They have no links to each other: what an event had in common with hundreds of others is that commit's size and time.

use telemetry::{CommitOutcome, Moment, SpanStart, TraceContext, Tracer, key};

/// Spans of what was taken from the queue at once. A commit of five hundred must not drive other spans out of the exporter's
/// queue; those that get none still tell in their push's span that they were counted.
pub(super) const MAX_SPANS: usize = 100;

/// The spans of one commit, and of the parts that it had to be taken in.
pub(super) struct CommitSpans<'a> {
    tracer: &'a Tracer,
    left: usize,
}

impl<'a> CommitSpans<'a> {
    pub(super) fn new(tracer: &'a Tracer) -> Self {
        Self {
            tracer,
            left: MAX_SPANS,
        }
    }

    /// When what follows began.
    pub(super) fn now(&self) -> Moment {
        self.tracer.now()
    }

    /// A part of so many events ended like this, for good: what is tried again in halves is not told of yet. `traces` are
    /// those of its events that record theirs.
    pub(super) fn ended(
        &mut self,
        began: Moment,
        events: usize,
        outcome: CommitOutcome,
        traces: impl Iterator<Item = TraceContext>,
    ) {
        if !self.tracer.is_on() {
            return;
        }
        let ended = self.tracer.now();
        for trace in traces.take(self.left) {
            self.left -= 1;
            let start = SpanStart::commit().parent(Some(trace)).began(began);
            let mut span = self.tracer.start(start);
            span.set(key::EVENTS, events);
            span.set(key::OUTCOME, outcome.word());
            match outcome {
                CommitOutcome::Committed => {}
                CommitOutcome::Refused => span.fail("refused"),
                CommitOutcome::Unavailable => span.fail("store_unavailable"),
            }
            span.end_at(ended);
        }
    }
}
