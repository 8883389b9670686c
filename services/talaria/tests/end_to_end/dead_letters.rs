//! What an API refuses for good: listed, shown, replayed.

use std::sync::Arc;

use serde_json::Value;
use testing::MockAnswer;

use crate::support::{BackOffice, Shopper, TalariaProcess, World};

/// A program whose loyalty API has refused a purchase; its letter's id.
async fn after_a_refusal() -> (BackOffice, World, Arc<TalariaProcess>, String) {
    let office = BackOffice::open().await;
    let refusal = MockAnswer::status(422).body("{\"error\":\"no such member\"}");
    office.answer("loyalty", refusal);
    let world = World::new(&office);
    let process = Arc::new(world.start().await);
    let (event, _) = Shopper::new(0).purchase(1, false);
    process.publish(&event).await;
    world.all_acknowledged().await;
    let letters = letters(&world);
    assert_eq!(letters.len(), 1, "{letters:?}");
    let id = letters[0]["id"].as_str().expect("an id").to_owned();
    (office, world, process, id)
}

fn letters(world: &World) -> Vec<Value> {
    let listed = world.run(&["dead-letters", "list", "--json"]);
    assert_eq!(listed.code, Some(0), "{}", listed.stderr);
    let letters = listed.json()["deadLetters"].as_array().cloned();
    letters.expect("a list")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_effect_is_listed_without_its_payload_and_shown_with_it() {
    let (_office, world, process, id) = after_a_refusal().await;
    let letter = letters(&world).swap_remove(0);
    let facts = ["reason", "destination", "route", "identity"].map(|name| &letter[name]);
    let expected = ["rejected", "loyalty", "purchase-points", "purchase:ORD-0"];
    assert_eq!(facts, expected);
    assert_eq!(letter["replayed"], Value::Null);
    assert!(!letter.to_string().contains("cust-0"), "{letter}");
    let shown = world.run(&["dead-letters", "show", &id]).stdout;
    for expected in ["rejected", "422", "no such member", "cust-0"] {
        assert!(shown.contains(expected), "{expected:?} is not in {shown}");
    }
    process.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_says_what_would_be_replayed_and_changes_nothing() {
    let (office, world, process, id) = after_a_refusal().await;
    let (listed, seen) = (letters(&world), office.calls().len());
    let states = world.states("purchase:ORD-0").await;
    let arguments = ["dead-letters", "replay", "--reason", "rejected"];
    let said = world.run(&[&arguments[..], &["--dry-run"]].concat()).stdout;
    assert!(said.contains(&id) && said.contains("would be"), "{said}");
    world.all_acknowledged().await;
    assert_eq!(letters(&world), listed);
    assert_eq!(world.states("purchase:ORD-0").await, states);
    assert_eq!(office.calls().len(), seen);
    process.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replay_makes_the_refused_call_again_under_a_new_key_and_no_other() {
    let (office, world, process, id) = after_a_refusal().await;
    let seen = office.calls().len();
    office.answer("loyalty", MockAnswer::status(204));
    let replayed = world.run(&["dead-letters", "replay", &id]);
    assert_eq!(replayed.code, Some(0), "{}", replayed.stdout);
    world.all_acknowledged().await;
    let calls = office.calls_of("loyalty");
    assert_eq!(calls.len(), 2, "{calls:?}");
    // Some APIs repeat a refusal under its old key.
    assert_ne!(calls[0].key, calls[1].key);
    assert_eq!(calls[0].to_string(), calls[1].to_string());
    assert_eq!(office.calls().len(), seen + 1);
    assert_ne!(letters(&world)[0]["replayed"], Value::Null);
    let states = world.states("purchase:ORD-0").await;
    let is_done = |state: &String| state.ends_with(": done");
    assert!(states.iter().all(is_done), "{states:?}");

    let again = world.run(&["dead-letters", "replay", &id]).stdout;
    world.all_acknowledged().await;
    assert_eq!(office.calls().len(), seen + 1, "{again}");
    process.stop().await;
}
