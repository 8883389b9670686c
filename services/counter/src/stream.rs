//! The live stream: who follows it, how many, and when it ends.

mod follower;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use store::tallies::Tallies;
use telemetry::Metrics;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::time::MissedTickBehavior;
use web::Problem;

use crate::shown::Query;
use crate::view::View;
use follower::Follower;

/// A stream is told of changes at most this often.
const TICK: Duration = Duration::from_millis(500);
/// A sign of life, and windows that moved, each so many ticks.
const TICKS_A_BEAT: u64 = 10;
/// Frames that wait for a reader.
const FRAMES: usize = 8;
/// A reader who takes nothing for this long is dropped; the browser connects again.
const READER_PATIENCE: Duration = Duration::from_secs(10);
const STORE_RETRY: Duration = Duration::from_secs(1);
const RECONNECT_AFTER: Duration = Duration::from_secs(5);

/// What is known of the tallies while somebody follows.
#[derive(Clone, Copy, Debug)]
struct Seen {
    version: u64,
    is_available: bool,
}

/// The streams of a counter.
pub(crate) struct Streams {
    view: Arc<View>,
    runtime: Handle,
    max: usize,
    places: Arc<Semaphore>,
    open: watch::Sender<usize>,
    seen: watch::Sender<Seen>,
    stopping: watch::Sender<bool>,
    metrics: Metrics,
}

impl Streams {
    /// No stream yet; streams run on `runtime`.
    pub(crate) fn start(
        view: Arc<View>,
        max: usize,
        runtime: Handle,
        metrics: Metrics,
    ) -> Arc<Self> {
        let streams = Arc::new(Self {
            view,
            runtime: runtime.clone(),
            max,
            places: Arc::new(Semaphore::new(max)),
            open: watch::channel(0).0,
            seen: watch::channel(Seen {
                version: 0,
                is_available: true,
            })
            .0,
            stopping: watch::channel(false).0,
            metrics,
        });
        runtime.spawn(look_for_changes(
            Arc::clone(streams.view.tallies()),
            streams.seen.clone(),
            streams.open.subscribe(),
            streams.stopping.subscribe(),
        ));
        streams
    }

    /// The frames of a new stream; 503 if there are too many.
    pub(crate) fn follow(
        self: &Arc<Self>,
        query: Query,
    ) -> Result<impl Stream<Item = Result<Bytes, actix_web::Error>> + use<>, Problem> {
        let full = |_| {
            let detail = format!("{} streams are open, which is the most", self.max);
            Problem::unavailable(detail, RECONNECT_AFTER)
        };
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(full)?;
        if *self.stopping.borrow() {
            return Err(Problem::unavailable(
                "the counter is stopping",
                RECONNECT_AFTER,
            ));
        }
        let (sender, receiver) = mpsc::channel(FRAMES);
        self.runtime
            .spawn(Arc::clone(self).run(query, sender, place));
        Ok(futures_util::stream::unfold(
            receiver,
            async |mut receiver| {
                let frame: Bytes = receiver.recv().await?;
                Some((Ok(frame), receiver))
            },
        ))
    }

    /// Ends all streams, so that the server need not wait for them.
    pub(crate) fn stop(&self) {
        self.stopping.send_replace(true);
    }

    async fn run(
        self: Arc<Self>,
        query: Query,
        frames: mpsc::Sender<Bytes>,
        _place: OwnedSemaphorePermit,
    ) {
        self.open.send_modify(|open| *open += 1);
        let counted = self.metrics.stream_opened();
        let mut stopping = self.stopping.subscribe();
        tokio::select! {
            () = self.feed(query, &frames) => {}
            () = frames.closed() => {}
            _ = stopping.wait_for(|stopping| *stopping) => {}
        }
        drop(counted);
        self.open.send_modify(|open| *open -= 1);
    }

    /// Returns when the reader is too slow.
    async fn feed(&self, query: Query, frames: &mpsc::Sender<Bytes>) {
        let mut follower = Follower::new(query);
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut next = vec![Bytes::from_static(b"retry: 2000\n\n")];
        for tick in 0_u64.. {
            ticks.tick().await;
            let seen = *self.seen.borrow();
            let (is_beat, open) = (tick % TICKS_A_BEAT == 0, *self.open.borrow());
            next.extend(follower.news(&self.view, seen, is_beat, open).await);
            for frame in next.drain(..) {
                if frames.send_timeout(frame, READER_PATIENCE).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// Follows the tallies while at least one stream is open.
async fn look_for_changes(
    tallies: Arc<dyn Tallies>,
    seen: watch::Sender<Seen>,
    mut open: watch::Receiver<usize>,
    mut stopping: watch::Receiver<bool>,
) {
    let looking = async {
        while open.wait_for(|open| *open > 0).await.is_ok() {
            let last = *seen.borrow();
            let change = async {
                // A store that was away says nothing until something changes, so it is asked.
                match last.is_available {
                    true => tallies.changed(last.version).await,
                    false => tallies.version().await,
                }
            };
            let changed = tokio::select! {
                changed = change => changed,
                _ = open.wait_for(|open| *open == 0) => continue,
            };
            match changed {
                Ok(version) => {
                    seen.send_replace(Seen {
                        version,
                        is_available: true,
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "the live page waits for the store");
                    seen.send_modify(|seen| seen.is_available = false);
                    tokio::time::sleep(STORE_RETRY).await;
                }
            }
        }
    };
    tokio::select! {
        () = looking => {}
        _ = stopping.wait_for(|stopping| *stopping) => {}
    }
}
