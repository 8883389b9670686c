//! Effects that were waiting when the routes file, or the operator's mind, changed.

use std::time::Duration;

use events::Clock;
use store::{Ledger, Reopened};
use testing::{MockAnswer, MockServer};

use crate::helpers::{World, one_route, purchase};

/// The same routes with another route's name, which forgot to list the old one.
fn renamed(repeat: &str) -> String {
    one_route(repeat, "").replace("name: points", "name: bonus")
}

async fn reopen(world: &World, letter: &store::DeadLetter) -> Reopened {
    let summary = &letter.summary;
    let effect = summary.effect.as_ref().expect("it is about an effect");
    let opened = world
        .store
        .reopen("purchase:T1", "api", effect, &summary.id, world.clock.now());
    opened.await.expect("a store")
}

#[tokio::test]
async fn what_was_waiting_for_a_route_that_is_gone_becomes_a_dead_letter() {
    let api = MockServer::start().await;
    api.answer(MockAnswer::status(500));
    let world = World::new(&one_route("safe", ""), &api);
    let updater = world.start();
    assert_eq!(updater.push(&purchase("T1")).await, 503);
    updater.application.stop().await.expect("a clean stop");
    let nothing = one_route("safe", "").replace("== \"purchase\"", "== \"never\"");
    std::fs::write(world.routes_file(), nothing).expect("writing");
    let updater = world.start();
    assert_eq!(updater.push(&purchase("T1")).await, 204);
    assert_eq!(world.reasons().await, ["route-gone"]);
    assert_eq!(api.requests().len(), 1);

    // The route comes back, and the letter is replayed.
    updater.application.stop().await.expect("a clean stop");
    std::fs::write(world.routes_file(), one_route("safe", "")).expect("writing");
    api.answer(MockAnswer::status(200));
    assert_eq!(
        reopen(&world, &world.dead_letters().await[0]).await,
        Reopened::Opened
    );
    assert_eq!(world.start().push(&purchase("T1")).await, 204);
    assert_eq!(world.states("purchase:T1", "api").await["points"], "done");
}

#[tokio::test]
async fn an_api_that_turns_out_not_to_honour_keys_is_not_called_again_in_doubt() {
    let api = MockServer::start().await;
    api.answer(MockAnswer::never());
    let world = World::new(&one_route("safe", ""), &api);
    let updater = world.start();
    assert_eq!(
        updater.push(&purchase("T1")).await,
        503,
        "no answer in time: it may be done"
    );
    updater.application.stop().await.expect("a clean stop");
    api.answer(MockAnswer::status(200));
    for (routes, route) in [
        (one_route("unsafe", ""), "points"),
        (renamed("unsafe"), "points"),
    ] {
        std::fs::write(world.routes_file(), routes).expect("writing");
        let updater = world.start();
        updater.push(&purchase("T1")).await;
        assert_eq!(world.states("purchase:T1", "api").await[route], "review");
        updater.application.stop().await.expect("a clean stop");
    }
    assert_eq!(world.reasons().await, ["outcome-unknown"]);

    // A person has looked, and decides that it may be called.
    std::fs::write(world.routes_file(), one_route("unsafe", "")).expect("writing");
    assert_eq!(
        reopen(&world, &world.dead_letters().await[0]).await,
        Reopened::Opened
    );
    assert_eq!(world.start().push(&purchase("T1")).await, 204);
    assert_eq!(world.states("purchase:T1", "api").await["points"], "done");
}

#[tokio::test]
async fn only_the_latest_letter_opens_an_effect() {
    let api = MockServer::start().await;
    api.answer(MockAnswer::status(422));
    let world = World::new(&one_route("unsafe", ""), &api);
    let updater = world.start();
    assert_eq!(updater.push(&purchase("T1")).await, 204);
    let refused = world.dead_letters().await.remove(0);
    assert_eq!(reopen(&world, &refused).await, Reopened::Opened);
    api.answer(MockAnswer::status(500));
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(updater.push(&purchase("T1")).await, 204);
    assert_eq!(world.states("purchase:T1", "api").await["points"], "review");
    assert!(matches!(
        reopen(&world, &refused).await,
        Reopened::Superseded { .. }
    ));
    assert_eq!(updater.push(&purchase("T1")).await, 204);
    assert_eq!(api.requests().len(), 2, "not called again in doubt");
}

#[tokio::test]
async fn an_exhausted_effect_has_its_time_again_when_it_is_replayed() {
    let api = MockServer::start().await;
    api.answer(MockAnswer::status(429).header("Retry-After", "1764060600"));
    let world = World::new(&one_route("safe", "    give_up_after: 24h\n"), &api);
    let updater = world.start();
    assert_eq!(updater.push(&purchase("T1")).await, 204);
    world.clock.advance(Duration::from_secs(24 * 3600));
    assert_eq!(updater.drain().await["worked"], 0);
    assert_eq!(api.requests().len(), 1, "never earlier than asked");
    world.clock.advance(Duration::from_millis(1));
    let drained = updater.drain().await;
    assert_eq!(
        drained["dead"], 1,
        "an absurd wish doesn't hide it for good"
    );
    assert_eq!(world.reasons().await, ["exhausted"]);
    api.answer(MockAnswer::status(200));
    assert_eq!(
        reopen(&world, &world.dead_letters().await[0]).await,
        Reopened::Opened
    );
    assert_eq!(updater.push(&purchase("T1")).await, 204);
    assert_eq!(world.states("purchase:T1", "api").await["points"], "done");
    assert_eq!(api.requests().len(), 2);
}

#[tokio::test]
async fn the_key_stays_when_a_call_under_it_may_have_been_done() {
    let api = MockServer::start().await;
    api.answer(MockAnswer::never());
    let world = World::new(&one_route("safe", ""), &api);
    let updater = world.start();
    assert_eq!(updater.push(&purchase("T1")).await, 503);
    api.answer(MockAnswer::status(422));
    assert_eq!(updater.push(&purchase("T1")).await, 204);
    api.answer(MockAnswer::status(200));
    assert_eq!(
        reopen(&world, &world.dead_letters().await[0]).await,
        Reopened::Opened
    );
    assert_eq!(updater.push(&purchase("T1")).await, 204);
    let keys: std::collections::BTreeSet<String> = api
        .requests()
        .iter()
        .map(|request| request.header("idempotency-key").to_owned())
        .collect();
    assert_eq!((api.requests().len(), keys.len()), (3, 1));
}
