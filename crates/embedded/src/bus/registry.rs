//! The subscriptions that this process delivers.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use super::settings::Subscription;

/// By short name.
#[derive(Default)]
pub(super) struct Registry {
    running: Mutex<BTreeMap<String, Running>>,
}

/// A delivery task, and how it is spoken to.
pub(super) struct Running {
    pub(super) options: watch::Sender<Arc<Subscription>>,
    pub(super) wake: Arc<Notify>,
    pub(super) in_flight: Arc<AtomicUsize>,
    pub(super) task: JoinHandle<()>,
}

impl Registry {
    /// Gives a running subscription its new options, or starts one.
    pub(super) fn start_or_update(
        &self,
        subscription: Arc<Subscription>,
        start: impl FnOnce(Arc<Subscription>) -> Running,
    ) {
        let mut running = self.lock();
        match running.get(&subscription.name) {
            Some(found) => {
                found.options.send_replace(subscription);
                found.wake.notify_one();
            }
            None => {
                let name = subscription.name.clone();
                running.insert(name, start(subscription));
            }
        }
    }

    /// Lets the topic's subscriptions look for new messages.
    pub(super) fn wake(&self, topic: &str) {
        for running in self.lock().values() {
            if running.options.borrow().topic == topic {
                running.wake.notify_one();
            }
        }
    }

    /// Lets one subscription look for new messages.
    pub(super) fn wake_subscription(&self, name: &str) {
        if let Some(running) = self.lock().get(name) {
            running.wake.notify_one();
        }
    }

    /// Requests under way to a subscription's endpoint.
    pub(super) fn in_flight(&self, name: &str) -> usize {
        self.lock()
            .get(name)
            .map_or(0, |running| running.in_flight.load(Ordering::Relaxed))
    }

    /// Ends one delivery at once.
    pub(super) fn abort(&self, name: &str) {
        if let Some(running) = self.lock().remove(name) {
            running.task.abort();
        }
    }

    /// Hands all deliveries over; the registry is empty after that.
    pub(super) fn take_all(&self) -> Vec<(String, JoinHandle<()>)> {
        std::mem::take(&mut *self.lock())
            .into_iter()
            .map(|(name, running)| (name, running.task))
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
