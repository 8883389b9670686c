//! Messages that wait for paused routes: nobody tries them in vain, and they are done as soon as their route is live.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use store::{HeldMessages, HoldReason};
use testing::{MockAnswer, MockServer, eventually};

use crate::helpers::{Updater, World, one_route, purchase};
use crate::watched_store::{Trouble, WatchedStore};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A route beside `points`.
fn route(name: &str, when: &str, mode: &str) -> String {
    format!("  - {{ name: {name}, when: '{when}', to: api, mode: {mode} }}\n")
}

async fn take_routes(world: &World, updater: &Updater, routes: &str) {
    let before = updater.application.routes().current();
    std::fs::write(world.routes_file(), routes).expect("writing");
    eventually("the routes to be taken", || async {
        let now = updater.application.routes().current();
        (!Arc::ptr_eq(&before, &now)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_paused_routes_events_wait_and_others_go_on() {
    let api = MockServer::start().await;
    let paused = one_route("unsafe", "") + &route("crm", "true", "paused");
    let world = World::new(&paused, &api);
    let updater = world.start();
    for _ in 0..2 {
        assert_eq!(updater.push(&purchase("T1")).await, 204);
    }
    let states = world.states("purchase:T1", "api").await;
    assert_eq!((states["points"], states["crm"]), ("done", "held"));
    let held = world.held("purchase:T1").await.expect("it is held");
    assert_eq!(held.reason, HoldReason::Paused);
    assert_eq!(held.waits_for.as_deref(), Some("crm"));
    world.clock.advance(MINUTE);
    assert_eq!(updater.drain().await["worked"], 0);
    assert_eq!(api.requests().len(), 1);

    take_routes(&world, &updater, &paused.replace("paused", "live")).await;
    let drained = updater.drain().await;
    assert_eq!((&drained["done"], &drained["left"]), (&json!(1), &json!(0)));
    assert_eq!(world.states("purchase:T1", "api").await["crm"], "done");
    assert_eq!(api.requests().len(), 2);
}

#[tokio::test]
async fn what_waits_for_a_paused_route_is_looked_at_once_a_day_and_given_up_in_time() {
    let api = MockServer::start().await;
    let paused = one_route("safe", "").replace("    to: api\n", "    to: api\n    mode: paused\n");
    let mut world = World::new(&paused, &api);
    let watched = WatchedStore::of(&world, Trouble::default());
    world.held_messages = Some(watched.clone());
    let updater = world.start();
    for number in 0..20 {
        assert_eq!(updater.push(&purchase(&format!("T{number}"))).await, 204);
    }
    for day in 1..=7 {
        for _ in 0..24 {
            world.clock.advance(DAY / 24);
            updater.drain().await;
        }
        let looks = (watched.count("take"), watched.count("put_off"));
        assert_eq!(looks, (day * 20, day * 20));
    }
    let questions = watched.count("due") + watched.count("waited_for");
    assert!(questions < 7 * 24 * 3 + 7 * 20, "{questions} questions");
    world.clock.advance(Duration::from_millis(1));
    assert_eq!(updater.drain().await["dead"], 20, "their time is up");
    assert_eq!(world.reasons().await, ["exhausted"; 20]);
    assert!(api.requests().is_empty());
}

#[tokio::test]
async fn of_messages_that_wait_for_several_routes_those_of_the_resumed_are_done() {
    let api = MockServer::start().await;
    let first = "event.data.transactionId != \"B\"";
    let second = "event.data.transactionId != \"A\"";
    let routes = |first_mode: &str, second_mode: &str| {
        one_route("safe", "").replace("== \"purchase\"", "== \"never\"")
            + &route("first", first, first_mode)
            + &route("second", second, second_mode)
    };
    let mut world = World::new(&routes("paused", "paused"), &api);
    let watched = WatchedStore::of(&world, Trouble::default());
    world.held_messages = Some(watched.clone());
    let updater = world.start();
    for order in ["A", "B", "AB"] {
        assert_eq!(updater.push(&purchase(order)).await, 204);
    }
    take_routes(&world, &updater, &routes("live", "paused")).await;
    let drained = updater.drain().await;
    assert_eq!((&drained["done"], &drained["held"]), (&json!(1), &json!(1)));
    assert_eq!(watched.count("take"), 2, "B waits for the other alone");
    let both = world.states("purchase:AB", "api").await;
    assert_eq!((both["first"], both["second"]), ("done", "held"));
    let held = world.held("purchase:AB").await.expect("it is held");
    assert_eq!(held.waits_for.as_deref(), Some("second"));
    // A route that is no more is not waited for either.
    let gone = routes("live", "paused").replace("name: second", "name: third");
    take_routes(&world, &updater, &gone).await;
    updater.drain().await;
    assert_eq!(world.reasons().await, ["route-gone"; 2]);
    assert_eq!(api.requests().len(), 2);
}

#[tokio::test]
async fn a_destination_that_is_down_is_left_in_peace_by_messages_that_wait_for_a_paused_route_too()
{
    let api = MockServer::start().await;
    api.answer(MockAnswer::status(403));
    let routes = one_route("safe", "") + &route("crm", "true", "paused");
    let world = World::new(&routes, &api);
    let updater = world.start();
    for number in 0..40 {
        assert_eq!(updater.push(&purchase(&format!("T{number}"))).await, 204);
    }
    let before = api.requests().len();
    let held = world.held("purchase:T1").await.expect("it is held");
    assert_eq!(held.reason, HoldReason::SetUp, "which says more");
    world.clock.advance(MINUTE);
    assert_eq!(updater.drain().await["held"], 3);
    assert_eq!(api.requests().len() - before, 3);
}

#[tokio::test]
async fn a_route_that_is_paused_again_during_a_drain_is_left_for_later() {
    let api = MockServer::start().await;
    let live = one_route("safe", "");
    let paused = live.replace("    to: api\n", "    to: api\n    mode: paused\n");
    let mut world = World::new(&paused, &api);
    world.settings.held.drain_time = Duration::from_millis(500);
    // What is in use is said by the test alone.
    world.settings.routes_poll = DAY;
    let watched = WatchedStore::of(&world, Trouble::default());
    world.held_messages = Some(watched.clone());
    let updater = world.start();
    for order in ["T1", "T2", "T3"] {
        assert_eq!(updater.push(&purchase(order)).await, 204);
    }
    let routes = Arc::clone(updater.application.routes());
    let environment = world.environment.clone();
    let take = move |source: &str| {
        let taken = routes.try_replace(source, &|name| environment.get(name).cloned());
        taken.expect("good routes");
    };
    take(&live);
    api.answer_with(move |_| {
        take(&paused);
        MockAnswer::status(200)
    });
    let drained = updater.drain().await;
    assert_eq!((&drained["done"], &drained["left"]), (&json!(1), &json!(2)));
    assert_eq!(watched.count("take"), 1, "and not again and again");
    let waited_for = world.store.waited_for("api").await;
    assert_eq!(waited_for.expect("a store"), ["points"]);
}
