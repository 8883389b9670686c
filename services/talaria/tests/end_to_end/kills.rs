//! kill -9 at random moments under load: every 202 has its effects, or a visible letter that says why not.

use std::sync::Arc;

use crate::support::{
    BackOffice, Load, World, assert_books_balance, assert_no_unsafe_call_was_repeated, be_moody,
    wait_for_more,
};

const ROUNDS: u64 = 10;
const SEED: u64 = 20_251_125;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_ten_kills_every_accepted_event_is_in_balance() {
    let office = BackOffice::open().await;
    let world = World::new(&office).with_timeouts("1s");
    be_moody(&office);
    let (load, mut random) = (Load::new(SEED), fastrand::Rng::with_seed(SEED));
    for _ in 0..ROUNDS {
        let process = Arc::new(world.start().await);
        let mut connections = load.start(&process, 32, 2);
        if random.u8(0..3) == 0 {
            wait_for_more(load.count(), random.usize(1..60)).await;
        } else {
            wait_for_more(office.count(), random.usize(1..120)).await;
        }
        process.kill();
        while let Some(ended) = connections.join_next().await {
            ended.expect("only 202 and 503 were answered");
        }
    }
    let process = world.start().await;
    world.all_acknowledged().await;
    process.stop().await;
    let accepted = load.accepted();
    assert!(accepted.len() > 100, "{} were accepted", accepted.len());
    assert_no_unsafe_call_was_repeated(&office.calls_of("mail"));
    assert_books_balance(&world.store(), &office, &accepted).await;
}
