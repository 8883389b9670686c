//! The end-to-end test of the embedded version, on Google's emulators: every sample line, twice, in any order.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use testing::eventually;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::cloud::Cloud;
use crate::oracle::Oracle;
use crate::program::{Program, Service};
use crate::shown::assert_figures;
use crate::support::BackOffice;
use crate::support::books::letters_of;
use crate::table::{Row, Way, table};

/// The services that lines are sent to.
struct Services {
    publisher: Program,
    updater: Program,
    counter: Program,
}

impl Services {
    async fn start(cloud: &Cloud) -> Self {
        let services = Self {
            publisher: cloud.start(Service::Publisher).await,
            updater: cloud.start(Service::Updater).await,
            counter: cloud.start(Service::Counter).await,
        };
        for program in [&services.publisher, &services.updater, &services.counter] {
            program.becomes_ready(200).await;
        }
        services
    }

    /// Publishes a line; or pushes it to both, as a subscription of somebody else's topic would.
    async fn send(&self, row: &Row) {
        let body = row.body();
        match row.way {
            Way::Published => {
                let answer = self.publisher.post("/publish-event", body.to_string());
                assert_eq!(answer.await.status(), 202, "{body}");
            }
            Way::Pushed(address) => {
                let of_updater = format!("/process-backend-update{address}");
                let of_counter = format!("/tally{address}");
                tokio::join!(
                    acknowledged(&self.updater, &of_updater, &body),
                    acknowledged(&self.counter, &of_counter, &body),
                );
            }
        }
    }

    async fn stop(self) {
        for program in [self.publisher, self.updater, self.counter] {
            program.stop().await;
        }
    }
}

/// Pushes again what is refused, as Pub/Sub does.
async fn acknowledged(program: &Program, path: &str, push: &Value) {
    eventually("a push to be acknowledged", || async {
        let answer = program.post(path, push.to_string()).await;
        match answer.status().as_u16() {
            204 => Some(()),
            503 => None,
            status => panic!("{status} for {push}"),
        }
    })
    .await;
}

fn oracle() -> Oracle {
    let mut oracle = Oracle::default();
    for row in table() {
        let body = row.body();
        let Way::Pushed(address) = row.way else {
            oracle.add(&body.to_string(), "", "");
            continue;
        };
        let message = &body["message"];
        let Some(data) = message["data"].as_str() else {
            continue;
        };
        let text = String::from_utf8(STANDARD.decode(data).expect("base64")).expect("UTF-8");
        let message_id = message["messageId"].as_str().expect("an id");
        oracle.add(&text, message_id, address.trim_start_matches("?as="));
    }
    oracle
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_sample_twice_and_shuffled_has_its_calls_its_letters_and_its_figures() {
    let office = BackOffice::open().await;
    let cloud = Cloud::new(&office).with_quick_commits();
    cloud.provision().await;
    let services = Arc::new(Services::start(&cloud).await);
    let mut rows: Vec<&'static Row> = table().chain(table()).collect();
    fastrand::Rng::with_seed(1).shuffle(&mut rows);
    let (places, mut sending) = (Arc::new(Semaphore::new(8)), JoinSet::new());
    for row in rows {
        let place = Arc::clone(&places).acquire_owned().await.expect("open");
        let services = Arc::clone(&services);
        sending.spawn(async move {
            services.send(row).await;
            drop(place);
        });
    }
    while let Some(sent) = sending.join_next().await {
        sent.expect("every line was taken");
    }
    cloud.project.all_acknowledged().await;
    let mut calls: Vec<&str> = table().flat_map(|row| row.calls).copied().collect();
    calls.sort_unstable();
    assert_eq!(office.shown_since(0), calls);
    let mut letters: Vec<&str> = table().filter_map(|row| row.letter).collect();
    letters.sort_unstable();
    let kept = letters_of(&cloud.store()).await;
    let mut reasons: Vec<&str> = kept.iter().map(|letter| letter.reason.name()).collect();
    reasons.sort_unstable();
    assert_eq!(reasons, letters);
    let oracle = oracle();
    assert_eq!(oracle.count("purchase"), 19, "counted by hand");
    assert_figures(&cloud.page(), &oracle).await;
    let services = Arc::into_inner(services).expect("all lines are sent");
    services.stop().await;
}
