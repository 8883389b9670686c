//! What the bus gives up on is moved, not lost.

use super::harness::{BusHarness, DeadLetterPolicy, SubscriptionOptions, data, pushes};
use crate::{Message, attribute};

/// The fewest that Google takes.
const ATTEMPTS: u32 = 5;

/// After its last refusal a message is published on the dead-letter topic, with its own attributes and Google's.
pub async fn what_is_refused_too_often_moves_to_the_dead_letter_topic(harness: &impl BusHarness) {
    let topic = harness.unique("refusing");
    let dead_letter_topic = harness.unique("refusing-dead-letter");
    harness.create_topic(&topic).await;
    harness.create_topic(&dead_letter_topic).await;
    let (refusing, undertaker) = (harness.endpoint().await, harness.endpoint().await);
    refusing.answer_with(Box::new(|_| 503));
    let name = format!("{topic}.refusing");
    let options = SubscriptionOptions {
        dead_letter: Some(DeadLetterPolicy {
            topic: dead_letter_topic.clone(),
            max_delivery_attempts: ATTEMPTS,
        }),
        ..SubscriptionOptions::default()
    };
    harness
        .subscribe(&topic, &name, &refusing.url(), options)
        .await;
    let options = SubscriptionOptions::default();
    let undertakers_name = format!("{dead_letter_topic}.undertaker");
    harness
        .subscribe(
            &dead_letter_topic,
            &undertakers_name,
            &undertaker.url(),
            options,
        )
        .await;
    let message = Message {
        data: b"nobody wants this".as_slice().into(),
        attributes: [(attribute::EVENT_ID.to_owned(), "evt_1".to_owned())].into(),
    };
    let id = harness
        .bus()
        .publish(&topic, message)
        .await
        .expect("published");

    let dead = pushes(undertaker.as_ref(), 1).await.remove(0);
    assert_eq!(data(&dead), b"nobody wants this");
    assert_ne!(dead.message_id, id, "it is a new message");
    assert_eq!(dead.attributes[attribute::EVENT_ID], "evt_1");
    assert_eq!(dead.attributes[attribute::DEAD_LETTER_SUBSCRIPTION], name);
    assert_eq!(
        dead.attributes[attribute::DEAD_LETTER_DELIVERY_COUNT],
        ATTEMPTS.to_string()
    );
    for set_by_the_bus in [
        attribute::DEAD_LETTER_SUBSCRIPTION_PROJECT,
        attribute::DEAD_LETTER_PUBLISH_TIME,
    ] {
        assert!(
            !dead.attributes[set_by_the_bus].is_empty(),
            "{set_by_the_bus}"
        );
    }
    let refused = pushes(refusing.as_ref(), 5).await;
    assert!(refused.iter().all(|push| push.message_id == id));
}
