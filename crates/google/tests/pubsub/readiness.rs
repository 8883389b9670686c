//! Whether the bus says truly that it can be published to.

use std::time::Duration;

use ::bus::{Bus, PublishError};
use google::pubsub::PubSubSettings;
use testing::Proxy;
use tokio::time::Instant;

use crate::silent_proxy::SilentProxy;
use crate::support::{Project, TOPIC, connect, unavailable};

fn impatient(settings: PubSubSettings) -> PubSubSettings {
    PubSubSettings {
        ready_topic: Some(TOPIC.into()),
        ready_age: Duration::ZERO,
        ..settings
    }
}

#[tokio::test]
async fn it_is_ready_when_the_topic_is_there() {
    let project = Project::new();
    let bus = connect(impatient(project.settings())).await;
    match bus.ready().await {
        Err(PublishError::UnknownTopic { topic }) => assert_eq!(topic, TOPIC),
        other => panic!("expected an unknown topic, got {other:?}"),
    }
    project.create_topic(TOPIC).await;
    bus.ready().await.expect("the topic is there");
}

#[tokio::test]
async fn without_a_topic_to_ask_about_an_answer_will_do() {
    let project = Project::new();
    let bus = project.bus().await;
    bus.ready().await.expect("Pub/Sub answers");
}

#[tokio::test]
async fn it_is_not_ready_while_pub_sub_is_away_and_says_so_in_time() {
    let project = Project::with_topic().await;
    let cut = Proxy::start(&testing::pubsub_emulator()).await;
    let bus = connect(PubSubSettings {
        emulator_host: Some(cut.address()),
        ..impatient(project.settings())
    })
    .await;
    bus.ready().await.expect("Pub/Sub is there");
    cut.cut();
    let begun = Instant::now();
    unavailable(bus.ready().await);
    assert!(begun.elapsed() < Duration::from_millis(2_200));
    cut.restore();
    bus.ready().await.expect("Pub/Sub is back");
}

#[tokio::test]
async fn an_answer_is_kept_for_its_time() {
    let project = Project::with_topic().await;
    let proxy = SilentProxy::start(&testing::pubsub_emulator()).await;
    let bus = connect(PubSubSettings {
        emulator_host: Some(proxy.address()),
        ready_topic: Some(TOPIC.into()),
        ready_age: Duration::from_secs(60),
        ..project.settings()
    })
    .await;
    for _ in 0..5 {
        let (first, second) = tokio::join!(bus.ready(), bus.ready());
        first.expect("the topic is there");
        second.expect("the topic is there");
    }
    assert_eq!(proxy.connections(), 1, "one question is asked");
}
