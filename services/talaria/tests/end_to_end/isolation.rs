//! One API that is ill, and the others that go on.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use testing::{MockAnswer, MockServer, eventually};
use tokio::task::JoinSet;

use crate::support::{BackOffice, Shopper, TalariaProcess, World};

const EVENTS: usize = 200;
/// How much longer the others may take beside one that hangs. Were they held up by it, they would wait for its timeouts:
/// 200 calls of 5 seconds each, 32 at a time.
const GENEROUS: u32 = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_api_that_hangs_does_not_slow_the_others() {
    let healthy = time_of_the_other_three(false).await;
    let beside_one_that_hangs = time_of_the_other_three(true).await;
    assert!(
        beside_one_that_hangs < healthy * GENEROUS,
        "{healthy:?} alone, {beside_one_that_hangs:?} beside an API that hangs"
    );
}

/// From the first post until three APIs have had all their calls.
async fn time_of_the_other_three(loyalty_hangs: bool) -> Duration {
    let office = BackOffice::open().await;
    if loyalty_hangs {
        office.answer("loyalty", MockAnswer::never());
    }
    let world = World::new(&office).with_timeouts("5s");
    let process = Arc::new(world.start().await);
    let began = Instant::now();
    publish_purchases(&process).await;
    eventually("all calls of three APIs", || async {
        let count = |api| office.calls_of(api).len();
        (["crm", "erp", "mail"].map(count) == [EVENTS; 3]).then_some(())
    })
    .await;
    let took = began.elapsed();
    if loyalty_hangs {
        assert_unsettled_at_loyalty(&world).await;
    }
    process.stop().await;
    took
}

async fn publish_purchases(process: &Arc<TalariaProcess>) {
    let mut publishing = JoinSet::new();
    for connection in 0..20 {
        let process = Arc::clone(process);
        publishing.spawn(async move {
            for number in 0..EVENTS / 20 {
                let (mut event, _) = Shopper::new(0).purchase(1, false);
                event["data"]["transactionId"] = format!("ORD-{connection}-{number}").into();
                process.publish(&event).await;
            }
        });
    }
    while let Some(published) = publishing.join_next().await {
        published.expect("all were accepted");
    }
}

/// Its calls end without an answer, and their effects stay to be done.
async fn assert_unsettled_at_loyalty(world: &World) {
    eventually("a call that ended without an answer", || async {
        let mut is_retried = false;
        for connection in 0..20 {
            for record in world.records(&format!("purchase:ORD-{connection}-0")).await {
                let states = record.effects.values().map(|effect| &effect.state);
                for state in states.filter(|_| record.destination == "loyalty") {
                    assert!(!state.is_settled(), "{state:?}");
                    is_retried |= state.due().is_some();
                }
            }
        }
        is_retried.then_some(())
    })
    .await;
    assert_eq!(world.reasons().await, [""; 0]);
}

#[tokio::test]
async fn of_four_apis_three_are_called_once_and_the_one_that_is_down_until_it_answers() {
    let office = BackOffice::open().await;
    let world = World::new(&office);
    let process = world.start().await;
    let mut shopper = Shopper::new(0);
    for ill in ["crm", "loyalty", "erp", "mail"] {
        let (mut event, accepted) = shopper.purchase(1, false);
        event["data"]["transactionId"] = format!("ORD-{ill}").into();
        let keys: Vec<String> = accepted
            .effects
            .iter()
            .map(|effect| {
                let key = effect
                    .ledger_key
                    .replace(&accepted.identity, &format!("purchase:ORD-{ill}"));
                events::effect_key_uuid(&key).to_string()
            })
            .collect();
        office.answer(ill, MockAnswer::status(503));
        let seen = office.calls().len();
        process.publish(&event).await;
        eventually(
            "the ill API to be called again, and the others once",
            || async { (office.calls().len() >= seen + 3 + 3).then_some(()) },
        )
        .await;
        office.answer(ill, MockAnswer::status(204));
        world.all_acknowledged().await;
        let calls = office.calls().split_off(seen);
        for (effect, key) in accepted.effects.iter().zip(&keys) {
            let calls: Vec<_> = calls.iter().filter(|call| call.api == effect.api).collect();
            assert!(calls.iter().all(|call| call.key == *key), "{calls:?}");
            assert_eq!(
                calls.iter().filter(|call| call.is_done()).count(),
                1,
                "{calls:?}"
            );
            assert_eq!(calls.len() > 1, effect.api == ill, "{calls:?}");
        }
    }
    process.stop().await;
}

#[tokio::test]
async fn an_api_that_can_not_be_reached_gets_its_call_once_it_is_there() {
    let office = BackOffice::open().await;
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = nobody.local_addr().expect("an address");
    drop(nobody);
    let world = World::new(&office).set("MAIL_API_URL", &format!("http://{address}/mail"));
    let process = world.start().await;
    let (event, _) = Shopper::new(0).purchase(1, false);
    process.publish(&event).await;
    eventually("two attempts at the mail API", || async {
        let records = world.records("purchase:ORD-0").await;
        let mail = records.iter().find(|record| record.destination == "mail")?;
        let effect = mail.effects.values().next()?;
        (effect.attempts >= 2).then(|| assert!(!effect.state.is_settled(), "{effect:?}"))
    })
    .await;
    let mail = MockServer::start_on(TcpListener::bind(address).expect("still free")).await;
    world.all_acknowledged().await;
    assert_eq!(mail.requests().len(), 1);
    assert_eq!(office.calls().len(), 3);
    process.stop().await;
}
