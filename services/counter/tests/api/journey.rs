//! What became of one event: calls, dead letters, and whether it was tallied.

use std::time::Duration;

use events::Timestamp;
use serde_json::{Value, json};
use store::{
    Advance, Attempt, Change, Claim, ClaimRequest, EffectState, EventReference, HeldMessages,
    Ledger, Outcome, RequestedEffect,
};

use crate::helpers::{NOW_MS, World, event, held_message};

const NOW: Timestamp = Timestamp::from_millis(NOW_MS);

/// A call of the event, refused once for now and then done, as the updater writes it.
async fn call(world: &World, identity: &str, event_id: &str, destination: &str) {
    let (event_type, _) = identity.split_once(':').expect("a type");
    let key = format!("{identity}/to-{destination}");
    let request = ClaimRequest {
        event: EventReference {
            identity: identity.into(),
            content_hash: "hash".into(),
            event_id: Some(event_id.into()),
            event_type: Some(event_type.into()),
            received: NOW,
        },
        destination: destination.into(),
        effects: vec![RequestedEffect {
            key: key.clone(),
            route: format!("to-{destination}"),
            element: Some("LAMP-07".into()),
        }],
        owner: "test".into(),
        now: NOW,
        lease: Duration::from_secs(1),
        grace: Duration::ZERO,
        expires: NOW.plus(Duration::from_secs(86_400)),
    };
    let Claim::Granted { lease, .. } = world.store.claim(request).await.expect("a store") else {
        panic!("nothing to do")
    };
    let calls = [
        (
            1,
            503,
            Outcome::Retry,
            EffectState::Retry { not_before: NOW },
        ),
        (2, 200, Outcome::Done, EffectState::Done { at: NOW }),
    ];
    for (number, status, outcome, state) in calls {
        let attempt = Attempt {
            number,
            generation: 1,
            may_be_done: true,
            at: NOW,
            took_ms: 12,
            outcome,
            status: Some(status),
            note: format!("answered {status}"),
        };
        let change = Change {
            key: key.clone(),
            state,
            attempt: Some(attempt),
        };
        let advance = Advance {
            lease: lease.clone(),
            changes: vec![change],
            until: Some(lease.until),
        };
        world.store.advance(advance).await.expect("a lease");
    }
}

fn purchase(event_id: &str, transaction: &str) -> Value {
    let data = json!({"transactionId": transaction, "items": [{"item_id": "LAMP-07", "price": 4, "quantity": 1}]});
    event("purchase", event_id, data)
}

#[tokio::test]
async fn a_journey_shows_each_call_and_that_the_event_was_tallied() {
    let world = World::new();
    let counter = world.start();
    call(&world, "purchase:ORD-1", "evt-1", "erp").await;
    call(&world, "purchase:ORD-1", "evt-1", "loyalty").await;
    let record = |destination: &str| {
        json!({
            "identity": "purchase:ORD-1",
            "destination": destination,
            "effects": [{
                "route": format!("to-{destination}"),
                "element": "LAMP-07",
                "state": "done",
                "dueAt": null,
                "attempts": [
                    {"at": NOW.to_rfc3339(), "tookMs": 12, "outcome": "retry", "status": 503, "note": "answered 503"},
                    {"at": NOW.to_rfc3339(), "tookMs": 12, "outcome": "done", "status": 200, "note": "answered 200"},
                ],
            }],
        })
    };
    for is_tallied in [false, true] {
        if is_tallied {
            counter.push(&purchase("evt-1", "ORD-1")).await;
        }
        for id in ["evt-1", "purchase:ORD-1", "purchase%3AORD-1"] {
            let journey = counter.get_json(&format!("/api/events/{id}")).await;
            let expected = json!({
                "eventId": id.replace("%3A", ":"),
                "identities": [{"identity": "purchase:ORD-1", "tallied": is_tallied}],
                "records": [record("erp"), record("loyalty")],
                "held": [],
                "deadLetters": [],
            });
            assert_eq!(journey, expected, "{id}");
        }
    }
}

#[tokio::test]
async fn a_journey_shows_what_is_held_and_when_it_is_due() {
    let world = World::new();
    let counter = world.start();
    let held = held_message("erp", "purchase:ORD-1", 0);
    world.store.hold(held.clone()).await.expect("a store");
    for id in ["evt-held", "purchase:ORD-1"] {
        let journey = counter.get_json(&format!("/api/events/{id}")).await;
        let expected = json!([{
            "destination": "erp",
            "reason": "set-up",
            "since": held.summary.first_held.to_rfc3339(),
            "dueAt": held.summary.due.to_rfc3339(),
            "tries": 0,
        }]);
        assert_eq!(journey["held"], expected, "{id}");
        assert!(!journey.to_string().contains("cust-1"), "no payload");
    }
}

#[tokio::test]
async fn an_event_that_no_route_wants_is_found_where_it_was_tallied() {
    let world = World::new();
    let counter = world.start();
    let items = json!({"items": [{"item_id": "LAMP-07"}]});
    counter.push(&event("view_item", "evt/2", items)).await;
    counter.push(&purchase("evt-3", "ORD-3")).await;
    for (id, identity) in [
        ("evt%2F2", "view_item:evt/2"),
        ("view_item:evt%2F2", "view_item:evt/2"),
        ("ORD-3", "purchase:ORD-3"),
        ("purchase:ORD-3", "purchase:ORD-3"),
    ] {
        let journey = counter.get_json(&format!("/api/events/{id}")).await;
        let expected = json!([{"identity": identity, "tallied": true}]);
        assert_eq!(journey["identities"], expected, "{id}");
        assert_eq!(journey["records"], json!([]), "{id}");
    }
    for id in ["evt%2F9", "view_item:evt%2F9", "refund:evt%2F2"] {
        assert_eq!(
            counter.get(&format!("/api/events/{id}")).await.0,
            404,
            "{id}"
        );
    }
}

#[tokio::test]
async fn what_is_never_counted_is_not_said_to_be_missing() {
    let world = World::new();
    let counter = world.start();
    call(&world, "generate_lead:evt-4", "evt-4", "crm").await;
    let lead = event("generate_lead", "evt-4", json!({}));
    counter.push(&lead).await;
    let journey = counter.get_json("/api/events/evt-4").await;
    let expected = json!([{"identity": "generate_lead:evt-4", "tallied": null}]);
    assert_eq!(journey["identities"], expected);
}

#[tokio::test]
async fn what_can_not_be_counted_is_a_dead_letter_with_its_value() {
    let world = World::new();
    let counter = world.start();
    let items = json!([{"item_id": "A", "price": 0, "profit": 9_000_000_000_000_i64, "quantity": 1_000_000}]);
    let data = json!({"value": 184.5, "currency": "EUR", "items": items});
    counter.push(&event("purchase", "evt/1", data)).await;
    let journey = counter.get_json("/api/events/evt%2F1").await;
    let expected = json!([{"identity": "purchase:evt/1", "tallied": false}]);
    assert_eq!(journey["identities"], expected);
    assert_eq!(journey["records"], json!([]));
    let letters = journey["deadLetters"].as_array().expect("letters");
    assert_eq!(
        (letters.len(), &letters[0]["reason"]),
        (1, &json!("invalid"))
    );
    let id = letters[0]["id"].as_str().expect("an id");
    let listing = counter.get_json("/api/dead-letters").await;
    let whole = counter.get_json(&format!("/api/dead-letters/{id}")).await;
    for letter in [&letters[0], &listing["deadLetters"][0], &whole] {
        assert_eq!(letter["value"], json!({"EUR": "184.50"}), "{letter}");
    }
}

#[tokio::test]
async fn a_journey_waits_for_tallies_that_do_not_answer() {
    let world = World::new();
    let counter = world.start();
    call(&world, "purchase:ORD-1", "evt-1", "erp").await;
    world.tallies.set_down(true);
    assert_eq!(counter.get("/api/events/evt-1").await.0, 503);
}
