//! APIs that must not be called twice.

use std::net::TcpListener;

use store::{
    Advance, Change, Claim, ClaimRequest, EffectState, EventReference, Ledger, RequestedEffect,
};
use testing::{MockAnswer, MockServer};

use crate::helpers::{NOW_MS, World, one_route, purchase};

#[tokio::test]
async fn only_answers_that_say_nothing_was_done_lead_to_another_call() {
    let cases = [
        (MockAnswer::status(200), 204, "done"),
        (MockAnswer::status(425), 503, "retry"),
        (MockAnswer::status(429), 503, "retry"),
        (MockAnswer::status(503), 503, "retry"),
        (MockAnswer::status(403), 204, "held"),
        (MockAnswer::status(303), 204, "review"),
        (MockAnswer::status(400), 204, "dead"),
        (MockAnswer::status(408), 204, "review"),
        (MockAnswer::status(500), 204, "review"),
        (MockAnswer::status(502), 204, "review"),
        (MockAnswer::status(504), 204, "review"),
        (MockAnswer::never(), 204, "review"),
    ];
    for (answer, status, state) in cases {
        let api = MockServer::start().await;
        api.answer(answer.clone());
        let world = World::new(&one_route("unsafe", ""), &api);
        let updater = world.start();
        assert_eq!(updater.push(&purchase("T1")).await, status, "{answer:?}");
        assert_eq!(
            world.states("purchase:T1", "api").await["points"],
            state,
            "{answer:?}"
        );
        updater.push(&purchase("T1")).await;
        let calls = if state == "retry" { 2 } else { 1 };
        assert_eq!(api.requests().len(), calls, "{answer:?}");
        if state == "review" {
            assert_eq!(world.reasons().await, ["outcome-unknown"], "{answer:?}");
        }
    }
}

#[tokio::test]
async fn a_call_that_found_no_connection_is_made_again() {
    let api = MockServer::start().await;
    let mut world = World::new(&one_route("unsafe", ""), &api);
    let free = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let address = free.local_addr().expect("its address");
    drop(free);
    world
        .environment
        .insert("API".into(), format!("http://{address}"));
    let updater = world.start();
    assert_eq!(updater.push(&purchase("T1")).await, 503);
    assert_eq!(world.states("purchase:T1", "api").await["points"], "retry");
    let late =
        MockServer::start_on(TcpListener::bind(address).expect("the port is still free")).await;
    assert_eq!(updater.push(&purchase("T1")).await, 204);
    assert_eq!(late.requests().len(), 1);
}

#[tokio::test]
async fn a_dead_owners_unfinished_call_becomes_review_and_its_claim_is_worked() {
    for (left_behind, calls, state) in [
        (EffectState::Sending, 0, "review"),
        (EffectState::Claimed, 1, "done"),
    ] {
        let api = MockServer::start().await;
        let world = World::new(&one_route("unsafe", ""), &api);
        leave_behind(&world, left_behind.clone()).await;
        let updater = world.start();
        assert_eq!(
            updater.push(&purchase("T1")).await,
            503,
            "the lease still counts"
        );
        world.clock.advance(std::time::Duration::from_secs(11 + 10));
        assert_eq!(updater.push(&purchase("T1")).await, 204);
        assert_eq!(api.requests().len(), calls, "{left_behind:?}");
        assert_eq!(world.states("purchase:T1", "api").await["points"], state);
    }
}

/// A ledger in which another process claimed the effect, got so far, and vanished.
async fn leave_behind(world: &World, state: EffectState) {
    let update = events::read_message(&events::MessageContext::new(
        purchase("T1").to_string().as_bytes(),
        &Default::default(),
        "1",
        events::Timestamp::from_millis(NOW_MS),
    ))
    .expect("a sound event");
    let now = events::Timestamp::from_millis(NOW_MS);
    let request = ClaimRequest {
        event: EventReference {
            identity: "purchase:T1".into(),
            content_hash: update.content_hash(),
            event_id: None,
            event_type: None,
            received: now,
        },
        destination: "api".into(),
        effects: vec![RequestedEffect {
            key: "purchase:T1/points".into(),
            route: "points".into(),
            element: None,
        }],
        owner: "vanished".into(),
        now,
        lease: std::time::Duration::from_secs(11),
        grace: std::time::Duration::from_secs(10),
        expires: now.plus(std::time::Duration::from_secs(1000)),
    };
    let Claim::Granted { lease, .. } = world.store.claim(request).await.expect("a store") else {
        panic!("the record is new")
    };
    let changes = vec![Change {
        key: "purchase:T1/points".into(),
        state,
        attempt: None,
    }];
    let until = Some(lease.until);
    world
        .store
        .advance(Advance {
            lease,
            changes,
            until,
        })
        .await
        .expect("a lease");
}
