//! What the delivery does when endpoints refuse, hang or are away.

use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use testing::{MockAnswer, MockServer, eventually};

use crate::support::{
    DEAD_LETTERS, LOYALTY, NOW, Place, TOPIC, acknowledged, publish, pushed, stored,
};

/// Answers the first `refusals` requests with `status`, then 204.
fn refuse_first(server: &MockServer, refusals: usize, status: u16) {
    let posted = AtomicUsize::new(0);
    server.answer_with(move |_| match posted.fetch_add(1, Ordering::SeqCst) {
        count if count < refusals => MockAnswer::status(status),
        _ => MockAnswer::status(204),
    });
}

#[tokio::test]
async fn a_refused_message_waits_for_its_time_by_the_clock_and_counts_its_attempts() {
    let (place, server) = (Place::new(), MockServer::start().await);
    refuse_first(&server, 2, 503);
    let bus = place.open().await;
    let subscription = place.subscription(LOYALTY, &server.url("/push"));
    bus.subscribe(subscription).await.expect("subscribed");
    publish(&bus, "evt_1").await;
    let mut due = NOW;
    for (attempts, delay) in [(1, 10), (2, 20)] {
        let waiting = eventually("the refusal's commit", || async {
            let waiting = stored(&bus, "evt_1").await.waiting;
            waiting
                .into_iter()
                .find(|waiting| waiting.attempts == attempts)
        })
        .await;
        let (earliest, latest) = (
            due.plus(
                Duration::from_secs(delay)
                    .mul_f64(0.8)
                    .max(Duration::from_secs(10)),
            ),
            due.plus(Duration::from_secs(delay).mul_f64(1.2)),
        );
        assert!(
            (earliest..=latest).contains(&waiting.due),
            "refusal {attempts}: {:?}",
            waiting.due
        );
        assert_eq!(waiting.subscription, LOYALTY);
        due = waiting.due;
        place.clock.set(due);
    }
    server.wait_for_requests(3).await;
    acknowledged(&bus, "evt_1").await;
    let expected: Vec<_> = (1..=3)
        .map(|attempt| ("evt_1".to_owned(), attempt))
        .collect();
    assert_eq!(pushed(&server.requests()), expected);
}

#[tokio::test]
async fn an_endpoint_that_does_not_answer_in_time_has_refused() {
    let (place, server) = (Place::new(), MockServer::start().await);
    refuse_first(&server, 1, MockAnswer::never().status);
    let bus = place.open().await;
    let mut subscription = place.subscription(LOYALTY, &server.url("/push"));
    subscription.ack_deadline = Duration::from_millis(50);
    subscription.retry_min = Duration::ZERO;
    subscription.retry_max = Duration::ZERO;
    bus.subscribe(subscription).await.expect("subscribed");
    publish(&bus, "evt_1").await;
    let requests = server.wait_for_requests(2).await;
    assert_eq!(
        pushed(&requests),
        [("evt_1".to_owned(), 1), ("evt_1".to_owned(), 2)]
    );
}

#[tokio::test]
async fn a_redirect_is_a_refusal() {
    let (place, server) = (Place::new(), MockServer::start().await);
    let elsewhere = server.url("/elsewhere");
    let answer = MockAnswer::status(307).header("location", &elsewhere);
    server.answer_with(move |_| answer.clone());
    let bus = place.open().await;
    let subscription = place.subscription(LOYALTY, &server.url("/push"));
    bus.subscribe(subscription).await.expect("subscribed");
    publish(&bus, "evt_1").await;
    eventually("the refusal's commit", || async {
        let waiting = stored(&bus, "evt_1").await.waiting;
        (waiting[0].attempts == 1).then_some(())
    })
    .await;
    assert!(
        server
            .requests()
            .iter()
            .all(|request| request.target == "/push")
    );
}

#[tokio::test]
async fn an_endpoint_that_is_away_costs_no_attempt_and_gets_everything_when_it_comes() {
    let place = Place::new();
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let address = listener.local_addr().expect("it has an address");
    drop(listener);
    let bus = place.open().await;
    let mut subscription = place.subscription(LOYALTY, &format!("http://{address}/push"));
    subscription.max_delivery_attempts = 1;
    subscription.dead_letter_topic = Some(DEAD_LETTERS.to_owned());
    bus.subscribe(subscription).await.expect("subscribed");
    for number in 0..6 {
        publish(&bus, &format!("evt_{number}")).await;
    }
    let listener = TcpListener::bind(address).expect("the port is still free");
    let server = MockServer::start_on(listener).await;
    let requests = server.wait_for_requests(6).await;
    let mut came = pushed(&requests);
    came.sort();
    let expected: Vec<_> = (0..6).map(|number| (format!("evt_{number}"), 1)).collect();
    assert_eq!(came, expected);
}

#[tokio::test]
async fn without_a_dead_letter_topic_a_message_is_delivered_until_it_is_taken() {
    let (mut place, server) = (Place::new(), MockServer::start().await);
    place.settings.max_delivery_attempts = 2;
    place.settings.retry_min = Duration::ZERO;
    place.settings.retry_max = Duration::ZERO;
    refuse_first(&server, 5, 500);
    let bus = place.open().await;
    let subscription = place.subscription(LOYALTY, &server.url("/push"));
    bus.subscribe(subscription).await.expect("subscribed");
    publish(&bus, "evt_1").await;
    let requests = server.wait_for_requests(6).await;
    assert_eq!(pushed(&requests).last(), Some(&("evt_1".to_owned(), 6)));
}

#[tokio::test]
async fn a_subscription_has_no_more_under_way_than_it_may() {
    let (mut place, server) = (Place::new(), MockServer::start().await);
    server.answer(MockAnswer::never());
    place.settings.max_in_flight = 2;
    let bus = place.open().await;
    let subscription = place.subscription(LOYALTY, &server.url("/push"));
    for number in 0..10 {
        publish(&bus, &format!("before_{number}")).await;
    }
    bus.subscribe(subscription).await.expect("subscribed");
    for number in 0..10 {
        publish(&bus, &format!("evt_{number}")).await;
    }
    server.wait_for_requests(2).await;
    let backlog = bus.backlog().await.expect("the bus looks");
    assert_eq!(backlog.len(), 1);
    assert_eq!(
        (backlog[0].name.as_str(), backlog[0].in_flight),
        (LOYALTY, 2)
    );
    assert_eq!(
        backlog[0].waiting, 10,
        "what was published before it existed is not its"
    );
    assert_eq!(backlog[0].oldest_published, Some(NOW));
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_large_backlog_is_delivered_once_each_while_everything_is_acknowledged() {
    let (place, server) = (Place::new(), MockServer::start().await);
    let bus = place.open().await;
    let subscription = place.subscription(LOYALTY, &server.url("/push"));
    bus.subscribe(subscription).await.expect("subscribed");
    for number in 0..300 {
        publish(&bus, &format!("evt_{number}")).await;
    }
    eventually("an empty backlog", || async {
        let backlog = bus.backlog().await.expect("the bus looks");
        (backlog[0].waiting == 0).then_some(())
    })
    .await;
    let mut came = pushed(&server.requests());
    came.sort();
    let mut expected: Vec<_> = (0..300)
        .map(|number| (format!("evt_{number}"), 1))
        .collect();
    expected.sort();
    assert_eq!(came, expected);
    assert_eq!(stored(&bus, "evt_7").await.topic, TOPIC);
}
