//! What is published arrives, whatever happens at the endpoint.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::harness::{Answer, BusHarness, PushEndpoint, SubscriptionOptions, data, pushes};
use crate::{Message, MessageId, PublishError, Push};

/// Nothing listens on the discard port of loopback.
const DOWN: &str = "http://127.0.0.1:9/push";

/// A topic with one subscription, and its endpoint.
async fn subscribed(harness: &impl BusHarness, topic: &str) -> Arc<dyn PushEndpoint> {
    let endpoint = harness.endpoint().await;
    harness.create_topic(topic).await;
    let name = format!("{topic}.only");
    let options = SubscriptionOptions::default();
    harness
        .subscribe(topic, &name, &endpoint.url(), options)
        .await;
    endpoint
}

fn message(text: &str) -> Message {
    Message {
        data: text.as_bytes().to_vec().into(),
        attributes: [("probe".to_owned(), text.to_owned())].into(),
    }
}

async fn publish(harness: &impl BusHarness, topic: &str, message: Message) -> MessageId {
    let published = harness.bus().publish(topic, message).await;
    published.expect("the bus takes the message")
}

fn texts(pushes: &[Push]) -> BTreeSet<String> {
    pushes.iter().map(text_of).collect()
}

fn text_of(push: &Push) -> String {
    String::from_utf8_lossy(data(push)).into_owned()
}

/// Answers the first requests with `statuses`, one each, and all others with 204.
fn statuses_then_204(statuses: &[u16]) -> Answer {
    let (statuses, posted) = (statuses.to_owned(), AtomicUsize::new(0));
    Box::new(move |_| {
        let count = posted.fetch_add(1, Ordering::SeqCst);
        statuses.get(count).copied().unwrap_or(204)
    })
}

fn count_of(text: &str, bodies: &[bytes::Bytes]) -> usize {
    bodies.iter().map(|body| count_in(text, body)).sum()
}

/// 1 if this push carries `text`, else 0.
fn count_in(text: &str, body: &[u8]) -> usize {
    let carries_it = |push: Push| data(&push) == text.as_bytes();
    usize::from(Push::from_body(body).is_ok_and(carries_it))
}

/// Payload, attributes, id and time in both spellings, and the subscription's full name.
pub async fn a_message_is_delivered_whole_in_the_push_envelope(harness: &impl BusHarness) {
    let topic = harness.unique("envelope");
    let endpoint = subscribed(harness, &topic).await;
    let id = publish(harness, &topic, message("whole \u{e9}")).await;
    let bodies = endpoint
        .wait_until("a push", Box::new(|bodies| !bodies.is_empty()))
        .await;
    let push = Push::from_body(&bodies[0]).expect("a push");
    assert_eq!(data(&push), "whole \u{e9}".as_bytes());
    assert_eq!(push.attributes["probe"], "whole \u{e9}");
    assert_eq!(push.message_id, id);
    let ending = format!("/subscriptions/{topic}.only");
    assert!(
        push.subscription.starts_with("projects/"),
        "{}",
        push.subscription
    );
    assert!(
        push.subscription.ends_with(&ending),
        "{}",
        push.subscription
    );
    let json: serde_json::Value = serde_json::from_slice(&bodies[0]).expect("JSON");
    let message = &json["message"];
    assert_eq!(message["message_id"], message["messageId"]);
    assert_eq!(message["publish_time"], message["publishTime"]);
    let time = push.publish_time;
    assert!(
        time.contains('T') && time.ends_with('Z'),
        "{time} is RFC 3339 in UTC"
    );
}

/// A payload alone and attributes alone are messages too.
pub async fn what_has_no_data_or_no_attributes_is_delivered_too(harness: &impl BusHarness) {
    let topic = harness.unique("bare");
    let endpoint = subscribed(harness, &topic).await;
    let mut data_alone = message("data alone");
    data_alone.attributes.clear();
    let mut attributes_alone = message("attributes alone");
    attributes_alone.data = bytes::Bytes::new();
    publish(harness, &topic, data_alone).await;
    publish(harness, &topic, attributes_alone).await;
    let pushes = pushes(endpoint.as_ref(), 2).await;
    assert_eq!(texts(&pushes), [String::new(), "data alone".into()].into());
    let without_data = pushes.iter().find(|push| data(push).is_empty());
    let attributes = &without_data.expect("one has no data").attributes;
    assert_eq!(attributes["probe"], "attributes alone");
}

/// Nothing is lost, mixed up or given another's id when many publish at once.
pub async fn messages_published_by_a_hundred_tasks_all_arrive_under_their_own_ids(
    harness: &impl BusHarness,
) {
    let topic = harness.unique("hundred");
    let endpoint = subscribed(harness, &topic).await;
    let publishing: Vec<_> = (0..100)
        .map(|number| {
            let (bus, topic) = (harness.bus(), topic.clone());
            let text = number.to_string();
            tokio::spawn(async move {
                let published = bus.publish(&topic, message(&text)).await;
                (published.expect("the bus takes the message"), text)
            })
        })
        .collect();
    let mut published = BTreeSet::new();
    for task in publishing {
        published.insert(task.await.expect("publishing doesn't panic"));
    }
    let ids: BTreeSet<_> = published.iter().map(|(id, _)| id).collect();
    assert_eq!(ids.len(), 100, "every message has its own id");
    let expected = published.clone();
    let all_there = move |bodies: &[bytes::Bytes]| {
        let arrived: BTreeSet<_> = bodies
            .iter()
            .filter_map(|body| Push::from_body(body).ok())
            .map(|push| (push.message_id.clone(), text_of(&push)))
            .collect();
        arrived == expected
    };
    endpoint
        .wait_until("all hundred messages", Box::new(all_there))
        .await;
}

/// Each of `statuses` ends a message's deliveries, and a refusal before it doesn't. Google acknowledges by 102, 200,
/// 201, 202 and 204; its emulator by 203 instead of 202, so give it the others. (102 announces an answer and is none,
/// so an HTTP client doesn't see it: it can only be given where the backend reads it.)
pub async fn acknowledges_each_of(harness: &impl BusHarness, statuses: &[u16]) {
    for status in statuses.iter().copied() {
        let topic = harness.unique(&format!("status-{status}"));
        let endpoint = subscribed(harness, &topic).await;
        endpoint.answer_with(statuses_then_204(&[503, status]));
        publish(harness, &topic, message("first")).await;
        pushes(endpoint.as_ref(), 2).await;
        // Were the second answer a refusal, `first` would come again while this one is refused three times.
        let refusals = statuses_then_204(&[503, 503, 503]);
        endpoint.answer_with(Box::new(move |body| match count_in("marker", body) {
            0 => 204,
            _ => refusals(body),
        }));
        publish(harness, &topic, message("marker")).await;
        let bodies = endpoint
            .wait_until(
                "the marker's end",
                Box::new(|bodies| count_of("marker", bodies) >= 4),
            )
            .await;
        let firsts = count_of("first", &bodies);
        assert_eq!(firsts, 2, "{status} acknowledges");
    }
}

/// A refusal, of whatever kind, is no acknowledgement.
pub async fn a_refused_message_comes_again_until_it_is_acknowledged(harness: &impl BusHarness) {
    let topic = harness.unique("refused");
    let endpoint = subscribed(harness, &topic).await;
    endpoint.answer_with(statuses_then_204(&[503, 404, 500]));
    let id = publish(harness, &topic, message("again")).await;
    let pushes = pushes(endpoint.as_ref(), 4).await;
    assert!(
        pushes
            .iter()
            .all(|push| push.message_id == id && data(push) == b"again")
    );
    let attempts: Vec<_> = pushes
        .iter()
        .filter_map(|push| push.delivery_attempt)
        .collect();
    // A backend may not count; one that does must count right.
    assert!(
        attempts.is_empty() || attempts == [1, 2, 3, 4],
        "{attempts:?}"
    );
}

/// The others get everything at once, while one has no endpoint at all.
pub async fn a_subscription_that_is_down_costs_the_others_nothing(harness: &impl BusHarness) {
    let topic = harness.unique("down");
    let endpoint = subscribed(harness, &topic).await;
    let name = format!("{topic}.down");
    let options = SubscriptionOptions::default();
    harness.subscribe(&topic, &name, DOWN, options).await;
    let mut expected = BTreeSet::new();
    for number in 0..20 {
        let text = number.to_string();
        publish(harness, &topic, message(&text)).await;
        expected.insert(text);
    }
    let came = pushes(endpoint.as_ref(), 20).await;
    assert_eq!(texts(&came), expected);
}

/// One copy each for the topic's subscriptions, none for another topic's.
pub async fn a_message_reaches_every_subscription_of_its_topic_and_no_other(
    harness: &impl BusHarness,
) {
    let (topic, other_topic) = (harness.unique("fan-out"), harness.unique("fan-out-other"));
    let first = subscribed(harness, &topic).await;
    let second = harness.endpoint().await;
    let name = format!("{topic}.second");
    let options = SubscriptionOptions::default();
    harness
        .subscribe(&topic, &name, &second.url(), options)
        .await;
    let elsewhere = subscribed(harness, &other_topic).await;
    publish(harness, &topic, message("both")).await;
    publish(harness, &other_topic, message("elsewhere")).await;
    for endpoint in [first, second] {
        let came = pushes(endpoint.as_ref(), 1).await;
        assert_eq!(texts(&came), ["both".to_owned()].into());
    }
    let came = pushes(elsewhere.as_ref(), 1).await;
    assert_eq!(texts(&came), ["elsewhere".to_owned()].into());
}

/// The caller can tell a missing topic from a bus that is down.
pub async fn publishing_to_an_unknown_topic_is_refused_as_such(harness: &impl BusHarness) {
    let topic = harness.unique("nobody-made-this");
    let refused = harness.bus().publish(&topic, message("lost")).await;
    match refused {
        Err(PublishError::UnknownTopic { topic: named }) => assert_eq!(named, topic),
        other => panic!("expected an unknown topic, got {other:?}"),
    }
    harness.bus().ready().await.expect("the bus itself is well");
}
