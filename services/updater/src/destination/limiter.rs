//! How many calls a destination gets: at the same time, and a second.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// The limits of one destination, shared by all pushes of this process.
#[derive(Debug)]
pub struct Limiter {
    concurrency: usize,
    slots: Arc<Semaphore>,
    waiting: AtomicUsize,
    most_waiting: usize,
    /// Time between two calls at the permitted rate, and the moment from which the next may start.
    pace: Option<(Duration, Mutex<Instant>)>,
}

/// The right to make one call; dropping it gives the slot back.
#[derive(Debug)]
pub struct Slot {
    _permit: OwnedSemaphorePermit,
}

impl Limiter {
    /// `concurrency` calls at once and, where given, `per_second` of them a second. At most twice `concurrency`
    /// callers wait.
    pub fn new(concurrency: usize, per_second: Option<f64>) -> Self {
        let pace = per_second.map(|rate| {
            (
                Duration::from_secs_f64(1.0 / rate),
                Mutex::new(Instant::now()),
            )
        });
        Self {
            concurrency,
            slots: Arc::new(Semaphore::new(concurrency)),
            waiting: AtomicUsize::new(0),
            most_waiting: concurrency * 2,
            pace,
        }
    }

    /// The most calls at once.
    pub fn concurrency(&self) -> usize {
        self.concurrency
    }

    /// Waits for a slot, at most until `deadline`; `None` when it doesn't come in time or too many wait already.
    pub async fn acquire(&self, deadline: Instant) -> Option<Slot> {
        if let Ok(permit) = Arc::clone(&self.slots).try_acquire_owned() {
            return self.paced(permit, deadline).await;
        }
        let _waiting = Waiting::enter(&self.waiting, self.most_waiting)?;
        let permit = tokio::time::timeout_at(deadline, Arc::clone(&self.slots).acquire_owned())
            .await
            .ok()?
            .ok()?;
        self.paced(permit, deadline).await
    }

    /// A slot that is free at once; `None` if there is none.
    pub fn try_acquire(&self) -> Option<Slot> {
        let permit = Arc::clone(&self.slots).try_acquire_owned().ok()?;
        let now = Instant::now();
        self.reserve(now, now).map(|_| Slot { _permit: permit })
    }

    async fn paced(&self, permit: OwnedSemaphorePermit, deadline: Instant) -> Option<Slot> {
        let start = self.reserve(Instant::now(), deadline)?;
        tokio::time::sleep_until(start).await;
        Some(Slot { _permit: permit })
    }

    /// Takes the next free moment, if that is no later than `latest`.
    fn reserve(&self, now: Instant, latest: Instant) -> Option<Instant> {
        let Some((interval, next)) = &self.pace else {
            return Some(now);
        };
        let mut next = next.lock().unwrap_or_else(PoisonError::into_inner);
        let start = (*next).max(now);
        if start > latest {
            return None;
        }
        *next = start + *interval;
        Some(start)
    }
}

/// One place among those who wait; given back when dropped, also when the waiter is.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn enter(count: &'a AtomicUsize, most: usize) -> Option<Self> {
        let entered = count.fetch_update(Ordering::AcqRel, Ordering::Acquire, |waiting| {
            (waiting < most).then_some(waiting + 1)
        });
        entered.ok().map(|_| Self(count))
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(3600);

    #[tokio::test(start_paused = true)]
    async fn a_slot_is_free_again_when_its_call_ends() {
        let limiter = Limiter::new(1, None);
        let slot = limiter
            .acquire(Instant::now() + LONG)
            .await
            .expect("the first slot");
        assert!(limiter.try_acquire().is_none());
        assert!(
            limiter
                .acquire(Instant::now() + Duration::from_millis(5))
                .await
                .is_none(),
            "nobody waits past the deadline"
        );
        drop(slot);
        assert!(limiter.try_acquire().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn at_most_twice_the_concurrency_waits() {
        let limiter = Arc::new(Limiter::new(1, None));
        let slot = limiter
            .acquire(Instant::now() + LONG)
            .await
            .expect("the first slot");
        let waiter = || {
            let limiter = Arc::clone(&limiter);
            tokio::spawn(async move { limiter.acquire(Instant::now() + LONG).await.is_some() })
        };
        let waiters = [waiter(), waiter()];
        tokio::task::yield_now().await;
        let began = Instant::now();
        assert!(
            limiter.acquire(began + LONG).await.is_none(),
            "a third waiter is refused"
        );
        assert_eq!(Instant::now(), began, "at once");
        drop(slot);
        for waiter in waiters {
            assert!(
                waiter.await.expect("no panic"),
                "those who waited get their turn"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn calls_keep_their_distance() {
        let limiter = Limiter::new(10, Some(10.0));
        let began = Instant::now();
        for _ in 0..5 {
            limiter.acquire(began + LONG).await.expect("a slot");
        }
        assert_eq!(began.elapsed().as_millis(), 400);
        assert!(
            limiter
                .acquire(Instant::now() + Duration::from_millis(50))
                .await
                .is_none()
        );
    }
}
