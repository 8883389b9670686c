//! What is on the bus stays on it, however a process ends.

use std::time::Duration;

use testing::{MockAnswer, MockServer, eventually};

use crate::support::{
    DEAD_LETTERS, LOYALTY, NOW, Place, TOPIC, acknowledged, message, publish, pushed, stored,
};
use ::bus::{Bus, Push, attribute};

#[tokio::test]
async fn what_was_published_before_a_sudden_end_is_delivered_after_it() {
    let (place, server) = (Place::new(), MockServer::start().await);
    let away = place.subscription(LOYALTY, "http://127.0.0.1:9/push");
    let bus = place.open().await;
    bus.subscribe(away).await.expect("subscribed");
    publish(&bus, "evt_1").await;
    drop(bus);
    let bus = place.open().await;
    let subscription = place.subscription(LOYALTY, &server.url("/push"));
    bus.subscribe(subscription).await.expect("subscribed");
    let requests = server.wait_for_requests(1).await;
    assert_eq!(pushed(&requests), [("evt_1".to_owned(), 1)]);
}

#[tokio::test]
async fn attempts_and_the_time_of_the_next_one_survive_a_restart() {
    let (place, server) = (Place::new(), MockServer::start().await);
    server.answer(MockAnswer::status(503));
    let bus = place.open().await;
    let subscription = place.subscription(LOYALTY, &server.url("/push"));
    bus.subscribe(subscription.clone())
        .await
        .expect("subscribed");
    publish(&bus, "evt_1").await;
    let refused = eventually("the refusal's commit", || async {
        let waiting = stored(&bus, "evt_1").await.waiting;
        waiting.into_iter().find(|waiting| waiting.attempts == 1)
    })
    .await;
    drop(bus);
    server.answer(MockAnswer::status(204));
    let bus = place.open().await;
    assert_eq!(
        stored(&bus, "evt_1").await.waiting,
        std::slice::from_ref(&refused)
    );
    place.clock.set(refused.due);
    bus.subscribe(subscription).await.expect("subscribed");
    acknowledged(&bus, "evt_1").await;
    assert_eq!(
        pushed(&server.requests()).last(),
        Some(&("evt_1".to_owned(), 2))
    );
}

#[tokio::test]
async fn a_message_that_ends_every_process_it_meets_is_given_up() {
    let (place, server) = (Place::new(), MockServer::start().await);
    server.answer(MockAnswer::never());
    let mut subscription = place.subscription(LOYALTY, &server.url("/push"));
    subscription.max_delivery_attempts = 2;
    subscription.dead_letter_topic = Some(DEAD_LETTERS.to_owned());
    let bus = place.open().await;
    bus.subscribe(subscription.clone())
        .await
        .expect("subscribed");
    publish(&bus, "evt_1").await;
    server.wait_for_requests(1).await;
    drop(bus);
    for deliveries in [2, 3] {
        let bus = place.open().await;
        bus.subscribe(subscription.clone())
            .await
            .expect("subscribed");
        server.wait_for_requests(deliveries).await;
        drop(bus);
    }
    let bus = place.open().await;
    bus.subscribe(subscription).await.expect("subscribed");
    let dead = eventually("the dead letter", || async {
        let found = bus.find_messages("evt_1").await.expect("the bus looks");
        found
            .into_iter()
            .find(|message| message.topic == DEAD_LETTERS)
    })
    .await;
    assert_eq!(dead.attributes[attribute::DEAD_LETTER_DELIVERY_COUNT], "2");
    assert_eq!(
        dead.attributes[attribute::DEAD_LETTER_PUBLISH_TIME],
        NOW.to_rfc3339()
    );
    let attempts: Vec<u32> = pushed(&server.requests())
        .into_iter()
        .map(|(_, attempt)| attempt)
        .collect();
    assert_eq!(
        attempts,
        [1, 1, 2],
        "what came after the start is not counted before it is sent"
    );
}

#[tokio::test]
async fn another_process_can_publish_beside_the_one_that_delivers() {
    let (place, server) = (Place::new(), MockServer::start().await);
    let bus = place.open().await;
    let subscription = place.subscription(LOYALTY, &server.url("/push"));
    bus.subscribe(subscription).await.expect("subscribed");
    let command_line = place.open().await;
    let id = publish(&command_line, "evt_replayed").await;
    let requests = server.wait_for_requests(1).await;
    let push = Push::from_body(&requests[0].body).expect("a push");
    assert_eq!(push.message_id, id);
    acknowledged(&command_line, "evt_replayed").await;
}

#[tokio::test]
async fn a_new_journal_gives_no_id_a_second_time() {
    let place = Place::new();
    let bus = place.open().await;
    let first = publish(&bus, "evt_1").await;
    bus.stop(Duration::ZERO).await.expect("stopped");
    drop(bus);
    let directory = place.file();
    std::fs::remove_dir_all(directory.parent().expect("a directory")).expect("thrown away");
    place.clock.advance(Duration::from_millis(1));
    let bus = place.open().await;
    let second = publish(&bus, "evt_1").await;
    let number = |id: &::bus::MessageId| id.0.parse::<i64>().expect("a number");
    assert!(number(&second) > number(&first), "{first} then {second}");
}

#[tokio::test]
async fn messages_published_together_share_their_commits() {
    let place = Place::new();
    let bus = std::sync::Arc::new(place.open().await);
    let before = bus.commits();
    let lock = place.lock();
    let publishing: Vec<_> = (0..500)
        .map(|number| {
            let bus = bus.clone();
            tokio::spawn(async move { bus.publish(TOPIC, message(&number.to_string())).await })
        })
        .collect();
    // On this test's one thread, each time this task steps back at least one other hands its message over.
    for _ in 0..500 {
        tokio::task::yield_now().await;
    }
    drop(lock);
    for task in publishing {
        task.await.expect("no panic").expect("published");
    }
    let commits = bus.commits() - before;
    assert!(
        (1..=2).contains(&commits),
        "500 messages took {commits} commits"
    );
}

#[tokio::test]
async fn stopping_lets_what_is_under_way_finish() {
    let (place, server) = (Place::new(), MockServer::start().await);
    let (release, released) = std::sync::mpsc::channel::<()>();
    let released = std::sync::Mutex::new(released);
    let (started, mut starts) = tokio::sync::mpsc::unbounded_channel();
    server.answer_with(move |_| {
        started.send(()).expect("the test listens");
        // The server's own thread waits here, so the request is under way until the test lets it go.
        released
            .lock()
            .expect("one request")
            .recv()
            .expect("the test lets go");
        MockAnswer::status(204)
    });
    let bus = std::sync::Arc::new(place.open().await);
    let subscription = place.subscription(LOYALTY, &server.url("/push"));
    bus.subscribe(subscription).await.expect("subscribed");
    publish(&bus, "evt_1").await;
    starts.recv().await.expect("a request");
    let stopping = tokio::spawn({
        let bus = bus.clone();
        async move { bus.stop(Duration::from_secs(60)).await }
    });
    tokio::task::yield_now().await;
    assert!(!stopping.is_finished());
    release.send(()).expect("the server waits");
    stopping.await.expect("no panic").expect("stopped");
    assert!(stored(&bus, "evt_1").await.waiting.is_empty());
    let refused = bus.publish(TOPIC, message("evt_2")).await;
    assert!(
        matches!(refused, Err(::bus::PublishError::Unavailable { .. })),
        "{refused:?}"
    );
    assert!(bus.ready().await.is_err());
}

#[tokio::test]
async fn stopping_cuts_off_what_takes_too_long_and_still_owes_it() {
    let (place, server) = (Place::new(), MockServer::start().await);
    server.answer(MockAnswer::never());
    let bus = place.open().await;
    let subscription = place.subscription(LOYALTY, &server.url("/push"));
    bus.subscribe(subscription).await.expect("subscribed");
    publish(&bus, "evt_1").await;
    server.wait_for_requests(1).await;
    bus.stop(Duration::from_millis(20)).await.expect("stopped");
    let waiting = stored(&bus, "evt_1").await.waiting;
    assert_eq!((waiting.len(), waiting[0].attempts), (1, 0));
}
