//! Several deliveries at once.

use futures_util::future::join_all;
use testing::{MockAnswer, MockServer};

use crate::helpers::{World, one_route, purchase};

#[tokio::test]
async fn of_many_deliveries_at_once_one_calls() {
    let api = MockServer::start().await;
    let world = World::new(&one_route("unsafe", ""), &api);
    let (one, other) = (
        world.try_start("one").expect("an updater"),
        world.try_start("other").expect("an updater"),
    );
    let event = purchase("T1");
    let pushing = (0..40).map(|index| {
        if index % 2 == 0 {
            one.push(&event)
        } else {
            other.push(&event)
        }
    });
    let answers = join_all(pushing).await;
    assert!(
        answers.iter().all(|answer| matches!(answer, 204 | 503)),
        "{answers:?}"
    );
    assert!(answers.contains(&204));
    assert_eq!(one.push(&event).await, 204);
    assert_eq!(api.requests().len(), 1);
}

#[tokio::test]
async fn more_waiting_calls_than_the_limits_allow_are_refused_and_not_lost() {
    let api = MockServer::start().await;
    api.answer(MockAnswer::never());
    let world = World::new(&one_route("safe", "    limits: { concurrency: 1 }\n"), &api);
    let updater = world.start();
    let events: Vec<_> = (0..6).map(|index| purchase(&format!("T{index}"))).collect();
    let answers = join_all(events.iter().map(|event| updater.push(event))).await;
    assert!(answers.iter().all(|answer| *answer == 503), "{answers:?}");
    assert!(api.requests().len() <= 3, "one calls and two wait at most");
    api.answer(MockAnswer::status(200));
    for event in &events {
        assert_eq!(updater.push(event).await, 204);
    }
}
