//! Publishing when all is well.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use ::bus::{Bus, PublishError};
use google::pubsub::PubSubSettings;
use testing::SilentProxy;
use tokio::time::Instant;

use crate::support::{Project, TOPIC, connect, message, publish, unavailable};

/// For the machine, not for the bus.
const GRACE: Duration = Duration::from_millis(200);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_messages_published_at_once_all_arrive() {
    let project = Project::with_topic().await;
    project.subscribe(TOPIC, "all").await;
    let bus = Arc::new(project.bus().await);
    let publishing: Vec<_> = (0..1_000)
        .map(|number| {
            let bus = Arc::clone(&bus);
            tokio::spawn(async move { publish(&bus, &number.to_string()).await })
        })
        .collect();
    let mut ids = BTreeSet::new();
    for task in publishing {
        let published = task.await.expect("publishing doesn't panic");
        ids.insert(published.expect("the bus takes the message"));
    }
    assert_eq!(ids.len(), 1_000, "every message has its own id");
    let came: BTreeSet<_> = project.pull("all", 1_000).await.into_iter().collect();
    let expected: BTreeSet<_> = (0..1_000).map(|number| number.to_string()).collect();
    assert_eq!(came, expected);
}

#[tokio::test]
async fn a_topic_that_is_made_later_is_found_at_the_next_publish() {
    let project = Project::new();
    let bus = project.bus().await;
    for _ in 0..2 {
        match publish(&bus, "early").await {
            Err(PublishError::UnknownTopic { topic }) => assert_eq!(topic, TOPIC),
            other => panic!("expected an unknown topic, got {other:?}"),
        }
    }
    project.create_topic(TOPIC).await;
    publish(&bus, "late").await.expect("the topic is there");
}

#[tokio::test]
async fn an_unknown_topic_costs_the_others_nothing() {
    let project = Project::with_topic().await;
    let bus = project.bus().await;
    let (known, unknown) = tokio::join!(
        publish(&bus, "known"),
        bus.publish("nobody-made-this", message("unknown"))
    );
    known.expect("its own topic is there");
    assert!(
        matches!(unknown, Err(PublishError::UnknownTopic { .. })),
        "{unknown:?}"
    );
}

#[tokio::test]
async fn stopping_waits_for_what_was_taken_and_takes_no_more() {
    let project = Project::with_topic().await;
    project.subscribe(TOPIC, "all").await;
    let bus = Arc::new(project.bus().await);
    for number in 0..100 {
        let bus = Arc::clone(&bus);
        let mut publishing = Box::pin(async move { publish(&bus, &number.to_string()).await });
        // It is begun, and nobody waits for it.
        let first = futures_util::poll!(&mut publishing);
        assert!(first.is_pending(), "{first:?}");
    }
    bus.stop().await;
    unavailable(publish(&bus, "after").await);
    drop(bus);
    let came: BTreeSet<_> = project.pull("all", 100).await.into_iter().collect();
    let expected: BTreeSet<_> = (0..100).map(|number| number.to_string()).collect();
    assert_eq!(came, expected);
}

#[tokio::test]
async fn stopping_gives_up_in_time_what_is_never_answered() {
    let project = Project::with_topic().await;
    let proxy = SilentProxy::start(&testing::pubsub_emulator()).await;
    let settings = project.settings_behind(proxy.address());
    let bus = connect(settings.clone()).await;
    publish(&bus, "before")
        .await
        .expect("the bus takes the message");
    proxy.silence_all();
    let began = Instant::now();
    let (lost, ()) = tokio::join!(publish(&bus, "lost"), bus.stop());
    unavailable(lost);
    let took = began.elapsed();
    assert!(took < settings.publish_timeout + GRACE, "{took:?}");
}

/// As in a process that has two publishers: neither the other's outage nor its end is one's own.
#[tokio::test]
async fn two_in_one_process_have_nothing_to_do_with_each_other() {
    let project = Project::with_topic().await;
    let proxy = SilentProxy::start(&testing::pubsub_emulator()).await;
    let silent = connect(PubSubSettings {
        max_in_flight: 1,
        ..project.settings_behind(proxy.address())
    })
    .await;
    let well = project.bus().await;
    proxy.silence_all();
    let publishing = async {
        for _ in 0..10 {
            publish(&well, "well").await.expect("its own way is open");
        }
        well.in_flight()
    };
    let (lost, in_flight) = tokio::join!(publish(&silent, "lost"), publishing);
    unavailable(lost);
    assert_eq!(in_flight, 0);
    silent.stop().await;
    drop(silent);
    publish(&well, "after")
        .await
        .expect("the bus takes the message");
}

/// As actix-web's workers end before the bus is stopped.
#[tokio::test]
async fn the_runtime_that_published_first_may_end() {
    let project = Project::with_topic().await;
    let bus = Arc::new(project.bus().await);
    let workers_bus = Arc::clone(&bus);
    let worker = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(publish(&workers_bus, "first"))
    });
    let first = worker.await.expect("publishing doesn't panic");
    first.expect("the bus takes the message");
    publish(&bus, "second")
        .await
        .expect("the bus takes the message");
}
