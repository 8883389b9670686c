//! When held messages are worked, and by whose word.

use std::time::Duration;

use testing::{MockAnswer, MockServer, eventually};

use crate::helpers::{World, one_route, purchase};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_drains_body_is_ignored_and_bounded() {
    let api = MockServer::start().await;
    let world = World::new(&one_route("safe", ""), &api);
    let updater = world.start();
    for (body, status) in [
        (Vec::new(), 200),
        (b"no JSON".to_vec(), 200),
        (vec![b'x'; 65 << 10], 413),
    ] {
        assert_eq!(updater.post("/drain", body).await, status);
    }
}

#[tokio::test]
async fn a_destination_that_hangs_keeps_no_drain_from_the_others() {
    let routes = "destinations:\n  slow:\n    url: ${API}/slow\n    repeat: safe\n    timeout: 60s\n  api:\n    url: ${API}/api\n    \
                  repeat: safe\nroutes:\n  - { name: a, when: 'true', to: slow }\n  - { name: b, when: 'true', to: api }\n";
    let api = MockServer::start().await;
    api.answer(MockAnswer::status(403));
    let world = World::new(routes, &api);
    let updater = world.start();
    let event = purchase("T1").to_string();
    let pushed = updater.push_to("/slow", "1", event.as_bytes(), &[]);
    assert_eq!(pushed.await, 204);
    world.clock.advance(MINUTE / 2);
    assert_eq!(updater.push(&purchase("T1")).await, 204);
    api.answer_with(|request| match request.target.as_str() {
        "/slow" => MockAnswer::never(),
        _ => MockAnswer::status(200),
    });
    world.clock.advance(MINUTE / 2);
    let next = async {
        api.wait_for_requests(3).await;
        world.clock.advance(MINUTE / 2);
        updater.drain().await
    };
    tokio::select! {
        _ = updater.drain() => panic!("it waits for the destination that hangs"),
        drained = next => assert_eq!((&drained["done"], &drained["left"]), (&1.into(), &1.into())),
    }
}

#[tokio::test]
async fn a_timer_drains_by_itself() {
    let api = MockServer::start().await;
    api.answer(MockAnswer::status(403));
    let mut world = World::new(&one_route("safe", ""), &api);
    let updater = world.start();
    assert_eq!(updater.push(&purchase("T1")).await, 204);
    api.answer(MockAnswer::status(200));
    world.clock.advance(MINUTE);
    world.settings.held.drain_interval = Duration::from_millis(10);
    let _other = world.try_start("other").expect("an updater");
    api.wait_for_requests(2).await;
    eventually("nothing to be held", || async {
        (world.held_count().await == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn events_that_are_forgotten_before_their_messages_refuse_to_start() {
    let api = MockServer::start().await;
    let mut world = World::new(&one_route("safe", ""), &api);
    world.settings.held.retention = world.settings.dedupe_retention;
    let error = world.try_start("test").err().expect("refused").to_string();
    assert!(error.contains("held.retention"), "{error}");
}
