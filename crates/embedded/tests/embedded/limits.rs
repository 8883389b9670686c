//! Where the bus says no, instead of taking more than it can hold.

use std::sync::Arc;

use bus::{Bus, PublishError};
use testing::eventually;

use crate::support::{Place, TOPIC, message};

#[tokio::test]
async fn a_full_queue_refuses_for_the_moment_and_keeps_what_it_took() {
    let cases: [(&str, usize, usize); 2] = [("messages", 4, 1 << 20), ("bytes", 1_000, 40)];
    for (what, queue, queue_bytes) in cases {
        let mut place = Place::new();
        place.settings.queue = queue;
        place.settings.queue_bytes = queue_bytes;
        let bus = Arc::new(place.open().await);
        let lock = place.lock();
        let publishing: Vec<_> = (0..50)
            .map(|_| {
                let bus = bus.clone();
                tokio::spawn(async move { bus.publish(TOPIC, message("evt_same")).await })
            })
            .collect();
        eventually("a refusal", || async {
            publishing
                .iter()
                .any(|task| task.is_finished())
                .then_some(())
        })
        .await;
        drop(lock);
        let mut taken = 0;
        for task in publishing {
            match task.await.expect("no panic") {
                Ok(_) => taken += 1,
                Err(PublishError::Unavailable {
                    retry_after,
                    reason,
                }) => {
                    assert!(!retry_after.is_zero());
                    assert!(reason.contains("waiting already"), "{reason}");
                }
                Err(other) => panic!("{what}: {other}"),
            }
        }
        assert!((1..50).contains(&taken), "{what}: {taken} taken");
        let kept = bus.find_messages("evt_same").await.expect("the bus looks");
        assert_eq!(kept.len(), taken, "{what}");
        bus.publish(TOPIC, message("evt_later"))
            .await
            .expect("there is room again");
    }
}

#[tokio::test]
async fn a_message_larger_than_allowed_is_refused_with_both_sizes() {
    let mut place = Place::new();
    place.settings.max_message_bytes = 100;
    let bus = place.open().await;
    let mut large = message("evt_1");
    let frame = large.size() - large.data.len();
    large.data = vec![b'x'; 100 - frame].into();
    bus.publish(TOPIC, large.clone())
        .await
        .expect("just small enough");
    large.data = vec![b'x'; 101 - frame].into();
    let refused = bus.publish(TOPIC, large).await;
    assert!(
        matches!(
            refused,
            Err(PublishError::TooLarge {
                size: 101,
                limit: 100
            })
        ),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_message_larger_than_the_queue_s_bytes_passes_alone() {
    let mut place = Place::new();
    place.settings.queue_bytes = 10;
    let bus = place.open().await;
    let mut large = message("evt_1");
    large.data = vec![b'x'; 1_000].into();
    bus.publish(TOPIC, large).await.expect("it passes");
}
