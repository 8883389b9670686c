//! SIGTERM to each service under load: what was accepted is finished, now or after the next start.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use testing::MockAnswer;

use crate::cloud::Cloud;
use crate::oracle::Oracle;
use crate::program::Service;
use crate::sending::{Sending, all_end};
use crate::shown::assert_figures;
use crate::support::books::letters_of;
use crate::support::{BackOffice, assert_each_was_done_once, wait_for_more};

const EVENTS: usize = 150;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_told_to_stop_under_load_stops_in_time_and_nothing_is_lost() {
    let office = BackOffice::open().await;
    let slow = MockAnswer::status(204).after(Duration::from_millis(100));
    office.answer("erp", slow);
    let cloud = Arc::new(Cloud::new(&office).with_quick_commits());
    cloud.provision().await;
    let mut programs = BTreeMap::new();
    for service in Service::ALL {
        programs.insert(service, cloud.start(service).await);
    }
    let sending = Sending::new(&cloud, 7, EVENTS);
    for service in Service::ALL {
        let connections = sending.start(16, 3);
        match service {
            Service::Publisher => wait_for_more(sending.count(), 5).await,
            _ => wait_for_more(office.count(), 5).await,
        }
        programs.remove(&service).expect("it runs").stop().await;
        if service != Service::Publisher {
            let waiting = cloud.project.waiting_for(&cloud.url(service)).await;
            assert!(waiting > 0, "{service:?} had nothing to do");
        }
        programs.insert(service, cloud.start(service).await);
        all_end(connections).await;
    }
    sending.finish().await;
    cloud.project.all_acknowledged().await;
    assert_each_was_done_once(&office, &sending.accepted());
    assert_eq!(letters_of(&cloud.store()).await, []);
    let texts = sending.texts();
    assert_eq!(texts.len(), EVENTS);
    assert_figures(&cloud.page(), &Oracle::published(&texts)).await;
}
