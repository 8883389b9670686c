//! A flood of large events: refused where there is no room, and never more memory than the settings allow.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{BackOffice, TalariaProcess, World};

const MIB: u64 = 1 << 20;
/// All of them at once would need more than eight gigabytes.
const CONNECTIONS: usize = 300;
const EVENT_BYTES: u64 = 900 << 10;

const ROOM_FOR_BODIES: u64 = 4 * MIB;
const ROOM_IN_THE_QUEUE: u64 = 4 * MIB;
const PUSHES_AT_ONCE: u64 = 1;
/// One for each destination, one for the counter, one for dead letters.
const SUBSCRIPTIONS: u64 = 8;
/// What a subscription reads ahead.
const READ_AHEAD: u64 = 16 * MIB;
/// Bytes of memory for a byte of JSON, where it is as wasteful as JSON can be: `0,` becomes a value of 32 bytes, twice
/// while it is put right.
const BLOW_UP: u64 = 32;

/// What the settings allow beside what an idle program has.
const BOUND: u64 = SUBSCRIPTIONS * READ_AHEAD
    + 2 * ROOM_IN_THE_QUEUE
    + BLOW_UP * (ROOM_FOR_BODIES + SUBSCRIPTIONS * PUSHES_AT_ONCE * EVENT_BYTES);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_is_refused_where_there_is_no_room_and_memory_stays_bounded() {
    let office = BackOffice::open().await;
    let room = "TALARIA_PUBLISHER__ADMISSION__MAX_BODY_BYTES_IN_FLIGHT";
    let world = World::new(&office)
        .set(room, &ROOM_FOR_BODIES.to_string())
        // On a busy machine the bodies of a flood take their time.
        .set("TALARIA_PUBLISHER__EVENT__BODY_TIMEOUT", "60s")
        .set("TALARIA_BUS__QUEUE_BYTES", &ROOM_IN_THE_QUEUE.to_string())
        .set("TALARIA_BUS__MAX_IN_FLIGHT", &PUSHES_AT_ONCE.to_string());
    let process = world.start().await;
    let idle = process.resident_bytes();
    let (answers, mut most) = flood(&world, &process).await;
    for answer in answers.keys() {
        let is_known = ["202", "413", "429", "503"].contains(&answer.as_str());
        assert!(is_known, "{answers:?}");
    }
    let both = ["202", "503"]
        .iter()
        .all(|status| answers.contains_key(*status));
    assert!(both, "{answers:?}");
    world
        .all_acknowledged_while(|| most = most.max(process.resident_bytes()))
        .await;
    let (most, bound) = (most / MIB, (idle + BOUND) / MIB);
    assert!(
        most <= bound,
        "{most} MiB where {bound} are allowed; {answers:?}"
    );
    process.stop().await;
}

/// Posts everything at once; how often each answer came, and the most memory that was seen.
async fn flood(world: &World, process: &TalariaProcess) -> (BTreeMap<String, usize>, u64) {
    let length = usize::try_from(EVENT_BYTES / 2).expect("it fits");
    let zeros = vec![0; length];
    let event = json!({"eventType": "flood", "eventId": "evt", "data": {"zeros": zeros}});
    let (body, url) = (
        bytes::Bytes::from(event.to_string()),
        Arc::new(format!("{}/publish-event", process.publisher)),
    );
    let mut posts = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let request = world.client.post(url.as_str());
        let request = request.header("content-type", "application/json");
        posts.spawn(request.body(body.clone()).send());
    }
    let (mut answers, mut most) = (BTreeMap::<String, usize>::new(), 0);
    while let Some(answer) = posts.join_next().await {
        let answer = match answer.expect("no panic") {
            Ok(answer) => answer.status().as_u16().to_string(),
            Err(error) => format!("{error:?}"),
        };
        *answers.entry(answer).or_default() += 1;
        most = most.max(process.resident_bytes());
    }
    (answers, most)
}
