//! What an API refuses for good: listed, shown, replayed.

use serde_json::Value;
use testing::MockAnswer;

use crate::support::{BackOffice, Shopper, World};

fn letters(world: &World) -> Vec<Value> {
    let listed = world.run(&["dead-letters", "list", "--json"]);
    assert_eq!(listed.code, Some(0), "{}", listed.stderr);
    listed.json()["deadLetters"].as_array().expect("a list").clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_effect_is_listed_shown_and_replayed_under_a_new_key() {
    let office = BackOffice::open().await;
    office.answer("loyalty", MockAnswer::status(422).body("{\"error\":\"no such member\"}"));
    let world = World::new(&office);
    let process = world.start().await;
    let (event, _) = Shopper::new(0).purchase(1, false);
    process.publish(&event).await;
    world.all_acknowledged().await;
    let listed = letters(&world);
    assert_eq!(listed.len(), 1, "{listed:?}");
    let id = listed[0]["id"].as_str().expect("an id");
    assert_eq!(listed[0]["reason"], "rejected");
    assert_eq!(listed[0]["destination"], "loyalty");
    assert_eq!(listed[0]["identity"], "purchase:ORD-0");
    assert_eq!(listed[0]["replayed"], Value::Null);
    assert!(!listed[0].to_string().contains("cust-0"), "a listing shows no payload");

    let shown = world.run(&["dead-letters", "show", id]);
    for expected in ["rejected", "422", "no such member", "cust-0", "purchase-points"] {
        assert!(shown.stdout.contains(expected), "{expected:?} is not in {}", shown.stdout);
    }

    let seen = office.calls().len();
    let dry = world.run(&["dead-letters", "replay", "--reason", "rejected", "--dry-run"]);
    assert!(dry.stdout.contains(id) && dry.stdout.contains("would be"), "{}", dry.stdout);
    world.all_acknowledged().await;
    assert_eq!(letters(&world), listed, "a dry run changes nothing");
    assert_eq!(office.calls().len(), seen);

    office.answer("loyalty", MockAnswer::status(204));
    let replayed = world.run(&["dead-letters", "replay", id]);
    assert_eq!(replayed.code, Some(0), "{}{}", replayed.stdout, replayed.stderr);
    world.all_acknowledged().await;
    let calls = office.calls_of("loyalty");
    assert_eq!(calls.len(), 2, "{calls:?}");
    assert_ne!(calls[0].key, calls[1].key, "some APIs repeat a refusal under its old key");
    assert_eq!(calls[0].to_string(), calls[1].to_string(), "else it is the same call");
    assert_eq!(office.calls().len(), seen + 1, "what was done is not done again");
    assert_ne!(letters(&world)[0]["replayed"], Value::Null);
    let states = world.states("purchase:ORD-0").await;
    assert!(states.iter().all(|state| state.ends_with(": done")), "{states:?}");

    let again = world.run(&["dead-letters", "replay", id]);
    world.all_acknowledged().await;
    assert_eq!(office.calls().len(), seen + 1, "{}", again.stdout);
    process.stop().await;
}
