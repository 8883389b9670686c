//! What is called, how often, and what is remembered of it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;
use store::EffectState;
use testing::{MockAnswer, MockServer};

use crate::helpers::{World, envelope, one_route, purchase};

#[tokio::test]
async fn a_call_is_made_once_however_often_the_message_comes() {
    let api = MockServer::start().await;
    let world = World::new(&one_route("safe", ""), &api);
    let updater = world.start();
    for _ in 0..3 {
        assert_eq!(updater.push(&purchase("T1")).await, 204);
    }
    let requests = api.requests();
    assert_eq!(requests.len(), 1);
    let key = requests[0].header("idempotency-key").to_owned();
    assert_eq!(requests[0].json(), json!({"key": key, "value": 184.5}));
    assert_eq!(
        (requests[0].method.as_str(), requests[0].target.as_str()),
        ("POST", "/points")
    );
    assert_eq!(requests[0].header("x-api-key"), "secret-key");
    assert_eq!(requests[0].header("content-type"), "application/json");
    let record = world.record("purchase:T1", "api").await.expect("a record");
    assert_eq!(record.lease, None);
    let effect = &record.effects["purchase:T1/points"];
    assert!(matches!(effect.state, EffectState::Done { .. }));
    assert_eq!((effect.attempts, effect.history[0].status), (1, Some(204)));
}

#[tokio::test]
async fn a_reloaded_thank_you_page_is_the_same_purchase() {
    let api = MockServer::start().await;
    let world = World::new(&one_route("safe", ""), &api);
    let updater = world.start();
    assert_eq!(updater.push(&purchase("T1")).await, 204);
    let mut reloaded = purchase("T1");
    reloaded["eventId"] = "another".into();
    reloaded["eventTimestampMs"] = (reloaded["eventTimestampMs"].as_i64().unwrap() + 9000).into();
    assert_eq!(updater.push(&reloaded).await, 204);
    assert_eq!(api.requests().len(), 1);
    assert!(world.dead_letters().await.is_empty());
}

#[tokio::test]
async fn the_same_identity_with_other_content_is_kept_once_and_not_called() {
    let api = MockServer::start().await;
    let world = World::new(&one_route("safe", ""), &api);
    let updater = world.start();
    assert_eq!(updater.push(&purchase("T1")).await, 204);
    let mut other = purchase("T1");
    other["data"]["value"] = json!(1.0);
    for _ in 0..2 {
        assert_eq!(updater.push(&other).await, 204);
    }
    assert_eq!(api.requests().len(), 1);
    assert_eq!(world.reasons().await, ["identity-conflict"]);
}

#[tokio::test]
async fn each_element_has_a_call_of_its_own_with_its_id_encoded() {
    let routes = one_route("safe", "").replace(
        "    path: '\"/points\"'\n",
        "    each: { in: event.data.items, key: item.item_id }\n    path: '\"/stock/\" + item.item_id'\n",
    );
    let api = MockServer::start().await;
    let world = World::new(&routes, &api);
    let updater = world.start();
    assert_eq!(updater.push(&purchase("T1")).await, 204);
    let mut shuffled = purchase("T1");
    shuffled["data"]["items"].as_array_mut().unwrap().reverse();
    updater.push(&shuffled).await;
    let mut targets: Vec<String> = api
        .requests()
        .into_iter()
        .map(|request| request.target)
        .collect();
    targets.sort();
    assert_eq!(targets, ["/stock/LAMP-07", "/stock/SETS%2FDINNER-4"]);
}

#[tokio::test]
async fn an_api_that_is_down_is_called_again_until_it_answers_and_the_others_once() {
    let routes = "destinations:\n  api:\n    url: ${API}/a\n    repeat: safe\n  other:\n    url: ${API}/b\n    repeat: safe\n\
                  routes:\n  - { name: a, when: 'true', to: api }\n  - { name: b, when: 'true', to: other }\n";
    let api = MockServer::start().await;
    let failures = AtomicUsize::new(0);
    api.answer_with(move |request| match request.target.as_str() {
        "/a" if failures.fetch_add(1, Ordering::Relaxed) < 3 => MockAnswer::status(500),
        _ => MockAnswer::status(200),
    });
    let world = World::new(routes, &api);
    let updater = world.start();
    let body = purchase("T1").to_string();
    for address in ["/api", "/other"] {
        let mut answers = Vec::new();
        for _ in 0..5 {
            answers.push(updater.push_to(address, "1", body.as_bytes(), &[]).await);
        }
        let expected = match address {
            "/api" => [503, 503, 503, 204, 204],
            _ => [204; 5],
        };
        assert_eq!(answers, expected);
    }
    let (a, b): (Vec<_>, Vec<_>) = api
        .requests()
        .into_iter()
        .partition(|request| request.target == "/a");
    assert_eq!((a.len(), b.len()), (4, 1));
    assert!(
        a.iter()
            .all(|request| request.header("idempotency-key") == a[0].header("idempotency-key"))
    );
    let history = world
        .record("purchase:T1", "api")
        .await
        .expect("a record")
        .effects["purchase:T1/a"]
        .history
        .clone();
    assert_eq!(
        history
            .iter()
            .map(|attempt| attempt.status.unwrap())
            .collect::<Vec<_>>(),
        [500, 500, 500, 200]
    );
}

#[tokio::test]
async fn retry_after_is_obeyed_to_the_second() {
    let api = MockServer::start().await;
    api.answer(MockAnswer::status(429).header("Retry-After", "30"));
    let world = World::new(&one_route("safe", ""), &api);
    let updater = world.start();
    assert_eq!(updater.push(&purchase("T1")).await, 503);
    api.answer(MockAnswer::status(200));
    world.clock.advance(Duration::from_millis(29_999));
    assert_eq!(updater.push(&purchase("T1")).await, 503);
    assert_eq!(api.requests().len(), 1, "not called before its time");
    world.clock.advance(Duration::from_millis(1));
    assert_eq!(updater.push(&purchase("T1")).await, 204);
    assert_eq!(api.requests().len(), 2);
}

#[tokio::test]
async fn answers_are_classified_and_overridden_by_the_routes_file() {
    let rules = "    responses:\n      - { status: 404, body: unknown user, is: done }\n      - { status: 5xx, header: { X-Fatal: yes }, is: reject }\n";
    let cases = [
        (MockAnswer::status(201), 204, "done"),
        (MockAnswer::status(409), 503, "retry"),
        (MockAnswer::status(500), 503, "retry"),
        (MockAnswer::status(401), 204, "held"),
        (
            MockAnswer::status(302).header("Location", "/elsewhere"),
            204,
            "held",
        ),
        (MockAnswer::status(404), 204, "dead"),
        (MockAnswer::status(422), 204, "dead"),
        (
            MockAnswer::status(404).body("an unknown user, sorry"),
            204,
            "done",
        ),
        (
            MockAnswer::status(503).header("X-Fatal", "yes"),
            204,
            "dead",
        ),
    ];
    for (answer, status, state) in cases {
        let api = MockServer::start().await;
        api.answer(answer.clone());
        let world = World::new(&one_route("safe", rules), &api);
        let updater = world.start();
        assert_eq!(updater.push(&purchase("T1")).await, status, "{answer:?}");
        assert_eq!(
            world.states("purchase:T1", "api").await["points"],
            state,
            "{answer:?}"
        );
        assert_eq!(
            api.requests().len(),
            1,
            "{answer:?}: no redirect is followed"
        );
    }
}

#[tokio::test]
async fn the_api_is_told_the_trace_of_the_message_and_of_nothing_else() {
    const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331";
    const DELIVERY: &str = "00-dddddddddddddddddddddddddddddddd-dddddddddddddddd-01";
    let (sampled, unsampled) = (format!("{TRACE}-01"), format!("{TRACE}-00"));
    let later = format!(
        "{}-01-of-a-later-version",
        TRACE.replace("00-0af", "01-0af")
    );
    let cases: [(Option<&str>, &str); 6] = [
        (Some(&sampled), &sampled),
        (Some(&unsampled), &unsampled),
        (Some(&later), &sampled),
        (Some("00-1-1-01"), ""),
        (Some("00-0af\r\nX-Other: 1"), ""),
        (None, ""),
    ];
    let api = MockServer::start().await;
    let world = World::new(&one_route("safe", ""), &api);
    let updater = world.start();
    let client = reqwest::Client::builder().build().expect("a client");
    for (number, (traceparent, expected)) in cases.into_iter().enumerate() {
        let data = purchase(&number.to_string()).to_string();
        let attributes = traceparent.map(|text| ("traceparent", text));
        let push = client
            .post(updater.url("/process-backend-update/api"))
            .header("content-type", "application/json")
            // The delivery has a trace of its own, which is not the tag's.
            .header("traceparent", DELIVERY)
            .body(envelope("1", data.as_bytes(), attributes.as_slice()));
        assert_eq!(push.send().await.expect("an answer").status(), 204);
        let requests = api.requests();
        assert_eq!(requests.len(), number + 1);
        let seen = requests[number].header("traceparent");
        assert_eq!(seen, expected, "{traceparent:?}");
    }
}
