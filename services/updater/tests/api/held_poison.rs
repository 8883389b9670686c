//! Messages that always fail keep no others waiting, and a destination that is down is left in peace.

use std::time::Duration;

use serde_json::json;
use testing::{MockAnswer, MockServer};

use crate::helpers::{Updater, World, one_route, purchase};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Events of this value always fail.
const POISON: f64 = 666.0;

/// A world in which these messages are held, one after the other; true stands for one that always fails.
async fn holding(repeat: &str, poison: &[bool], api: &MockServer) -> (World, Updater) {
    api.answer(MockAnswer::status(403));
    let mut world = World::new(&one_route(repeat, ""), api);
    world.settings.held.failures_in_a_row = u32::MAX;
    let updater = world.start();
    for (number, is_poison) in poison.iter().enumerate() {
        let mut event = purchase(&format!("T{number}"));
        if *is_poison {
            event["data"]["value"] = json!(POISON);
        }
        assert_eq!(updater.push(&event).await, 204);
        world.clock.advance(Duration::from_millis(1));
    }
    world.clock.advance(MINUTE);
    (world, updater)
}

/// The API does all but those that always fail.
fn mend(api: &MockServer) {
    api.answer_with(|request| match request.json()["value"].as_f64() {
        Some(POISON) => MockAnswer::status(500),
        _ => MockAnswer::status(200),
    });
}

/// How many calls a drain makes.
async fn calls_of_a_drain(updater: &Updater, api: &MockServer) -> usize {
    let before = api.requests().len();
    updater.drain().await;
    api.requests().len() - before
}

#[tokio::test]
async fn messages_that_always_fail_keep_no_others_waiting_and_end_as_letters() {
    let before = [vec![true; 200], vec![false; 50]].concat();
    let around = [vec![true; 100], vec![false; 50], vec![true; 100]].concat();
    let after = [vec![false; 50], vec![true; 200]].concat();
    let between = [false, true, true, true, true].repeat(50);
    for poison in [before, around, after, between] {
        let api = MockServer::start().await;
        let (world, updater) = holding("safe", &poison, &api).await;
        mend(&api);
        let mut done = 0;
        for _ in 0..2 {
            done += updater.drain().await["done"].as_u64().expect("a number");
            world.clock.advance(MINUTE);
        }
        assert_eq!(done, 50, "all that can be done");
        assert_eq!(world.held_count().await, 200);
        assert!(world.dead_letters().await.is_empty());
        world.clock.advance(DAY * 7);
        let calls = api.requests().len();
        assert_eq!(updater.drain().await["dead"], 200);
        assert_eq!(api.requests().len(), calls, "they are given up");
        let counts = world.store.counts().await.expect("a store");
        assert_eq!((counts.dead_letters, counts.held_messages), (200, 0));
        assert!(world.reasons().await.iter().all(|it| *it == "exhausted"));
    }
}

#[tokio::test]
async fn a_message_that_is_held_later_finds_its_way_past_many_that_always_fail() {
    let api = MockServer::start().await;
    let (world, updater) = holding("safe", &[true; 100], &api).await;
    mend(&api);
    for _ in 0..60 {
        calls_of_a_drain(&updater, &api).await;
        world.clock.advance(MINUTE);
    }
    api.answer(MockAnswer::status(403));
    assert_eq!(updater.push(&purchase("late")).await, 204);
    mend(&api);
    world.clock.advance(MINUTE);
    assert_eq!(updater.drain().await["done"], 1);
}

#[tokio::test]
async fn a_destination_that_is_down_gets_fewer_and_fewer_calls_of_a_drain() {
    for (status, expected) in [(500, [16, 8, 4, 3, 3]), (503, [3, 3, 3, 3, 3])] {
        let api = MockServer::start().await;
        let (world, updater) = holding("safe", &[false; 60], &api).await;
        api.answer(MockAnswer::status(status));
        let mut calls = [0; 5];
        for count in &mut calls {
            *count = calls_of_a_drain(&updater, &api).await;
            world.clock.advance(MINUTE);
        }
        assert_eq!(calls, expected, "{status}");
        api.answer(MockAnswer::status(200));
        world.clock.advance(MINUTE * 15);
        assert_eq!(updater.drain().await["done"], 60, "{status}");
    }
}

#[tokio::test]
async fn a_destination_that_goes_down_in_the_middle_of_a_drain_is_left_in_peace() {
    let api = MockServer::start().await;
    let (_world, updater) = holding("safe", &[false; 300], &api).await;
    let (counter, answered) = (std::sync::atomic::AtomicUsize::new(0), 70);
    api.answer_with(move |_| {
        let number = counter.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        MockAnswer::status(if number < answered { 200 } else { 500 })
    });
    let calls = calls_of_a_drain(&updater, &api).await;
    let most = answered + 32 + 31 + 16;
    assert!((answered..=most).contains(&calls), "{calls} calls");
}

#[tokio::test]
async fn an_api_that_must_not_be_called_twice_and_fails_leaves_a_person_little_to_review() {
    let api = MockServer::start().await;
    let (world, updater) = holding("unsafe", &[false; 60], &api).await;
    api.answer(MockAnswer::status(500));
    assert_eq!(calls_of_a_drain(&updater, &api).await, 3);
    assert_eq!(world.reasons().await, ["outcome-unknown"; 3]);
    assert_eq!(world.held_count().await, 57, "the others wait");
}
