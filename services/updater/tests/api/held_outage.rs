//! An API that is away for days: the clock is moved, and nothing is lost.

use std::collections::BTreeMap;
use std::time::Duration;

use testing::{MockAnswer, MockServer};

use crate::helpers::{World, one_route, purchase};
use crate::watched_store::{Trouble, WatchedStore};

const EVENTS: usize = 300;
const QUARTER: Duration = Duration::from_secs(15 * 60);
const HOUR: Duration = Duration::from_secs(60 * 60);

#[tokio::test]
async fn an_api_that_is_down_for_three_days_gets_everything_once_when_it_is_back() {
    for repeat in ["safe", "unsafe"] {
        let api = MockServer::start().await;
        api.answer(MockAnswer::status(503));
        let world = World::new(&one_route(repeat, ""), &api);
        let updater = world.start();
        let events: Vec<_> = (0..EVENTS)
            .map(|number| purchase(&format!("T{number}")))
            .collect();
        let mut refused = Vec::new();
        for event in &events {
            match updater.push(event).await {
                204 => {}
                503 => refused.push(event),
                other => panic!("{other}"),
            }
        }
        assert_eq!(refused.len(), 10, "then it is known to be failing");
        assert_eq!(api.requests().len(), 10);
        world.clock.advance(QUARTER);
        for event in refused {
            assert_eq!(updater.push(event).await, 204, "it came again in time");
        }
        assert_eq!(world.held_count().await, EVENTS as u64);

        let hours = 3 * 24;
        for _ in 0..hours {
            world.clock.advance(HOUR);
            let drained = updater.drain().await;
            assert_eq!((&drained["done"], &drained["dead"]), (&0.into(), &0.into()));
            assert_eq!(drained["left"], EVENTS);
        }
        let calls = api.requests().len();
        assert!(
            calls <= 20 + 3 * hours,
            "{calls} calls of an API that is down"
        );

        api.answer(MockAnswer::status(200));
        world.clock.advance(QUARTER);
        let drained = updater.drain().await;
        assert_eq!(
            (&drained["done"], &drained["left"]),
            (&EVENTS.into(), &0.into())
        );
        let mut done: BTreeMap<String, usize> = BTreeMap::new();
        for request in api.requests().split_off(calls) {
            let key = request.header("idempotency-key").to_owned();
            *done.entry(key).or_default() += 1;
        }
        assert_eq!(done.len(), EVENTS, "all of them");
        assert!(done.values().all(|times| *times == 1), "once");
        assert!(world.dead_letters().await.is_empty());
        for number in [0, EVENTS / 2, EVENTS - 1] {
            let identity = format!("purchase:T{number}");
            assert_eq!(world.states(&identity, "api").await["points"], "done");
        }
    }
}

#[tokio::test]
async fn an_api_that_must_not_be_called_twice_gets_what_it_refused_many_times() {
    let api = MockServer::start().await;
    api.answer(MockAnswer::status(503));
    let world = World::new(&one_route("unsafe", ""), &api);
    let updater = world.start();
    for _ in 0..10 {
        updater.push(&purchase("T1")).await;
    }
    for _ in 0..30 {
        world.clock.advance(QUARTER);
        assert_eq!(updater.drain().await["held"], 1);
    }
    api.answer(MockAnswer::status(200));
    world.clock.advance(QUARTER);
    assert_eq!(updater.drain().await["done"], 1);
    assert_eq!(api.requests().len(), 41);
    assert!(world.dead_letters().await.is_empty());
}

#[tokio::test]
async fn a_drain_of_nothing_asks_the_store_once() {
    let api = MockServer::start().await;
    let mut world = World::new(&one_route("safe", ""), &api);
    let watched = WatchedStore::of(&world, Trouble::default());
    world.held_messages = Some(watched.clone());
    let updater = world.start();
    let drained = updater.drain().await;
    assert_eq!(
        (&drained["worked"], &drained["left"]),
        (&0.into(), &0.into())
    );
    assert_eq!(watched.operations(), 1);
}
