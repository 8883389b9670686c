//! Messages that wait: why they are held, and what a drain makes of them.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use store::HoldReason;
use testing::{MockAnswer, MockServer};

use crate::helpers::{World, envelope, one_route, purchase};

const MINUTE: Duration = Duration::from_secs(60);

/// The answer of a drain in which every message that was worked came to this.
fn drained(what: &str, worked: u64, left: u64) -> Value {
    let mut counts = json!({"worked": worked, "done": 0, "held": 0, "dead": 0, "left": left});
    counts[what] = worked.into();
    counts
}

#[tokio::test]
async fn what_a_wrong_secret_stopped_is_done_once_the_secret_is_right() {
    let api = MockServer::start().await;
    api.answer_with(|request| match request.header("x-api-key") {
        "right" => MockAnswer::status(200),
        _ => MockAnswer::status(401),
    });
    let mut world = World::new(&one_route("safe", ""), &api);
    world.settings.secrets.source = updater::SecretSourceName::File;
    world.settings.secrets.directory = world.directory.path().into();
    let key = world.directory.path().join("KEY");
    std::fs::write(&key, "wrong").expect("writing");
    let updater = world.start();
    for order in ["T1", "T2", "T3", "T4", "T5"] {
        assert_eq!(updater.push(&purchase(order)).await, 204, "not refused");
        assert_eq!(updater.push(&purchase(order)).await, 204, "nor later");
    }
    assert_eq!(api.requests().len(), 5);
    let held = world.held("purchase:T1").await.expect("it is held");
    assert_eq!((held.reason, held.tries), (HoldReason::SetUp, 0));
    assert_eq!(held.due, held.first_held.plus(MINUTE));
    assert_eq!(world.states("purchase:T1", "api").await["points"], "held");
    assert_eq!(updater.drain().await, drained("held", 0, 5), "not yet due");

    world.clock.advance(MINUTE);
    // One after the other shows that the API is still ill; the rest costs it nothing.
    assert_eq!(updater.drain().await, drained("held", 3, 5));
    assert_eq!(api.requests().len(), 8);
    std::fs::write(&key, "right").expect("writing");
    // A secret that was refused is read again after ten seconds at the earliest.
    world.clock.advance(Duration::from_secs(10));
    assert_eq!(updater.drain().await, drained("done", 2, 3));
    world.clock.advance(MINUTE);
    assert_eq!(updater.drain().await, drained("done", 3, 0));
    assert_eq!(world.states("purchase:T1", "api").await["points"], "done");
    assert_eq!(updater.push(&purchase("T1")).await, 204);
    assert_eq!(api.requests().len(), 13);
}

#[tokio::test]
async fn a_call_of_unknown_outcome_is_reviewed_and_never_held() {
    let api = MockServer::start().await;
    let world = World::new(&one_route("unsafe", ""), &api);
    let updater = world.start();
    api.answer(MockAnswer::status(500));
    assert_eq!(updater.push(&purchase("T1")).await, 204);
    assert_eq!(world.held_count().await, 0);
    // One that is held, because nothing was done, comes to the same in a drain.
    api.answer(MockAnswer::status(403));
    assert_eq!(updater.push(&purchase("T2")).await, 204);
    api.answer(MockAnswer::status(500));
    world.clock.advance(MINUTE);
    assert_eq!(updater.drain().await, drained("dead", 1, 0));
    for order in ["T1", "T2"] {
        let states = world.states(&format!("purchase:{order}"), "api").await;
        assert_eq!(states["points"], "review");
    }
    let calls = api.requests().len();
    world.clock.advance(MINUTE);
    assert_eq!(updater.drain().await, drained("dead", 0, 0));
    assert_eq!(updater.push(&purchase("T2")).await, 204);
    assert_eq!(api.requests().len(), calls, "not called again in doubt");
}

#[tokio::test]
async fn what_is_held_is_called_at_the_first_drain_after_the_time_that_was_asked_for() {
    let api = MockServer::start().await;
    api.answer(MockAnswer::status(429).header("Retry-After", "7200"));
    let world = World::new(&one_route("safe", ""), &api);
    let updater = world.start();
    // Longer than the bus is kept waiting.
    assert_eq!(updater.push(&purchase("T1")).await, 204);
    api.answer(MockAnswer::status(200));
    world.clock.advance(Duration::from_millis(7_199_999));
    assert_eq!(updater.drain().await, drained("held", 0, 1));
    assert_eq!(updater.push(&purchase("T1")).await, 204);
    assert_eq!(api.requests().len(), 1, "never earlier than asked");
    world.clock.advance(Duration::from_millis(1));
    assert_eq!(updater.drain().await, drained("done", 1, 0));
    assert_eq!(api.requests().len(), 2);
}

#[tokio::test]
async fn a_subscription_for_all_destinations_is_not_refused_because_one_is_ill() {
    let routes = "destinations:\n  api:\n    url: ${API}/a\n    repeat: safe\n  other:\n    url: ${API}/b\n    repeat: safe\n\
                  routes:\n  - { name: a, when: 'true', to: api }\n  - { name: b, when: 'true', to: other }\n";
    let api = MockServer::start().await;
    api.answer_with(|request| match request.target.as_str() {
        "/a" => MockAnswer::status(500),
        _ => MockAnswer::status(200),
    });
    let world = World::new(routes, &api);
    let updater = world.start();
    let body = purchase("T1").to_string();
    for _ in 0..3 {
        assert_eq!(updater.push_to("", "1", body.as_bytes(), &[]).await, 204);
    }
    assert_eq!(api.requests().len(), 2);
    assert_eq!(world.states("purchase:T1", "api").await["a"], "held");
    assert_eq!(world.states("purchase:T1", "other").await["b"], "done");
    api.answer(MockAnswer::status(200));
    world.clock.advance(MINUTE);
    assert_eq!(updater.drain().await, drained("done", 1, 0));
}

#[tokio::test]
async fn after_ten_calls_or_a_quarter_of_an_hour_the_bus_need_not_wait_any_longer() {
    let api = MockServer::start().await;
    api.answer(MockAnswer::status(503));
    let world = World::new(&one_route("safe", ""), &api);
    let updater = world.start();
    for call in 1..=10 {
        let expected = if call < 10 { 503 } else { 204 };
        assert_eq!(updater.push(&purchase("T1")).await, expected, "call {call}");
    }
    assert_eq!(world.states("purchase:T1", "api").await["points"], "held");
    world.clock.advance(MINUTE);
    assert_eq!(updater.push(&purchase("T2")).await, 503);
    world.clock.advance(MINUTE * 15);
    assert_eq!(updater.push(&purchase("T2")).await, 204);
    let held = world.held("purchase:T2").await.expect("it is held");
    assert_eq!(held.reason, HoldReason::Unavailable);
}

#[tokio::test]
async fn held_messages_whose_route_or_destination_is_gone_become_letters() {
    let api = MockServer::start().await;
    api.answer(MockAnswer::status(403));
    let nothing = one_route("safe", "").replace("== \"purchase\"", "== \"never\"");
    let elsewhere = one_route("safe", "")
        .replace("  api:", "  crm:")
        .replace("to: api", "to: crm");
    for (routes, reason) in [(nothing, "route-gone"), (elsewhere, "unknown-destination")] {
        let world = World::new(&one_route("safe", ""), &api);
        let updater = world.start();
        assert_eq!(updater.push(&purchase("T1")).await, 204);
        updater.application.stop().await.expect("a clean stop");
        std::fs::write(world.routes_file(), routes).expect("writing");
        let updater = world.start();
        world.clock.advance(MINUTE);
        assert_eq!(updater.drain().await, drained("dead", 1, 0), "{reason}");
        assert_eq!(world.reasons().await, [reason]);
    }
}

#[tokio::test]
async fn of_two_drains_and_a_push_at_once_one_makes_the_call() {
    let api = MockServer::start().await;
    let world = World::new(&one_route("unsafe", ""), &api);
    let (one, other) = (
        world.try_start("one").expect("an updater"),
        world.try_start("other").expect("an updater"),
    );
    api.answer(MockAnswer::status(403));
    let events: Vec<_> = (0..40)
        .map(|number| purchase(&format!("T{number}")))
        .collect();
    for event in &events {
        assert_eq!(one.push(event).await, 204);
    }
    let before = api.requests().len();
    api.answer(MockAnswer::status(200));
    world.clock.advance(MINUTE);
    let pushing = join_all(events.iter().map(|event| other.push(event)));
    let (first, second, pushed) = tokio::join!(one.drain(), other.drain(), pushing);
    assert!(pushed.iter().all(|status| matches!(status, 204 | 503)));
    let lost: Vec<_> = [&first, &second]
        .into_iter()
        .filter(|counts| counts["dead"] != 0)
        .collect();
    assert!(lost.is_empty(), "{lost:?}");
    while one.drain().await["left"] != 0 {
        world.clock.advance(MINUTE);
    }
    assert_eq!(api.requests().len() - before, 40, "each call was made once");
    for number in 0..40 {
        let states = world.states(&format!("purchase:T{number}"), "api").await;
        assert_eq!(states["points"], "done");
    }
}

#[tokio::test]
async fn what_the_bus_gave_up_on_is_held_where_it_can_still_be_delivered() {
    let api = MockServer::start().await;
    let world = World::new(&one_route("safe", ""), &api);
    let updater = world.start();
    let given_up = async |event: &Value, subscription: &str| {
        let attributes = [("CloudPubSubDeadLetterSourceSubscription", subscription)];
        let body = envelope("new-id", event.to_string().as_bytes(), &attributes);
        assert_eq!(updater.post("/dead-letter", body).await, 204);
    };
    given_up(&purchase("T1"), "backend-updates.api~1a2b").await;
    let held = world.held("purchase:T1").await.expect("it is held");
    assert_eq!(held.reason, HoldReason::Undelivered);
    assert!(world.dead_letters().await.is_empty());
    assert_eq!(updater.drain().await, drained("done", 1, 0));
    assert_eq!(api.requests().len(), 1);

    // Nobody knows what was done of an event that has nothing but its message's id; the counter makes no calls.
    let nameless = json!({"eventType": "purchase", "data": {"value": 1}});
    given_up(&nameless, "backend-updates.api").await;
    given_up(&purchase("T2"), "backend-updates.counter").await;
    given_up(&purchase("T3"), "unknown").await;
    assert_eq!(world.reasons().await, ["undelivered"; 3]);
    assert_eq!(world.held_count().await, 0);
    assert_eq!(api.requests().len(), 1);
}
