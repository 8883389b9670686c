//! Pub/Sub away, and back.

use std::time::Duration;

use google::pubsub::{PubSubBus, PubSubSettings};
use testing::{Proxy, SilentProxy};
use tokio::time::Instant;

use crate::support::{Project, connect, publish, unavailable};

/// For the machine, not for the bus.
const GRACE: Duration = Duration::from_millis(200);
const SOON: Duration = Duration::from_secs(2);

async fn unavailable_in_time(bus: &PubSubBus, settings: &PubSubSettings) {
    let begun = Instant::now();
    unavailable(publish(bus, "lost").await);
    let took = begun.elapsed();
    assert!(took < settings.publish_timeout + GRACE, "{took:?}");
}

/// Publishes until it works, which must be soon.
async fn works_again(bus: &PubSubBus) {
    let begun = Instant::now();
    testing::eventually("a publish", || async { publish(bus, "found").await.ok() }).await;
    let took = begun.elapsed();
    assert!(took < SOON, "{took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_pub_sub_is_cut_off_it_is_unavailable_and_then_works_again() {
    let project = Project::with_topic().await;
    let proxy = Proxy::start(&testing::pubsub_emulator()).await;
    let settings = project.settings_behind(proxy.address());
    let bus = connect(settings.clone()).await;
    publish(&bus, "before")
        .await
        .expect("the bus takes the message");
    for _ in 0..2 {
        proxy.cut();
        unavailable_in_time(&bus, &settings).await;
        unavailable_in_time(&bus, &settings).await;
        proxy.restore();
        works_again(&bus).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bus_that_never_was_there_is_used_when_it_comes() {
    let project = Project::with_topic().await;
    let proxy = Proxy::start(&testing::pubsub_emulator()).await;
    proxy.cut();
    let settings = project.settings_behind(proxy.address());
    let bus = connect(settings.clone()).await;
    unavailable_in_time(&bus, &settings).await;
    proxy.restore();
    works_again(&bus).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_went_silent_is_replaced() {
    let project = Project::with_topic().await;
    let proxy = SilentProxy::start(&testing::pubsub_emulator()).await;
    let settings = project.settings_behind(proxy.address());
    let bus = connect(settings.clone()).await;
    publish(&bus, "before")
        .await
        .expect("the bus takes the message");
    for _ in 0..2 {
        proxy.silence();
        unavailable_in_time(&bus, &settings).await;
        works_again(&bus).await;
    }
}

/// A flood during an outage holds no more than the bound, and leaves nothing behind that is in the way afterwards.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_while_pub_sub_is_cut_off_leaves_all_places_free() {
    let project = Project::with_topic().await;
    let proxy = Proxy::start(&testing::pubsub_emulator()).await;
    let bound = 10;
    let bus = connect(PubSubSettings {
        max_in_flight: bound,
        ..project.settings_behind(proxy.address())
    })
    .await;
    proxy.cut();
    let flood = || futures_util::future::join_all((0..100).map(|_| publish(&bus, "lost")));
    let reasons: Vec<_> = flood().await.into_iter().map(unavailable).collect();
    let is_refused_at_once = |reason: &&String| reason.contains("not answered yet");
    let refused_at_once = reasons.iter().filter(is_refused_at_once).count();
    assert_eq!(refused_at_once, 100 - bound, "{reasons:?}");
    for _ in 0..2 {
        flood().await.into_iter().for_each(|lost| {
            unavailable(lost);
        });
    }
    testing::eventually("free places", || async {
        (bus.in_flight() == 0).then_some(())
    })
    .await;
    proxy.restore();
    works_again(&bus).await;
    testing::eventually("a place for each at once", || async {
        let together = (0..bound).map(|_| publish(&bus, "found"));
        let published = futures_util::future::join_all(together).await;
        published.iter().all(Result::is_ok).then_some(())
    })
    .await;
}
