//! SIGTERM: what was accepted is finished, now or after the next start.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use testing::MockAnswer;

use crate::support::{BackOffice, Call, Load, World, wait_for_more};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn told_to_stop_under_load_it_stops_in_time_and_loses_nothing() {
    let office = BackOffice::open().await;
    office.answer(
        "erp",
        MockAnswer::status(204).after(Duration::from_millis(100)),
    );
    let world = World::new(&office);
    let (process, load) = (Arc::new(world.start().await), Load::new(7));
    let mut connections = load.start(&process, 16, usize::MAX);
    wait_for_more(load.count(), 100).await;
    process.stop().await;
    while let Some(ended) = connections.join_next().await {
        ended.expect("only 202 and 503 were answered");
    }
    let process = world.start().await;
    world.all_acknowledged().await;
    process.stop().await;
    let done = office.calls().into_iter().filter(Call::is_done);
    let done: Vec<(String, String)> = done.map(|call| (call.api, call.key)).collect();
    let different: HashSet<&(String, String)> = done.iter().collect();
    assert_eq!(
        different.len(),
        done.len(),
        "an orderly stop repeats no call"
    );
    for event in load.accepted() {
        for effect in &event.effects {
            let call = (effect.api.to_owned(), effect.key());
            assert!(different.contains(&call), "nothing of {effect:?}");
        }
    }
    assert_eq!(world.reasons().await, [""; 0]);
}
