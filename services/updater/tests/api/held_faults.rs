//! The store goes away at every single step: nothing is lost, and nothing is called twice.

use std::time::Duration;

use testing::{MockAnswer, MockServer};

use crate::helpers::{Updater, World, one_route, purchase};
use crate::watched_store::{Trouble, WatchedStore};

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
    let trouble = Trouble {
        fails_at: Some(fails_at),
        is_done_all_the_same,
        ..Trouble::default()
    };
    let faulty = WatchedStore::of(&world, trouble);
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
    (faulty.operations() > fails_at).then_some(faults)
}

#[tokio::test]
async fn what_became_of_a_call_is_written_down_when_its_message_can_not_be_held() {
    let api = MockServer::start().await;
    api.answer(MockAnswer::status(403));
    let mut world = World::new(&one_route("unsafe", ""), &api);
    let trouble = Trouble {
        fails_at: Some(0),
        ..Trouble::default()
    };
    world.held_messages = Some(WatchedStore::of(&world, trouble));
    let updater = world.start();
    assert_eq!(updater.push(&purchase("T1")).await, 503);
    let states = world.states("purchase:T1", "api").await;
    assert_eq!(states["points"], "retry", "no call of unknown outcome");
}
