use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::proof::Proof;

const START: Timestamp = Timestamp::from_millis(1_764_060_000_000);

fn events_of(seed: u64, run: &str, count: usize) -> Vec<Value> {
    Demo::new(seed, run, START, Duration::from_millis(500))
        .take(count)
        .collect()
}

#[test]
fn the_same_seed_and_run_give_the_same_traffic() {
    assert_eq!(events_of(7, "a", 300), events_of(7, "a", 300));
    assert_ne!(events_of(7, "a", 300), events_of(8, "a", 300));
}

#[test]
fn another_run_repeats_no_event_and_no_order() {
    let ids = |run| -> BTreeSet<String> {
        let texts = |event: &Value| {
            let ids = [&event["eventId"], &event["data"]["transactionId"]];
            ids.into_iter()
                .filter_map(|id| id.as_str().map(str::to_owned))
                .collect::<Vec<_>>()
        };
        events_of(7, run, 2000).iter().flat_map(texts).collect()
    };
    assert!(ids("a").is_disjoint(&ids("b")));
}

#[test]
fn the_publisher_accepts_every_event_at_its_own_time() {
    for (place, event) in events_of(1, "a", 5000).iter().enumerate() {
        let at = START.plus(Duration::from_millis(500) * u32::try_from(place).expect("small"));
        let update = events::from_publisher(event, at)
            .unwrap_or_else(|violations| panic!("{event}: {violations:?}"));
        assert_eq!(update.event_timestamp_ms, at.millis());
    }
}

#[test]
fn the_traffic_looks_like_a_small_shop() {
    let events = events_of(3, "a", 5000);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for event in &events {
        *counts
            .entry(event["eventType"].as_str().expect("text"))
            .or_default() += 1;
    }
    let count = |event_type: &str| counts.get(event_type).copied().unwrap_or_default();
    assert!(count("view_item") > 2 * count("add_to_cart"), "{counts:?}");
    assert!(count("add_to_cart") > count("purchase"), "{counts:?}");
    assert!(count("purchase") > count("refund"), "{counts:?}");
    for event_type in ["refund", "user_login", "generate_lead", "begin_checkout"] {
        assert!(count(event_type) > 10, "{event_type}: {counts:?}");
    }
    let purchases = events
        .iter()
        .filter(|event| event["eventType"] == "purchase");
    let currencies: BTreeSet<&str> = purchases
        .clone()
        .filter_map(|event| event["data"]["currency"].as_str())
        .collect();
    assert_eq!(currencies, BTreeSet::from(["EUR", "GBP"]));
    let guests = purchases
        .filter(|event| event.get("userId").is_none())
        .count();
    assert!(guests > 10 && guests < count("purchase"), "{guests} guests");
}

#[test]
fn a_refund_is_of_an_order_that_was_made_and_comes_once() {
    let mut open: BTreeMap<String, Value> = BTreeMap::new();
    for event in events_of(5, "a", 5000) {
        let id = event["data"]["transactionId"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        match event["eventType"].as_str() {
            Some("purchase") => assert!(open.insert(id, event["data"]["value"].clone()).is_none()),
            Some("refund") => assert_eq!(open.remove(&id), Some(event["data"]["value"].clone())),
            _ => {}
        }
    }
}

#[tokio::test]
async fn the_sender_stops_when_told_and_goes_on_after_a_refusal() {
    let publisher = testing::MockServer::start().await;
    publisher.answer_with(|request| {
        let status = if request.json()["eventId"] == "demo-a-1" {
            503
        } else {
            202
        };
        testing::MockAnswer::status(status)
    });
    let target = DemoTarget {
        url: publisher.url("/publish-event").parse().expect("a URL"),
        proof: Proof::shared_secret("0123456789abcdef"),
        clock: std::sync::Arc::new(events::FixedClock::new(START)),
        client: client(),
    };
    let demo = Demo::new(1, "a", START, Duration::from_millis(1));
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let sending = tokio::spawn(async move {
        send(demo, 3, &target, async {
            stopped.await.ok();
        })
        .await
    });
    let requests = publisher.wait_for_requests(5).await;
    stop.send(()).expect("the sender runs");
    let accepted = sending.await.expect("it ends");
    assert!(accepted >= 3, "{accepted}");
    assert_eq!(requests[0].header("x-talaria-key"), "0123456789abcdef");
    assert_eq!(requests[0].target, "/publish-event");
}

#[expect(clippy::disallowed_methods, reason = "a test makes its own client")]
fn client() -> reqwest::Client {
    reqwest::Client::new()
}
