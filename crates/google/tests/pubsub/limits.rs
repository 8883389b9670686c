//! What is too large, and what is too much at once.

use std::task::Poll;

use ::bus::{Bus, Message, PublishError};
use futures_util::poll;
use google::pubsub::PubSubSettings;
use testing::SilentProxy;

use crate::support::{Project, TOPIC, connect, message, publish, unavailable};

fn with_attribute(key: usize, value: usize) -> Message {
    Message {
        attributes: [("k".repeat(key), "v".repeat(value))].into(),
        ..message("small")
    }
}

fn with_data(bytes: usize) -> Message {
    Message {
        data: vec![b'x'; bytes].into(),
        ..Message::default()
    }
}

#[tokio::test]
async fn what_google_would_not_take_is_refused_before_it_is_sent() {
    let project = Project::with_topic().await;
    // Nobody listens there, so what were sent would be unavailable and not too large.
    let away = connect(PubSubSettings {
        emulator_host: Some("127.0.0.1:9".into()),
        ..project.settings()
    })
    .await;
    let cases = [
        ("data", with_data(10_000_001)),
        ("key", with_attribute(257, 1)),
        ("value", with_attribute(1, 1_025)),
    ];
    for (what, message) in cases {
        let refused = away.publish(TOPIC, message).await;
        assert!(
            matches!(refused, Err(PublishError::TooLarge { size, limit }) if size > limit),
            "{what}: {refused:?}"
        );
    }
    let many = Message {
        attributes: (0..101)
            .map(|number| (format!("k{number}"), String::new()))
            .collect(),
        ..message("many")
    };
    for message in [Message::default(), many] {
        let reason = unavailable(away.publish(TOPIC, message).await);
        assert!(reason.contains("at most 100 attributes"), "{reason}");
    }
}

#[tokio::test]
async fn the_largest_that_google_takes_is_published() {
    let project = Project::with_topic().await;
    let bus = project.bus().await;
    let as_many_as_possible = Message {
        attributes: (0..100)
            .map(|number| (format!("{number:k>256}"), "v".repeat(1_024)))
            .collect(),
        ..with_data(9_990_000 - 100 * (256 + 1_024))
    };
    for message in [with_data(9_990_000), as_many_as_possible] {
        let published = bus.publish(TOPIC, message).await;
        published.expect("the bus takes the message");
    }
}

#[tokio::test]
async fn a_message_larger_than_the_bound_of_bytes_is_too_large() {
    let project = Project::with_topic().await;
    let bus = connect(PubSubSettings {
        max_bytes_in_flight: 1_000,
        ..project.settings()
    })
    .await;
    let refused = bus.publish(TOPIC, with_data(1_001)).await;
    assert!(
        matches!(
            refused,
            Err(PublishError::TooLarge {
                size: 1_001,
                limit: 1_000
            })
        ),
        "{refused:?}"
    );
    let published = bus.publish(TOPIC, with_data(1_000)).await;
    published.expect("the bus takes the message");
}

#[tokio::test]
async fn over_the_bound_publishing_is_refused_at_once() {
    let project = Project::with_topic().await;
    let settings = project.settings();
    let cases = [
        PubSubSettings {
            max_in_flight: 2,
            ..settings.clone()
        },
        PubSubSettings {
            max_bytes_in_flight: 30,
            ..settings
        },
    ];
    for settings in cases {
        let proxy = SilentProxy::start(&testing::pubsub_emulator()).await;
        let bus = connect(PubSubSettings {
            emulator_host: Some(proxy.address()),
            ..settings
        })
        .await;
        publish(&bus, "before")
            .await
            .expect("the bus takes the message");
        proxy.silence();
        // Fifteen bytes each.
        let mut first = Box::pin(publish(&bus, "first"));
        let mut other = Box::pin(publish(&bus, "other"));
        assert!(poll!(&mut first).is_pending());
        assert!(poll!(&mut other).is_pending());
        let refused = poll!(Box::pin(publish(&bus, "third")));
        let Poll::Ready(refused) = refused else {
            panic!("it is refused without waiting")
        };
        let reason = unavailable(refused);
        assert!(reason.contains("not answered yet"), "{reason}");
        // The bound is of what is in flight: when that is given up, there is room.
        unavailable(first.await);
        unavailable(other.await);
        testing::eventually("room for another message", || async {
            publish(&bus, "after").await.ok()
        })
        .await;
    }
}

#[tokio::test]
async fn of_a_thousand_large_messages_as_many_as_fit_are_held_and_the_others_refused_at_once() {
    let project = Project::with_topic().await;
    let proxy = SilentProxy::start(&testing::pubsub_emulator()).await;
    proxy.silence_all();
    let bus = connect(project.settings_behind(proxy.address())).await;
    let large = with_data(1 << 20);
    let mut publishing: Vec<_> = (0..1_000)
        .map(|_| bus.publish(TOPIC, large.clone()))
        .collect();
    let mut refused = 0;
    for publishing in &mut publishing {
        if let Poll::Ready(outcome) = poll!(publishing) {
            let reason = unavailable(outcome);
            assert!(reason.contains("67108864 bytes"), "{reason}");
            refused += 1;
        }
    }
    assert_eq!((bus.in_flight(), refused), (64, 936));
}

#[tokio::test]
async fn a_caller_that_goes_away_gives_no_room_for_another() {
    let project = Project::with_topic().await;
    let proxy = SilentProxy::start(&testing::pubsub_emulator()).await;
    let bus = connect(PubSubSettings {
        max_in_flight: 1,
        ..project.settings_behind(proxy.address())
    })
    .await;
    publish(&bus, "before")
        .await
        .expect("the bus takes the message");
    proxy.silence();
    let mut publishing = Box::pin(publish(&bus, "abandoned"));
    assert!(poll!(&mut publishing).is_pending());
    drop(publishing);
    let reason = unavailable(publish(&bus, "another").await);
    assert!(reason.contains("not answered yet"), "{reason}");
    testing::eventually("room for another message", || async {
        publish(&bus, "after").await.ok()
    })
    .await;
}
