//! Many events on their way to their 202, over several runs of the publisher.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use testing::{PATIENCE, eventually};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::cloud::Cloud;
use crate::program::Service;
use crate::support::Shopper;
use crate::support::load::Accepted;

pub struct Sending {
    cloud: Arc<Cloud>,
    waiting: Mutex<VecDeque<(Value, Accepted)>>,
    accepted: Mutex<Vec<(Value, Accepted)>>,
    count: watch::Sender<usize>,
    unanswered: watch::Sender<usize>,
}

impl Sending {
    /// So many events of a shopper.
    pub fn new(cloud: &Arc<Cloud>, seed: u64, events: usize) -> Arc<Self> {
        let mut shopper = Shopper::new(seed);
        Arc::new(Self {
            cloud: Arc::clone(cloud),
            waiting: Mutex::new((0..events).map(|_| shopper.next()).collect()),
            accepted: Mutex::default(),
            count: watch::Sender::default(),
            unanswered: watch::Sender::default(),
        })
    }

    /// Sends from so many connections, at most so many from each.
    pub fn start(self: &Arc<Self>, connections: usize, most: usize) -> JoinSet<()> {
        let connection = |_| {
            let sending = Arc::clone(self);
            async move { sending.run(most).await }
        };
        (0..connections).map(connection).collect()
    }

    /// What got no answer is sent again: nobody knows whether it is in.
    async fn run(&self, most: usize) {
        for _ in 0..most {
            let next = lock(&self.waiting).pop_front();
            let Some((event, expected)) = next else {
                return;
            };
            match self.cloud.try_publish(&event).await {
                Some(202) => {
                    lock(&self.accepted).push((event, expected));
                    self.count.send_modify(|count| *count += 1);
                }
                Some(503) => lock(&self.waiting).push_back((event, expected)),
                Some(status) => panic!("{status} for {event}"),
                None => {
                    lock(&self.waiting).push_back((event, expected));
                    self.unanswered.send_modify(|count| *count += 1);
                    self.publisher_is_back().await;
                }
            }
        }
    }

    async fn publisher_is_back(&self) {
        let url = format!("{}/health/live", self.cloud.url(Service::Publisher));
        eventually("the publisher to be back", || async {
            self.cloud.client.get(&url).send().await.ok()
        })
        .await;
    }

    /// Sends what is left.
    pub async fn finish(self: &Arc<Self>) {
        let all_end = all_end(self.start(8, usize::MAX));
        let in_time = tokio::time::timeout(PATIENCE, all_end).await;
        in_time.expect("every event is accepted at last");
        assert!(lock(&self.waiting).is_empty());
    }

    /// Tells how many 202s came, and when it changes.
    pub fn count(&self) -> watch::Receiver<usize> {
        self.count.subscribe()
    }

    /// How many requests broke.
    pub fn unanswered(&self) -> usize {
        *self.unanswered.borrow()
    }

    pub fn accepted(&self) -> Vec<Accepted> {
        let accepted = lock(&self.accepted);
        accepted.iter().map(|(_, event)| event.clone()).collect()
    }

    /// The texts of what was accepted.
    pub fn texts(&self) -> Vec<String> {
        let accepted = lock(&self.accepted);
        accepted.iter().map(|(text, _)| text.to_string()).collect()
    }
}

pub async fn all_end(mut connections: JoinSet<()>) {
    while let Some(ended) = connections.join_next().await {
        ended.expect("only 202 and 503 were answered");
    }
}

/// A test that panicked while it held the lock has failed already.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
