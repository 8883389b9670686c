//! An emulator that is gone for a while: services say so in time, lose nothing, and recover by themselves.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testing::{Proxy, eventually, firestore_emulator, pubsub_emulator};

use crate::cloud::Cloud;
use crate::oracle::Oracle;
use crate::program::Service;
use crate::shown::assert_figures;
use crate::stream::Stream;
use crate::support::load::Accepted;
use crate::support::{BackOffice, Shopper, assert_each_was_done_once, envelope};

/// The tag waits so long.
const TAG_WAITS: Duration = Duration::from_secs(3);

/// Proxies to both emulators, and services behind them.
async fn behind_proxies(office: &BackOffice) -> (Cloud, Proxy, Proxy) {
    let pubsub = Proxy::start(&pubsub_emulator()).await;
    let firestore = Proxy::start(&firestore_emulator()).await;
    let cloud = Cloud::new(office).with_quick_commits();
    let cloud = cloud.through(&pubsub, &firestore);
    cloud.provision().await;
    (cloud, pubsub, firestore)
}

/// Purchases of customers, which all services have something to do with.
fn purchases(count: usize) -> (Vec<Value>, Vec<Accepted>) {
    let mut shopper = Shopper::new(3);
    let of_customers =
        |event: &Value| event["eventType"] == "purchase" && event["userId"].is_string();
    std::iter::repeat_with(|| shopper.next())
        .filter(|(event, _)| of_customers(event))
        .take(count)
        .unzip()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_bus_the_publisher_refuses_in_time_and_recovers_by_itself() {
    let office = BackOffice::open().await;
    let (cloud, pubsub, _firestore) = behind_proxies(&office).await;
    let publisher = cloud.start(Service::Publisher).await;
    let _updater = cloud.start(Service::Updater).await;
    let _counter = cloud.start(Service::Counter).await;
    let event = |id: &str| json!({"eventType": "user_login", "eventId": id, "userId": "cust-1", "data": {}});
    publisher.becomes_ready(200).await;
    assert_eq!(cloud.try_publish(&event("before")).await, Some(202));
    office
        .count()
        .wait_for(|calls| *calls == 1)
        .await
        .expect("open");
    pubsub.cut();
    for number in 0..3 {
        let (began, event) = (Instant::now(), event(&format!("during-{number}")));
        let answer = publisher.post("/publish-event", event.to_string()).await;
        assert_eq!(answer.status(), 503);
        assert!(answer.headers().contains_key("retry-after"));
        assert!(began.elapsed() < TAG_WAITS, "{:?}", began.elapsed());
    }
    publisher.becomes_ready(503).await;
    pubsub.restore();
    publisher.becomes_ready(200).await;
    eventually("events to be accepted again", || async {
        (cloud.try_publish(&event("after")).await == Some(202)).then_some(())
    })
    .await;
    cloud.project.all_acknowledged().await;
    // One that was refused may have arrived; the tag sends it again, and it is the same event.
    for number in 0..3 {
        let event = event(&format!("during-{number}"));
        assert_eq!(cloud.try_publish(&event).await, Some(202));
    }
    cloud.project.all_acknowledged().await;
    assert_eq!(office.calls_of("crm").len(), 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_store_pushes_are_refused_and_come_again_when_it_is_back() {
    let office = BackOffice::open().await;
    let (cloud, _pubsub, firestore) = behind_proxies(&office).await;
    let _publisher = cloud.start(Service::Publisher).await;
    let updater = cloud.start(Service::Updater).await;
    let counter = cloud.start(Service::Counter).await;
    for program in [&updater, &counter] {
        program.becomes_ready(200).await;
    }
    let mut stream = Stream::open(&cloud.client, &counter.url).await;
    let store_is = |state: &'static str| move |status: &Value| status["store"] == state;
    stream.next("status", store_is("ok")).await;
    firestore.cut();
    let (events, accepted) = purchases(12);
    for event in &events {
        assert_eq!(cloud.try_publish(event).await, Some(202));
    }
    stream.next("status", store_is("unavailable")).await;
    for (program, path) in [
        (&updater, "/process-backend-update/crm"),
        (&counter, "/tally"),
    ] {
        program.becomes_ready(503).await;
        for event in &events[..2] {
            let push = envelope("pushed-by-hand", event).to_string();
            assert_eq!(program.post(path, push).await.status(), 503);
        }
    }
    for subscription in ["backend-updates.crm", "backend-updates.counter"] {
        let waiting = cloud.project.waiting(subscription).await;
        assert_eq!(waiting, events.len(), "{subscription}");
    }
    assert_eq!(office.shown_since(0), [""; 0], "what can't be written down");
    firestore.restore();
    stream.next("status", store_is("ok")).await;
    for program in [&updater, &counter] {
        program.becomes_ready(200).await;
    }
    cloud.project.all_acknowledged().await;
    assert_each_was_done_once(&office, &accepted);
    let texts: Vec<String> = events.iter().map(Value::to_string).collect();
    assert_figures(&cloud.page(), &Oracle::published(&texts)).await;
    updater.stop().await;
    counter.stop().await;
}
