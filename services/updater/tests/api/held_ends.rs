//! How waiting ends where something is odd: messages that only claim to be the same, no room, no end.

use std::time::Duration;

use serde_json::{Value, json};
use store::{Claim, ClaimRequest, Ledger, RequestedEffect};
use testing::{MockAnswer, MockServer};

use crate::helpers::{Updater, World, envelope, one_route, purchase};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Brings an event by the bus's dead-letter topic.
async fn give_up(updater: &Updater, event: &Value, subscription: &str) {
    let attributes = [("CloudPubSubDeadLetterSourceSubscription", subscription)];
    let body = envelope("new-id", event.to_string().as_bytes(), &attributes);
    assert_eq!(updater.post("/dead-letter", body).await, 204);
}

/// The same transaction, for another amount.
fn of_another_value() -> Value {
    let mut event = purchase("T1");
    event["data"]["value"] = json!(1);
    event
}

#[tokio::test]
async fn a_held_message_takes_no_other_for_itself_that_has_its_identity() {
    let api = MockServer::start().await;
    let world = World::new(&one_route("safe", ""), &api);
    let updater = world.start();
    let subscription = "backend-updates.api";
    for event in [purchase("T1"), of_another_value(), purchase("T1")] {
        give_up(&updater, &event, subscription).await;
    }
    assert_eq!(world.held_count().await, 2);
    let drained = updater.drain().await;
    assert_eq!((&drained["done"], &drained["dead"]), (&json!(1), &json!(1)));
    assert_eq!(api.requests().len(), 1);
    assert_eq!(world.reasons().await, ["identity-conflict"]);
}

#[tokio::test]
async fn letters_of_the_same_identity_and_other_content_are_kept_apart() {
    let api = MockServer::start().await;
    let world = World::new(&one_route("safe", ""), &api);
    let updater = world.start();
    for event in [purchase("T1"), of_another_value(), purchase("T1")] {
        give_up(&updater, &event, "backend-updates.counter").await;
        let body = event.to_string();
        assert_eq!(
            updater.push_to("/gone", "1", body.as_bytes(), &[]).await,
            204
        );
    }
    let mut reasons = world.reasons().await;
    reasons.sort_unstable();
    let (undelivered, unknown) = ("undelivered", "unknown-destination");
    assert_eq!(reasons, [undelivered, undelivered, unknown, unknown]);
}

#[tokio::test]
async fn a_destination_that_takes_one_call_at_a_time_is_drained_at_once_all_the_same() {
    let api = MockServer::start().await;
    api.answer(MockAnswer::status(403));
    let limits = "    limits: { concurrency: 1 }\n";
    let world = World::new(&one_route("safe", limits), &api);
    let updater = world.start();
    for number in 0..30 {
        assert_eq!(updater.push(&purchase(&format!("T{number}"))).await, 204);
    }
    api.answer(MockAnswer::status(200));
    world.clock.advance(MINUTE);
    let drained = updater.drain().await;
    let expected = json!({"worked": 30, "done": 30, "held": 0, "dead": 0, "left": 0});
    assert_eq!(drained, expected);
}

#[tokio::test]
async fn what_could_never_be_worked_becomes_a_letter_before_it_is_forgotten() {
    let api = MockServer::start().await;
    api.answer(MockAnswer::status(403));
    let world = World::new(&one_route("safe", ""), &api);
    let updater = world.start();
    assert_eq!(updater.push(&purchase("T1")).await, 204);
    let record = world.record("purchase:T1", "api").await.expect("a record");
    let effects = record.effects.iter().map(|(key, effect)| RequestedEffect {
        key: key.clone(),
        route: effect.route.clone(),
        element: None,
    });
    world.clock.advance(MINUTE);
    let now = events::Clock::now(world.clock.as_ref());
    let claim = world.store.claim(ClaimRequest {
        event: record.event.clone(),
        destination: "api".into(),
        effects: effects.collect(),
        owner: "somebody who never lets go".into(),
        now,
        lease: DAY * 40,
        grace: Duration::ZERO,
        expires: now.plus(DAY * 45),
    });
    let claim = claim.await.expect("a store");
    assert!(matches!(claim, Claim::Granted { .. }), "{claim:?}");
    let kept = world.held("purchase:T1").await.expect("it is held").expires;
    // It is due when it would be free, and that is later than it is kept.
    assert_eq!(updater.drain().await["held"], 1);
    world.clock.advance(DAY * 29);
    assert_eq!(updater.drain().await["worked"], 0);
    let forgotten_in = kept.since(events::Clock::now(world.clock.as_ref()));
    world.clock.advance(forgotten_in - MINUTE);
    assert_eq!(updater.drain().await["dead"], 1);
    assert_eq!(world.held_count().await, 0);
    let letters = world.dead_letters().await;
    assert_eq!(letters.len(), 1);
    let letter = &letters[0].summary;
    assert_eq!(letter.reason.name(), "exhausted");
    assert_eq!(letter.event_id.as_deref(), Some("evt-T1"));
    assert_eq!(letter.destination.as_deref(), Some("api"));
}
