//! Held messages that can't be read, or that the store doesn't hand out: they are seen, and keep nobody waiting.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use store::DeadLetters;
use testing::{MockAnswer, MockServer};

use crate::helpers::{Updater, World, one_route, purchase};
use crate::watched_store::{Trouble, WatchedStore, left_of_damaged};

const MINUTE: Duration = Duration::from_secs(60);

/// Ten messages that could be done now.
async fn scene(api: &MockServer, trouble: Trouble) -> (World, Updater, Arc<WatchedStore>) {
    api.answer(MockAnswer::status(403));
    let mut world = World::new(&one_route("safe", ""), api);
    let watched = WatchedStore::of(&world, trouble);
    world.held_messages = Some(watched.clone());
    let updater = world.start();
    for number in 0..10 {
        assert_eq!(updater.push(&purchase(&format!("T{number}"))).await, 204);
        world.clock.advance(Duration::from_millis(1));
    }
    api.answer(MockAnswer::status(200));
    world.clock.advance(MINUTE);
    (world, updater, watched)
}

#[tokio::test]
async fn a_message_that_can_not_be_read_is_shown_and_the_others_go_on() {
    let api = MockServer::start().await;
    let trouble = Trouble {
        damaged: Some("purchase:T0"),
        ..Trouble::default()
    };
    let (world, updater, watched) = scene(&api, trouble).await;
    let drained = updater.drain().await;
    assert_eq!((&drained["done"], &drained["left"]), (&json!(9), &json!(1)));
    let letters = world.dead_letters().await;
    assert_eq!(letters.len(), 1);
    let summary = &letters[0].summary;
    assert_eq!(summary.reason.name(), "unreadable");
    assert_eq!(summary.destination.as_deref(), Some("api"));
    assert_eq!(summary.identity.as_deref(), Some("purchase:T0"));
    assert_eq!(letters[0].payload, left_of_damaged());

    let looks = || watched.count("set_aside");
    world.clock.advance(MINUTE * 59);
    updater.drain().await;
    assert_eq!(looks(), 1, "not yet");
    for _ in 0..2 {
        world.clock.advance(MINUTE * 60);
        updater.drain().await;
    }
    assert_eq!((looks(), world.dead_letters().await.len()), (3, 1));
    let now = events::Clock::now(world.clock.as_ref());
    let replayed = world.store.mark_replayed(&summary.id, now).await;
    replayed.expect("a store");
    for _ in 0..3 {
        world.clock.advance(MINUTE * 60);
        updater.drain().await;
    }
    assert_eq!(looks(), 4, "it was dealt with");
    let letter = world.dead_letters().await.remove(0);
    assert!(letter.summary.replayed.is_some(), "and is not opened again");
}

#[tokio::test]
async fn a_message_that_the_store_does_not_hand_out_keeps_nobody_waiting() {
    let api = MockServer::start().await;
    let trouble = Trouble {
        stuck: Some("purchase:T0"),
        ..Trouble::default()
    };
    let (world, updater, _) = scene(&api, trouble).await;
    assert_eq!(updater.post("/drain", Vec::new()).await, 503, "it is told");
    assert_eq!(world.held_count().await, 1);
    for number in 1..10 {
        let states = world.states(&format!("purchase:T{number}"), "api").await;
        assert_eq!(states["points"], "done");
    }
}

/// Whoever replays it must not give it a new message id instead, or it would be done and counted again.
#[tokio::test]
async fn a_letter_of_a_message_that_can_not_be_read_has_its_identity_where_the_content_is_whole() {
    let api = MockServer::start().await;
    api.answer(MockAnswer::status(403));
    let mut world = World::new(&one_route("safe", ""), &api);
    let trouble = Trouble {
        damaged: Some("pubsub:17"),
        only_content_is_left: true,
        ..Trouble::default()
    };
    world.held_messages = Some(WatchedStore::of(&world, trouble));
    let updater = world.start();
    let nameless = json!({"eventType": "purchase", "data": {"value": 1}}).to_string();
    let pushing = updater.push_to("/api", "17", nameless.as_bytes(), &[]);
    assert_eq!(pushing.await, 204);
    world.clock.advance(MINUTE);
    updater.drain().await;
    let letter = world.dead_letters().await.remove(0);
    assert_eq!(letter.summary.identity.as_deref(), Some("pubsub:17"));
    assert_eq!(letter.summary.event_type.as_deref(), Some("purchase"));
}
