//! The publisher on Google's Pub/Sub emulator, also through connections that can be cut or made silent.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use testing::{Proxy, SilentProxy, eventually, pubsub_emulator};
use tokio::net::TcpListener;

use crate::world::World;

/// The tag waits so long.
const TAG_WAITS: Duration = Duration::from_secs(3);
/// Containers are killed after so long.
const STOP_WITHIN: Duration = Duration::from_secs(10);

#[tokio::test]
async fn what_is_answered_202_is_on_the_topic() {
    let world = World::start(&pubsub_emulator()).await;
    let (status, answer) = world.publish("event-1").await;
    assert_eq!(status, 202, "{answer}");
    assert!(
        answer["messageId"]
            .as_str()
            .is_some_and(|id| !id.is_empty())
    );
    world.subscription.brings(&["event-1".into()]).await;
    let (ended, _) = world.program.terminate().await;
    assert_eq!(ended.code, Some(0), "{}", ended.log);
}

#[tokio::test]
async fn what_is_answered_202_before_a_stop_under_load_is_on_the_topic() {
    let world = World::start(&pubsub_emulator()).await;
    assert_eq!(world.publish("warm").await.0, 202);
    let mut answers = tokio::task::JoinSet::new();
    for id in 0..60 {
        let id = format!("event-{id}");
        let request = world.event(&id);
        answers.spawn(async move { (id, request.send().await) });
    }
    let mut taken = Vec::new();
    let mut note = |(id, answer): (String, Result<reqwest::Response, reqwest::Error>)| {
        if answer.is_ok_and(|answer| answer.status().as_u16() == 202) {
            taken.push(id);
        }
    };
    note(answers.join_next().await.expect("one").expect("no panic"));
    let (ended, _) = world.program.terminate().await;
    assert_eq!(ended.code, Some(0), "{}", ended.log);
    while let Some(answer) = answers.join_next().await {
        note(answer.expect("no panic"));
    }
    assert!(!taken.is_empty());
    world.subscription.brings(&taken).await;
}

#[tokio::test]
async fn without_pubsub_it_refuses_in_time_and_recovers_by_itself() {
    let proxy = Proxy::start(&pubsub_emulator()).await;
    let world = World::start(&proxy.address()).await;
    world.becomes_ready(200).await;
    assert_eq!(world.publish("before").await.0, 202);
    proxy.cut();
    let began = Instant::now();
    assert_eq!(world.publish("during").await.0, 503);
    assert!(began.elapsed() < TAG_WAITS, "{:?}", began.elapsed());
    world.becomes_ready(503).await;
    proxy.restore();
    world.becomes_ready(200).await;
    assert_eq!(world.publish("after").await.0, 202);
    let published = ["before".into(), "after".into()];
    world.subscription.brings(&published).await;
}

#[tokio::test]
async fn a_topic_that_is_missing_is_refused_and_told_and_used_once_it_is_there() {
    let world = World::without_topic(&pubsub_emulator()).await;
    let refused = world.event("early").send().await.expect("an answer");
    assert_eq!(refused.status(), 503);
    assert_eq!(refused.headers()["retry-after"], "10");
    world.becomes_ready(503).await;
    let log = world.program.log();
    assert!(
        log.contains("the bus has no topic backend-updates: create it"),
        "{log}"
    );
    world.subscription.make().await;
    assert_eq!(world.publish("late").await.0, 202);
    world.becomes_ready(200).await;
    world.subscription.brings(&["late".into()]).await;
}

/// However many ask: an answer is not what a bus gives that hangs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_bus_that_hangs_everybody_is_refused_in_time_and_it_recovers_by_itself() {
    let proxy = SilentProxy::start(&pubsub_emulator()).await;
    let world = World::start(&proxy.address()).await;
    assert_eq!(world.publish("before").await.0, 202);
    proxy.silence_all();
    let (asked_before, ready) = (
        proxy.connections(),
        format!("{}/health/ready", world.publisher),
    );
    let timed = |request: reqwest::RequestBuilder| async {
        let began = Instant::now();
        let answer = request.send().await.expect("an answer");
        (answer, began.elapsed())
    };
    let published =
        join_all((0..200).map(|number| timed(world.event(&format!("during-{number}")))));
    let told = join_all((0..200).map(|_| timed(world.client.get(&ready))));
    let (published, told) = tokio::join!(published, told);
    for (answer, took) in published.into_iter().chain(told) {
        assert_eq!(answer.status(), 503);
        assert!(answer.headers().contains_key("retry-after"));
        assert!(took < TAG_WAITS, "{took:?}");
    }
    let asked = proxy.connections() - asked_before;
    assert!(
        asked <= 5,
        "{asked} connections for one question and one replacement"
    );
    proxy.restore();
    eventually("a publish", || async {
        (world.publish("after").await.0 == 202).then_some(())
    })
    .await;
    world.becomes_ready(200).await;
    let published = ["before".into(), "after".into()];
    world.subscription.brings(&published).await;
}

#[tokio::test]
async fn told_to_stop_while_the_bus_hangs_it_answers_what_it_took_and_ends_in_time() {
    let hanging = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let host = hanging.local_addr().expect("it listens").to_string();
    let world = World::without_topic(&host).await;
    let answer = tokio::spawn(world.event("event-1").send());
    let _connection = hanging.accept().await.expect("it publishes");
    let (ended, took) = world.program.terminate().await;
    let answer = answer.await.expect("no panic").expect("an answer");
    assert_eq!(answer.status(), 503);
    assert_eq!(ended.code, Some(0), "{}", ended.log);
    assert!(took < STOP_WITHIN, "it took {took:?}");
}
