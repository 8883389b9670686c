//! What an operator does: delivers again, forgets, changes and drops subscriptions.

use std::time::Duration;

use embedded::{Purged, SubscribeError};
use events::Timestamp;
use testing::{MockServer, eventually};

use crate::support::{DEAD_LETTERS, LOYALTY, NOW, Place, acknowledged, publish, pushed, stored};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::test]
async fn seeking_delivers_again_what_was_published_since() {
    let (place, server) = (Place::new(), MockServer::start().await);
    let bus = place.open().await;
    let subscription = place.subscription(LOYALTY, &server.url("/push"));
    bus.subscribe(subscription).await.expect("subscribed");
    for event_id in ["evt_1", "evt_2", "evt_3"] {
        publish(&bus, event_id).await;
        acknowledged(&bus, event_id).await;
        place.clock.advance(DAY);
    }
    let due_again = bus.seek(LOYALTY, NOW.plus(DAY)).await.expect("sought");
    assert_eq!(due_again, Some(2));
    let requests = server.wait_for_requests(5).await;
    let mut again = pushed(&requests)[3..].to_vec();
    again.sort();
    assert_eq!(again, [("evt_2".to_owned(), 1), ("evt_3".to_owned(), 1)]);
    assert_eq!(bus.seek("nobody", NOW).await.expect("sought"), None);
}

#[tokio::test]
async fn what_is_past_its_retention_is_forgotten_unless_it_is_still_owed() {
    let (place, server) = (Place::new(), MockServer::start().await);
    let bus = place.open().await;
    let taken = place.subscription(LOYALTY, &server.url("/push"));
    let away = place.subscription("backend-updates.away", "http://127.0.0.1:9/push");
    for subscription in [taken, away] {
        bus.subscribe(subscription).await.expect("subscribed");
    }
    for event_id in ["evt_old", "evt_new"] {
        publish(&bus, event_id).await;
        server
            .wait_until(event_id, |requests| {
                pushed(requests).iter().any(|(id, _)| id == event_id)
            })
            .await;
        eventually("the acknowledgement's commit", || async {
            (stored(&bus, event_id).await.waiting.len() == 1).then_some(())
        })
        .await;
        place.clock.advance(DAY);
    }
    let week = NOW.plus(7 * DAY);
    assert_eq!(bus.purge(week).await.expect("purged"), Purged::default());
    let past = week.plus(Duration::from_millis(1));
    let (kept, forgotten) = (
        Purged {
            messages: 0,
            owed: 1,
        },
        Purged {
            messages: 1,
            owed: 0,
        },
    );
    assert_eq!(bus.purge(past).await.expect("purged"), kept);
    let back = place.subscription("backend-updates.away", &server.url("/push"));
    bus.subscribe(back).await.expect("subscribed again");
    acknowledged(&bus, "evt_old").await;
    assert_eq!(bus.purge(past).await.expect("purged"), forgotten);
    assert!(
        bus.find_messages("evt_old")
            .await
            .expect("the bus looks")
            .is_empty()
    );
    let again = bus
        .seek(LOYALTY, Timestamp::from_millis(0))
        .await
        .expect("sought");
    assert_eq!(again, Some(1), "what is forgotten can't be delivered again");
}

#[tokio::test]
async fn subscribing_again_keeps_the_backlog_and_takes_the_new_options_at_once() {
    let (place, server) = (Place::new(), MockServer::start().await);
    let bus = place.open().await;
    let away = place.subscription(LOYALTY, "http://127.0.0.1:9/push");
    bus.subscribe(away).await.expect("subscribed");
    publish(&bus, "evt_1").await;
    let moved = place.subscription(LOYALTY, &server.url("/moved"));
    bus.subscribe(moved).await.expect("subscribed again");
    let requests = server.wait_for_requests(1).await;
    assert_eq!(requests[0].target, "/moved");
    assert_eq!(pushed(&requests), [("evt_1".to_owned(), 1)]);
}

#[tokio::test]
async fn subscriptions_that_nobody_names_any_more_are_dropped_with_their_backlog() {
    let (place, server) = (Place::new(), MockServer::start().await);
    let bus = place.open().await;
    let kept = place.subscription(LOYALTY, &server.url("/push"));
    let dropped = place.subscription("backend-updates.crm", "http://127.0.0.1:9/push");
    for subscription in [&kept, &dropped] {
        bus.subscribe(subscription.clone())
            .await
            .expect("subscribed");
    }
    publish(&bus, "evt_1").await;
    let names = bus
        .unsubscribe_others(&[LOYALTY.to_owned()])
        .await
        .expect("dropped");
    assert_eq!(names, ["backend-updates.crm"]);
    acknowledged(&bus, "evt_1").await;
    let backlog = bus.backlog().await.expect("the bus looks");
    assert_eq!(
        backlog
            .iter()
            .map(|one| one.name.as_str())
            .collect::<Vec<_>>(),
        [LOYALTY]
    );
    bus.subscribe(dropped).await.expect("subscribed");
    let backlog = bus.backlog().await.expect("the bus looks");
    assert_eq!(backlog[0].waiting, 0, "one made again begins empty");
}

#[tokio::test]
async fn a_subscription_needs_its_topics_and_keeps_its_own() {
    let place = Place::new();
    let bus = place.open().await;
    let sound = place.subscription(LOYALTY, "http://127.0.0.1:9/push");
    let mut nowhere = sound.clone();
    nowhere.topic = "nowhere".into();
    let refused = bus.subscribe(nowhere).await;
    assert!(
        matches!(refused, Err(SubscribeError::UnknownTopic { ref topic, .. }) if topic == "nowhere"),
        "{refused:?}"
    );
    let mut no_burial = sound.clone();
    no_burial.dead_letter_topic = Some("no burial".into());
    let refused = bus.subscribe(no_burial).await;
    assert!(
        matches!(refused, Err(SubscribeError::UnknownTopic { ref topic, .. }) if topic == "no burial"),
        "{refused:?}"
    );
    bus.subscribe(sound.clone()).await.expect("subscribed");
    let mut moved = sound;
    moved.topic = DEAD_LETTERS.into();
    let refused = bus.subscribe(moved).await;
    assert!(
        matches!(refused, Err(SubscribeError::OtherTopic { .. })),
        "{refused:?}"
    );
}
