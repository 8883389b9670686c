//! SIGTERM: what was accepted is finished, now or after the next start.

use std::sync::Arc;
use std::time::Duration;

use testing::MockAnswer;

use crate::support::{BackOffice, Load, World, assert_each_was_done_once, wait_for_more};

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
    assert_each_was_done_once(&office, &load.accepted());
    assert_eq!(world.reasons().await, [""; 0]);
}
