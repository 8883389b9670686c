//! What a service counts and measures: one method a metric, so that no other can be recorded, and no other attribute.
//!
//! Off, each method is one comparison: nothing is allocated, no clock is read, no attribute is made.

mod instruments;
mod names;
mod vocabulary;
mod words;

use std::sync::Arc;
use std::time::{Duration, Instant};

use opentelemetry::metrics::Meter;

pub use vocabulary::{AttributeDescription, InstrumentKind, METRICS, MetricDescription, Values};
pub use words::{
    CallClass, CommitOutcome, CountOutcome, DeathReason, EffectOutcome, EventType, PublishOutcome,
    PushAnswer, RedactionKind, RefusalReason,
};

use instruments::Instruments;

/// The metrics of a process; cloning shares them. The default is off.
#[derive(Clone, Default)]
pub struct Metrics(Option<Arc<Instruments>>);

/// When something began; nothing if metrics are off.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Timer(Option<Instant>);

impl Timer {
    fn seconds(self) -> Option<f64> {
        self.0.map(|began| began.elapsed().as_secs_f64())
    }
}

impl Metrics {
    pub(crate) fn of(meter: &Meter) -> Self {
        Self(Some(Arc::new(Instruments::of(meter))))
    }

    /// Whether anything is recorded. For what costs something to find out; else simply record.
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Begins to measure a duration, which one of the methods that take a timer records.
    pub fn timer(&self) -> Timer {
        Timer(self.0.as_ref().map(|_| Instant::now()))
    }

    /// `talaria.publisher.events`: an event was read. `event_type` is what it names, if any.
    pub fn event_read(&self, event_type: Option<&str>, outcome: PublishOutcome) {
        let Some(on) = &self.0 else { return };
        let event_type = event_type.map_or(EventType::None, EventType::of);
        on.publisher_events
            .add(1, [event_type.word().into(), outcome.word().into()]);
    }

    /// `talaria.publisher.refusals`: a request was refused before any event of it was known.
    pub fn request_refused(&self, reason: RefusalReason) {
        let Some(on) = &self.0 else { return };
        on.publisher_refusals.add(1, [reason.word().into()]);
    }

    /// `talaria.publisher.publish.duration`: the bus has answered, or the wait for it has ended.
    pub fn published(&self, timer: Timer, outcome: PublishOutcome) {
        let Some((on, seconds)) = self.0.as_ref().zip(timer.seconds()) else {
            return;
        };
        on.publisher_publish_duration
            .record(seconds, [outcome.word().into()]);
    }

    /// `talaria.publisher.redactions`: `count` values of an event were redacted.
    pub fn redacted(&self, kind: RedactionKind, count: usize) {
        let Some(on) = self.0.as_ref().filter(|_| count > 0) else {
            return;
        };
        on.publisher_redactions
            .add(count as u64, [kind.word().into()]);
    }

    /// `talaria.pushes`: a push was answered. `crates/web` does this for every push address.
    pub fn push_answered(&self, subscription: Option<&str>, answer: PushAnswer) {
        let Some(on) = &self.0 else { return };
        let subscription = subscription.map_or("unknown", last_part);
        on.pushes
            .add(1, [on.names.bounded(subscription), answer.word().into()]);
    }

    /// `talaria.updater.effects`: `count` effects for a destination were worked.
    pub fn effects_worked(&self, destination: &str, outcome: EffectOutcome, count: usize) {
        let Some(on) = self.0.as_ref().filter(|_| count > 0) else {
            return;
        };
        on.updater_effects.add(
            count as u64,
            [on.names.bounded(destination), outcome.word().into()],
        );
    }

    /// `talaria.updater.call.duration`: a destination has answered, or the wait for it has ended.
    pub fn called(&self, timer: Timer, destination: &str, class: CallClass) {
        let Some((on, seconds)) = self.0.as_ref().zip(timer.seconds()) else {
            return;
        };
        on.updater_call_duration.record(
            seconds,
            [on.names.bounded(destination), class.word().into()],
        );
    }

    /// `talaria.updater.delivery.latency`: an effect is done, so long after its event's own time.
    pub fn delivered(&self, destination: &str, since_event: Duration) {
        let Some(on) = &self.0 else { return };
        on.updater_delivery_latency
            .record(since_event.as_secs_f64(), [on.names.bounded(destination)]);
    }

    /// `talaria.updater.ledger.hits`: a message came again and everything of it was settled.
    pub fn ledger_hit(&self, destination: &str) {
        let Some(on) = &self.0 else { return };
        on.updater_ledger_hits
            .add(1, [on.names.bounded(destination)]);
    }

    /// `talaria.updater.dead_letters`: a letter was kept. `destination` is `None` if it never got that far.
    pub fn dead_letter_kept(&self, reason: DeathReason, destination: Option<&str>) {
        let Some(on) = &self.0 else { return };
        let destination = on.names.bounded(destination.unwrap_or("none"));
        on.updater_dead_letters
            .add(1, [reason.word().into(), destination]);
    }

    /// `talaria.updater.held` and `talaria.updater.held.oldest.age`: what is held for a destination now; zero as well, so
    /// that the old value goes.
    pub fn held(&self, destination: &str, messages: u64, oldest_age: Duration) {
        let Some(on) = &self.0 else { return };
        on.updater_held
            .record(messages, [on.names.bounded(destination)]);
        on.updater_held_oldest_age
            .record(oldest_age.as_secs_f64(), [on.names.bounded(destination)]);
    }

    /// `talaria.counter.events`: an event came to be counted.
    pub fn event_tallied(&self, outcome: CountOutcome) {
        let Some(on) = &self.0 else { return };
        on.counter_events.add(1, [outcome.word().into()]);
    }

    /// `talaria.counter.commit.duration`, and for what was committed `talaria.counter.commit.events`.
    pub fn committed(&self, timer: Timer, events: usize, outcome: CommitOutcome) {
        let Some((on, seconds)) = self.0.as_ref().zip(timer.seconds()) else {
            return;
        };
        on.counter_commit_duration
            .record(seconds, [outcome.word().into()]);
        if outcome == CommitOutcome::Committed {
            on.counter_commit_events.record(events as f64, []);
        }
    }

    /// `talaria.counter.view.age`: asked for at each export, on a thread of its own, so `age` must not wait for anything.
    /// `None` while nobody looks. Call it once a process.
    pub fn observe_view_age(&self, age: impl Fn() -> Option<Duration> + Send + Sync + 'static) {
        let Some(on) = &self.0 else { return };
        on.observe_view_age(age);
    }

    /// `talaria.counter.streams`: a browser began to follow the page, until what this returns is dropped.
    pub fn stream_opened(&self) -> StreamOpen {
        if let Some(on) = &self.0 {
            on.counter_streams.add(1);
        }
        StreamOpen(self.clone())
    }
}

/// A browser that follows the page; it is counted until this is dropped.
pub struct StreamOpen(Metrics);

impl Drop for StreamOpen {
    fn drop(&mut self) {
        if let Some(on) = &self.0.0 {
            on.counter_streams.add(-1);
        }
    }
}

/// A subscription's own name, of `projects/shop/subscriptions/backend-updates.crm`.
fn last_part(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(_, last)| last)
}
