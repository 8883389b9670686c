//! Every sample line: what it leads to, twice, and in any order.

mod table;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::support::{BackOffice, TalariaProcess, World, sample};
use table::{Row, Way, table};

/// All sample files, without their endings.
const FILES: [&str; 9] = [
    "publisher_purchase",
    "publisher_generate_lead",
    "publisher_user_login",
    "hermes_data",
    "hermes_publish_bodies",
    "items_realtime",
    "promotions",
    "low_stock",
    "push_envelopes",
];

/// A call and its Idempotency-Key.
type KeyedCall = (String, String);

#[test]
fn the_table_has_every_line_of_every_file() {
    for file in FILES {
        let lines: Vec<usize> = table()
            .filter(|row| row.file == file)
            .map(|row| row.line)
            .collect();
        let expected: Vec<usize> = (1..=sample(file).len()).collect();
        assert_eq!(lines, expected, "{file}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_line_leads_to_its_calls_and_its_letter_and_to_nothing_else() {
    let office = BackOffice::open().await;
    let world = World::new(&office);
    let process = world.start().await;
    let mut letters: Vec<&str> = Vec::new();
    for row in table() {
        let (seen, name) = (office.calls().len(), format!("{} {}", row.file, row.line));
        send(&process, row).await;
        world.all_acknowledged().await;
        assert_eq!(office.shown_since(seen), row.calls, "{name}");
        letters.extend(row.letter);
        assert_eq!(world.reasons().await, letters, "{name}");
    }
    assert_eq!(
        keyed_calls(&office).values().max(),
        Some(&1),
        "each effect has a key of its own"
    );
    for call in office.calls() {
        let credentials = match call.api.as_str() {
            "crm" => "Bearer crm-key",
            "loyalty" => "loyalty-key",
            _ => "",
        };
        assert_eq!(call.credentials, credentials, "{call}");
    }
    assert_journeys(&world);
    let listed = world.run(&["dead-letters", "list", "--json"]).json();
    assert_eq!(
        listed["deadLetters"].as_array().map(Vec::len),
        Some(letters.len())
    );
    process.stop().await;
}

/// Each published line's journey shows as many done effects as the line has calls, or as the line that it repeats.
fn assert_journeys(world: &World) {
    let mut expected = BTreeMap::<String, usize>::new();
    for row in table().filter(|row| row.way == Way::Published) {
        let event_id = row.body()["eventId"].as_str().expect("an id").to_owned();
        *expected.entry(event_id).or_default() += row.calls.len();
    }
    for (event_id, calls) in expected {
        let output = world.run(&["journey", &event_id, "--json"]);
        assert_eq!(output.code, Some(0), "{event_id}: {}", output.stderr);
        let journey = output.json();
        let records = journey["records"].as_array().expect("a list");
        let effects = records
            .iter()
            .filter_map(|record| record["effects"].as_object());
        let effects: Vec<&Value> = effects.flat_map(|effects| effects.values()).collect();
        assert_eq!(effects.len(), calls, "{event_id}");
        let is_done = |effect: &&Value| effect["state"]["done"].is_object();
        assert!(effects.iter().all(is_done), "{event_id}: {effects:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_line_twice_and_in_any_order_has_the_same_effects() {
    let reference = effects_of(table().collect()).await;
    let calls: usize = table().map(|row| row.calls.len()).sum();
    assert_eq!(reference.len(), calls);
    for seed in 1..=4 {
        let mut rows: Vec<&Row> = table().chain(table()).collect();
        fastrand::Rng::with_seed(seed).shuffle(&mut rows);
        assert_eq!(effects_of(rows).await, reference, "seed {seed}");
    }
}

/// Sends these lines, eight at a time, to a new world; the calls with how often each was made.
async fn effects_of(rows: Vec<&'static Row>) -> BTreeMap<KeyedCall, usize> {
    let office = BackOffice::open().await;
    let world = World::new(&office);
    let process = Arc::new(world.start().await);
    let (places, mut sending) = (Arc::new(Semaphore::new(8)), JoinSet::new());
    for row in rows {
        let place = Arc::clone(&places).acquire_owned().await.expect("open");
        let process = Arc::clone(&process);
        sending.spawn(async move {
            send(&process, row).await;
            drop(place);
        });
    }
    while let Some(sent) = sending.join_next().await {
        sent.expect("every line was taken");
    }
    world.all_acknowledged().await;
    process.stop().await;
    let calls = keyed_calls(&office);
    assert!(calls.values().all(|count| *count == 1), "{calls:#?}");
    calls
}

fn keyed_calls(office: &BackOffice) -> BTreeMap<KeyedCall, usize> {
    let mut counts = BTreeMap::new();
    for call in office.calls() {
        assert!(!call.key.is_empty(), "{call}");
        *counts.entry((call.to_string(), call.key)).or_default() += 1;
    }
    counts
}

/// Sends a line; a push that is refused is pushed again, as Pub/Sub does.
async fn send(process: &TalariaProcess, row: &Row) {
    let body = row.body();
    match row.way {
        Way::Published => process.publish(&body).await,
        Way::Pushed(address) => {
            testing::eventually("a push to be acknowledged", || async {
                match process.push(address, &body).await {
                    204 => Some(()),
                    503 => None,
                    status => panic!("{status} for {body}"),
                }
            })
            .await;
        }
    }
}

#[tokio::test]
async fn a_reloaded_thank_you_page_is_the_same_purchase() {
    let office = BackOffice::open().await;
    let world = World::new(&office);
    let process = world.start().await;
    let mut event = sample("publisher_purchase").swap_remove(0);
    process.publish(&event).await;
    world.all_acknowledged().await;
    let first = office.shown_since(0);
    assert_eq!(first, table().next().expect("a row").calls);
    event["eventId"] = "evt-of-the-reload".into();
    event["eventTimestampMs"] = 1_764_060_999_000_i64.into();
    process.publish(&event).await;
    world.all_acknowledged().await;
    assert_eq!(office.shown_since(0), first);
    assert_eq!(world.reasons().await, [""; 0]);
    let journey = world
        .run(&["journey", "evt-of-the-reload", "--json"])
        .json();
    assert_eq!(
        journey["records"].as_array().map(Vec::len),
        Some(4),
        "it shows the first one's effects"
    );
    process.stop().await;
}

#[tokio::test]
async fn a_push_of_long_ago_is_shown_as_expired_and_not_called() {
    let office = BackOffice::open().await;
    let world = World::new(&office);
    let process = world.start().await;
    for push in sample("push_envelopes") {
        assert_eq!(process.push("", &push).await, 204, "{push}");
    }
    assert!(office.calls().is_empty(), "{:?}", office.calls());
    assert_eq!(world.reasons().await, ["unreadable"]);
    let states = [
        ("generate_lead:evt_lead_5be1a3", "crm/lead-crm: expired"),
        ("user_login:evt_login_a11", "crm/login-crm: expired"),
        ("pubsub:9921", "shop/low-stock-shop: expired"),
    ];
    for (identity, state) in states {
        assert_eq!(world.states(identity).await, [state]);
    }
    process.stop().await;
}
