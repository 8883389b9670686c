//! One subscription's deliveries: looks up what is due, keeps as many requests under way as the endpoint bears, rests
//! while it can't be reached.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;

use super::courier::{Courier, Ended, Fate};
use super::pace::{Pauses, Window, longest_delay};
use super::queries::{DueMessage, due, next_due};
use super::settings::Subscription;

/// How often a subscription looks for what nobody told it of: another process' messages, or a clock that was set.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Bytes of messages that are read ahead; one message is read whatever its size.
const BYTES_READ_AHEAD: usize = 16 << 20;

/// What a delivery task is told from outside.
pub(super) struct Signals {
    /// What the subscription asks for; may change at any time.
    pub(super) options: watch::Receiver<Arc<Subscription>>,
    /// Something new may be due.
    pub(super) wake: Arc<Notify>,
    /// True once nothing more is to be started.
    pub(super) stop: watch::Receiver<bool>,
    /// Where the number of requests under way is shown.
    pub(super) in_flight: Arc<AtomicUsize>,
}

/// The state of one subscription's deliveries. What is `claimed` was read and is not settled yet, so it is not read again.
pub(super) struct Delivery {
    subscription: i64,
    courier: Arc<Courier>,
    signals: Signals,
    random: fastrand::Rng,
    window: Window,
    pauses: Pauses,
    paused_until: Option<Instant>,
    look_at: Instant,
    claimed: HashSet<i64>,
    ready: VecDeque<DueMessage>,
    under_way: JoinSet<Ended>,
}

impl Delivery {
    pub(super) fn new(
        subscription: i64,
        courier: Arc<Courier>,
        signals: Signals,
        random: fastrand::Rng,
    ) -> Self {
        Self {
            subscription,
            courier,
            signals,
            random,
            window: Window::new(),
            pauses: Pauses::default(),
            paused_until: None,
            look_at: Instant::now(),
            claimed: HashSet::new(),
            ready: VecDeque::new(),
            under_way: JoinSet::new(),
        }
    }

    /// Delivers until told to stop, then lets what is under way finish.
    pub(super) async fn run(mut self) {
        loop {
            self.fill().await;
            self.show();
            let has_room = self.has_room();
            tokio::select! {
                biased;
                () = told_to_stop(&mut self.signals.stop) => break,
                Some(ended) = self.under_way.join_next() => self.note_all(ended),
                () = self.signals.wake.notified(), if has_room => self.look_at = Instant::now(),
                () = tokio::time::sleep_until(self.look_at), if has_room => {}
            }
        }
        while let Some(ended) = self.under_way.join_next().await {
            self.note(ended);
            self.show();
        }
    }

    /// Starts deliveries until the window is full, nothing is due, or the endpoint is resting.
    async fn fill(&mut self) {
        if let Some(until) = self.paused_until.filter(|until| Instant::now() < *until) {
            self.look_at = self.look_at.max(until);
            return;
        }
        while self.has_room() {
            if self.ready.is_empty() {
                self.read_ahead().await;
            }
            let Some(message) = self.ready.pop_front() else {
                return;
            };
            let jitter = 0.8 + 0.4 * self.random.f64();
            let options = Arc::clone(&self.signals.options.borrow());
            let delivery = Arc::clone(&self.courier).deliver(message, options, jitter);
            self.under_way.spawn(delivery);
        }
    }

    /// Reads a window's worth of what is due, unless the last look found nothing more and nothing has happened since.
    async fn read_ahead(&mut self) {
        if Instant::now() < self.look_at {
            return;
        }
        let (subscription, now) = (self.subscription, self.courier.clock.now());
        let limit = self.window.size(self.max_in_flight());
        let claimed = self.claimed.clone();
        let latest = now.plus(self.longest_delay());
        let reading = self.courier.journal.readers.read(move |connection| {
            let bounds = (limit, BYTES_READ_AHEAD);
            let messages = due(connection, subscription, (now, latest), bounds, |id| {
                claimed.contains(&id)
            })?;
            let next = next_due(connection, subscription, now)?;
            Ok((messages, next))
        });
        match reading.await {
            Ok((messages, next)) => {
                if messages.is_empty() {
                    let wait = next.map_or(LOOK_EVERY, |next| next.since(now).min(LOOK_EVERY));
                    self.look_at = Instant::now() + wait;
                }
                self.claimed
                    .extend(messages.iter().map(|message| message.owed.message));
                self.ready.extend(messages);
            }
            Err(error) => {
                let subscription = &self.signals.options.borrow().name;
                tracing::error!(subscription, %error, "the journal can't be read; trying again");
                self.look_at = Instant::now() + LOOK_EVERY;
            }
        }
    }

    fn note_all(&mut self, first: Result<Ended, JoinError>) {
        self.note(first);
        while let Some(ended) = self.under_way.try_join_next() {
            self.note(ended);
        }
    }

    fn note(&mut self, ended: Result<Ended, JoinError>) {
        let Ended { message, fate } = match ended {
            Ok(ended) => ended,
            Err(error) => {
                // Its message stays claimed, so that it can't bring down this process again and again.
                tracing::error!(%error, "a delivery broke off; its message waits for the next start");
                return;
            }
        };
        self.claimed.remove(&message);
        match fate {
            Fate::Acknowledged => {
                self.pauses.reached();
                self.window.acknowledged(self.max_in_flight());
            }
            Fate::Refused { again_in } => {
                self.pauses.reached();
                self.window.refused();
                if let Some(delay) = again_in {
                    self.look_at = self.look_at.min(Instant::now() + delay);
                }
            }
            Fate::Unreachable { why } => self.rest(&why),
            Fate::NotRecorded => {}
        }
    }

    /// Requests that were under way together fail together; only the first of them begins a pause.
    fn rest(&mut self, why: &str) {
        if self.is_resting() {
            return;
        }
        let pause = self.pauses.next();
        let options = self.signals.options.borrow();
        tracing::warn!(
            subscription = options.name,
            why,
            pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX),
            "the endpoint can't be reached; its messages wait"
        );
        let until = Instant::now() + pause;
        self.paused_until = Some(until);
        self.look_at = until;
    }

    fn is_resting(&self) -> bool {
        self.paused_until
            .is_some_and(|until| Instant::now() < until)
    }

    fn has_room(&self) -> bool {
        self.under_way.len() < self.window.size(self.max_in_flight())
    }

    fn max_in_flight(&self) -> usize {
        self.signals.options.borrow().max_in_flight
    }

    fn longest_delay(&self) -> Duration {
        let options = self.signals.options.borrow();
        longest_delay(options.retry_min, options.retry_max)
    }

    fn show(&self) {
        self.signals
            .in_flight
            .store(self.under_way.len(), Ordering::Relaxed);
    }
}

/// A bus that is gone has no more to say either.
async fn told_to_stop(stop: &mut watch::Receiver<bool>) {
    drop(stop.wait_for(|stop| *stop).await);
}
