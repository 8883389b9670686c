//! Whether the bus says truly that it can be published to.

use std::time::Duration;

use ::bus::{Bus, PublishError};
use google::pubsub::PubSubSettings;
use testing::Proxy;
use tokio::time::Instant;

use crate::support::{Project, TOPIC, connect, unavailable};

fn about_the_topic(settings: PubSubSettings) -> PubSubSettings {
    PubSubSettings {
        ready_topic: Some(TOPIC.into()),
        ..settings
    }
}

#[tokio::test]
async fn it_is_ready_when_the_topic_is_there() {
    let project = Project::new();
    let bus = connect(about_the_topic(project.settings())).await;
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
    let bus = connect(about_the_topic(project.settings_behind(cut.address()))).await;
    bus.ready().await.expect("Pub/Sub is there");
    cut.cut();
    let begun = Instant::now();
    unavailable(bus.ready().await);
    assert!(begun.elapsed() < Duration::from_millis(2_200));
    cut.restore();
    bus.ready().await.expect("Pub/Sub is back");
}
