//! The store goes away at every single step: nothing is lost, and nothing is called twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use embedded::EmbeddedStore;
use events::Timestamp;
use store::{
    EventQuery, HeldBacklog, HeldMessage, HeldMessages, HeldSummary, HoldReason, StoreUnavailable,
};
use testing::{MockAnswer, MockServer};

use crate::helpers::{Updater, World, one_route, purchase};

/// Fails at one operation: before it is done, or after, when only its answer is lost.
struct Faulty {
    store: Arc<EmbeddedStore>,
    operations: AtomicUsize,
    fails_at: usize,
    is_done_all_the_same: bool,
}

impl Faulty {
    async fn with_fault<T>(
        &self,
        operation: impl Future<Output = Result<T, StoreUnavailable>> + Send,
    ) -> Result<T, StoreUnavailable> {
        let number = self.operations.fetch_add(1, Ordering::SeqCst);
        if number != self.fails_at {
            return operation.await;
        }
        if self.is_done_all_the_same {
            operation.await?;
        }
        Err(StoreUnavailable::new("away for a test"))
    }
}

#[async_trait]
impl HeldMessages for Faulty {
    async fn hold(&self, message: HeldMessage) -> Result<bool, StoreUnavailable> {
        self.with_fault(self.store.hold(message)).await
    }

    async fn due(
        &self,
        destination: &str,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<HeldSummary>, StoreUnavailable> {
        self.with_fault(self.store.due(destination, now, limit))
            .await
    }

    async fn take(
        &self,
        seen: &HeldSummary,
        until: Timestamp,
    ) -> Result<Option<HeldMessage>, StoreUnavailable> {
        self.with_fault(self.store.take(seen, until)).await
    }

    async fn put_off(
        &self,
        taken: &HeldSummary,
        due: Timestamp,
        reason: HoldReason,
    ) -> Result<(), StoreUnavailable> {
        self.with_fault(self.store.put_off(taken, due, reason))
            .await
    }

    async fn release(&self, taken: &HeldSummary) -> Result<(), StoreUnavailable> {
        self.with_fault(self.store.release(taken)).await
    }

    async fn backlog(&self) -> Result<Vec<HeldBacklog>, StoreUnavailable> {
        self.with_fault(self.store.backlog()).await
    }

    async fn find_held(&self, query: &EventQuery) -> Result<Vec<HeldSummary>, StoreUnavailable> {
        self.with_fault(self.store.find_held(query)).await
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreUnavailable> {
        self.with_fault(HeldMessages::purge(&*self.store, now))
            .await
    }
}

/// Pushes until it is acknowledged; how often it was refused.
async fn push(updater: &Updater) -> usize {
    let mut refused = 0;
    while updater.push(&purchase("T1")).await == 503 {
        refused += 1;
    }
    refused
}

/// Drains until it works, later and later; how often it did not.
async fn drain(world: &World, updater: &Updater) -> usize {
    let mut failed = 0;
    loop {
        world.clock.advance(Duration::from_secs(15 * 60));
        match updater.post("/drain", Vec::new()).await {
            200 => return failed,
            503 => failed += 1,
            other => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn wherever_the_store_goes_away_the_call_is_made_once_in_the_end() {
    for repeat in ["safe", "unsafe"] {
        for is_done_all_the_same in [false, true] {
            let mut fails_at = 0;
            while let Some(faults) = walk(repeat, fails_at, is_done_all_the_same).await {
                assert_eq!(faults, 1, "{repeat}, operation {fails_at}: it is told");
                fails_at += 1;
            }
            assert!(fails_at >= 12, "only {fails_at} operations");
        }
    }
}

/// Held, put off once, then done, with one fault; how often it was told. `None` if the fault was never reached.
async fn walk(repeat: &str, fails_at: usize, is_done_all_the_same: bool) -> Option<usize> {
    let api = MockServer::start().await;
    api.answer(MockAnswer::status(403));
    let mut world = World::new(&one_route(repeat, ""), &api);
    let faulty = Arc::new(Faulty {
        store: Arc::clone(&world.store),
        operations: AtomicUsize::new(0),
        fails_at,
        is_done_all_the_same,
    });
    world.held_messages = Some(faulty.clone());
    let updater = world.start();
    let mut faults = push(&updater).await;
    faults += drain(&world, &updater).await;
    api.answer(MockAnswer::status(200));
    let before = api.requests().len();
    faults += drain(&world, &updater).await;
    // What the fault left is worked by a later drain.
    for _ in 0..2 {
        faults += drain(&world, &updater).await;
    }
    let what = format!("{repeat}, operation {fails_at}, done: {is_done_all_the_same}");
    assert_eq!(api.requests().len() - before, 1, "{what}");
    let states = world.states("purchase:T1", "api").await;
    assert_eq!(states["points"], "done", "{what}");
    assert_eq!(world.held_count().await, 0, "{what}");
    assert!(world.dead_letters().await.is_empty(), "{what}");
    (faulty.operations.load(Ordering::SeqCst) > fails_at).then_some(faults)
}

#[tokio::test]
async fn what_became_of_a_call_is_written_down_when_its_message_can_not_be_held() {
    let api = MockServer::start().await;
    api.answer(MockAnswer::status(403));
    let mut world = World::new(&one_route("unsafe", ""), &api);
    world.held_messages = Some(Arc::new(Faulty {
        store: Arc::clone(&world.store),
        operations: AtomicUsize::new(0),
        fails_at: 0,
        is_done_all_the_same: false,
    }));
    let updater = world.start();
    assert_eq!(updater.push(&purchase("T1")).await, 503);
    let states = world.states("purchase:T1", "api").await;
    assert_eq!(states["points"], "retry", "no call of unknown outcome");
}
