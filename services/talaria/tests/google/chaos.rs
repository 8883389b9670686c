//! kill -9 of each service by turns, under load: every 202 has its effects, or a visible letter that says why not.

use std::collections::BTreeMap;
use std::sync::Arc;

use testing::eventually;

use crate::cloud::Cloud;
use crate::oracle::Oracle;
use crate::program::Service;
use crate::sending::{Sending, all_end};
use crate::shown::assert_figures;
use crate::support::world::routes_with_timeouts;
use crate::support::{
    BackOffice, assert_books_balance, assert_no_unsafe_call_was_repeated, be_moody, wait_for_more,
};

const KILLS: usize = 9;
const SEED: u64 = 20_251_125;
const CONNECTIONS: usize = 16;
const EVENTS_OF_A_CONNECTION: usize = 2;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_nine_kills_the_books_balance_and_the_figures_are_exact() {
    let office = BackOffice::open().await;
    let cloud = Cloud::new(&office).with_routes(&routes_with_timeouts("1s"));
    let cloud = Arc::new(cloud.with_quick_commits());
    cloud.provision().await;
    be_moody(&office);
    let mut programs = BTreeMap::new();
    for service in Service::ALL {
        programs.insert(service, cloud.start(service).await);
    }
    let events = KILLS * CONNECTIONS * EVENTS_OF_A_CONNECTION;
    let sending = Sending::new(&cloud, SEED, events);
    let (mut random, mut interrupted) = (fastrand::Rng::with_seed(SEED), BTreeMap::new());
    for service in Service::ALL.into_iter().cycle().take(KILLS) {
        let connections = sending.start(CONNECTIONS, EVENTS_OF_A_CONNECTION);
        match service {
            // The counter is done long before the APIs are: it dies while events are still being published.
            Service::Publisher | Service::Counter => {
                wait_for_more(sending.count(), random.usize(1..8)).await;
            }
            Service::Updater => wait_for_more(office.count(), random.usize(1..60)).await,
        }
        programs.remove(&service).expect("it runs").kill();
        let url = cloud.url(service);
        let is_pushed_to = service != Service::Publisher;
        let waiting = eventually("messages to wait for who is dead", || async {
            let waiting = cloud.project.waiting_for(&url).await;
            (waiting > 0 || !is_pushed_to).then_some(waiting)
        });
        *interrupted.entry(service).or_insert(0) += waiting.await;
        programs.insert(service, cloud.start(service).await);
        all_end(connections).await;
    }
    sending.finish().await;
    interrupted.insert(Service::Publisher, sending.unanswered());
    let was_busy = |service| interrupted[service] > 0;
    assert!(Service::ALL.iter().all(was_busy), "{interrupted:?}");
    cloud.all_settled().await;
    assert_no_unsafe_call_was_repeated(&office.calls_of("mail"));
    assert_books_balance(&cloud.store(), &office, &sending.accepted()).await;
    let texts = sending.texts();
    assert_eq!(texts.len(), events);
    assert_figures(&cloud.page(), &Oracle::published(&texts)).await;
    for (_, program) in programs {
        program.stop().await;
    }
}
