//! Answers that are worked out once and shared: whoever asks while one is worked out waits for it.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use events::Timestamp;

/// An answer that nobody asked for this long is forgotten.
const FORGET_AFTER: Duration = Duration::from_secs(15);

/// An answer, and of when it is.
#[derive(Debug)]
pub(crate) struct Kept<V> {
    pub value: Arc<V>,
    /// The version of the tallies that it holds at least.
    pub version: u64,
    at: Timestamp,
}

impl<V> Clone for Kept<V> {
    fn clone(&self) -> Self {
        Self {
            value: Arc::clone(&self.value),
            version: self.version,
            at: self.at,
        }
    }
}

struct Slot<V> {
    kept: tokio::sync::Mutex<Option<Kept<V>>>,
    used: AtomicI64,
}

/// Answers by question.
pub(crate) struct Shared<K, V> {
    slots: Mutex<HashMap<K, Arc<Slot<V>>>>,
    /// An answer this young is good enough, whatever was counted since.
    least_age: Duration,
    most: usize,
}

impl<K: Clone + Eq + Hash, V> Shared<K, V> {
    /// Keeps at most so many answers; the one that was asked for longest ago makes room.
    pub(crate) fn new(least_age: Duration, most: usize) -> Self {
        Self {
            slots: Mutex::default(),
            least_age,
            most,
        }
    }

    /// The answer to `question` at `now`, when the tallies have `version`: the kept one if nothing was counted since
    /// or if it is young, else that of `work`, which returns it with the version it holds.
    pub(crate) async fn get<E>(
        &self,
        question: K,
        now: Timestamp,
        version: u64,
        work: impl Future<Output = Result<(V, u64), E>>,
    ) -> Result<Kept<V>, E> {
        let slot = self.slot(question, now);
        let mut kept = slot.kept.lock().await;
        if let Some(kept) = &*kept
            && self.is_fresh(kept, now, version)
        {
            return Ok(kept.clone());
        }
        let (value, version) = work.await?;
        let fresh = Kept {
            value: Arc::new(value),
            version,
            at: now,
        };
        *kept = Some(fresh.clone());
        Ok(fresh)
    }

    fn is_fresh(&self, kept: &Kept<V>, now: Timestamp, version: u64) -> bool {
        // A clock that was set back makes nothing young.
        let young = now >= kept.at && now.since(kept.at) < self.least_age;
        kept.version >= version || young
    }

    fn slot(&self, question: K, now: Timestamp) -> Arc<Slot<V>> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.retain(|_, slot| {
            let used = Timestamp::from_millis(slot.used.load(Ordering::Relaxed));
            now.since(used) < FORGET_AFTER
        });
        if slots.len() >= self.most && !slots.contains_key(&question) {
            let used = |slot: &Arc<Slot<V>>| slot.used.load(Ordering::Relaxed);
            let oldest = slots.iter().min_by_key(|(_, slot)| used(slot));
            if let Some(oldest) = oldest.map(|(question, _)| question.clone()) {
                slots.remove(&oldest);
            }
        }
        let slot = slots.entry(question).or_insert_with(|| {
            Arc::new(Slot {
                kept: tokio::sync::Mutex::new(None),
                used: AtomicI64::new(now.millis()),
            })
        });
        slot.used.store(now.millis(), Ordering::Relaxed);
        Arc::clone(slot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    async fn answer(shared: &Shared<&str, u32>, now: i64, version: u64, next: u32) -> u32 {
        let work = async { Ok::<_, ()>((next, version)) };
        let kept = shared.get("q", at(now), version, work).await;
        *kept.expect("the work succeeds").value
    }

    #[tokio::test]
    async fn an_answer_is_kept_until_something_was_counted_and_it_is_old_enough() {
        let shared = Shared::new(Duration::from_secs(3), 64);
        assert_eq!(answer(&shared, 0, 1, 10).await, 10);
        assert_eq!(answer(&shared, 9, 1, 11).await, 10, "nothing was counted");
        assert_eq!(answer(&shared, 10, 2, 12).await, 12, "it is old");
        assert_eq!(answer(&shared, 12, 3, 13).await, 12, "it is young");
        assert_eq!(answer(&shared, 13, 3, 14).await, 14);
        assert_eq!(
            answer(&shared, 5, 4, 15).await,
            15,
            "the clock was set back"
        );
    }

    #[tokio::test]
    async fn a_failure_is_not_kept_and_unused_answers_are_forgotten() {
        let shared: Shared<&str, u32> = Shared::new(Duration::from_secs(3), 64);
        let failing = shared.get("q", at(0), 1, async { Err::<(u32, u64), _>("down") });
        assert_eq!(failing.await.err(), Some("down"));
        assert_eq!(answer(&shared, 1, 1, 10).await, 10);
        let other = shared.get("other", at(60), 1, async { Ok::<_, ()>((1, 1)) });
        other.await.expect("the work succeeds");
        assert_eq!(answer(&shared, 61, 1, 11).await, 11, "it was forgotten");
    }

    #[tokio::test]
    async fn many_questions_keep_few_answers_and_the_longest_unused_goes_first() {
        let shared: Shared<u32, u32> = Shared::new(Duration::from_secs(3), 2);
        let ask = async |question: u32, millis: i64, next: u32| {
            let work = async { Ok::<_, ()>((next, 1)) };
            let kept = shared.get(question, Timestamp::from_millis(millis), 1, work);
            *kept.await.expect("the work succeeds").value
        };
        assert_eq!(ask(1, 1, 10).await, 10);
        assert_eq!(ask(2, 2, 20).await, 20);
        assert_eq!(ask(1, 3, 11).await, 10, "it is kept");
        assert_eq!(ask(3, 4, 30).await, 30);
        assert_eq!(shared.slots.lock().expect("no panic").len(), 2);
        assert_eq!(ask(1, 5, 11).await, 10, "it was used lately");
        assert_eq!(ask(2, 6, 21).await, 21, "it made room");
        for question in 4..1000 {
            ask(question, 7, 1).await;
        }
        assert_eq!(shared.slots.lock().expect("no panic").len(), 2);
    }
}
