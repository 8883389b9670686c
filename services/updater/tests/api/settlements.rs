//! What becomes of effects that are not simply done: refused, expired, shown alone, given up, waiting for a secret.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener};
use std::time::Duration;

use serde_json::json;
use testing::{MockAnswer, MockServer};

use crate::helpers::{World, one_route, purchase};

#[tokio::test]
async fn a_refused_effect_is_kept_with_its_answer_and_replayed_under_a_new_key() {
    let api = MockServer::start().await;
    api.answer(
        MockAnswer::status(422).body("{\"error\":\"ann@shop.example is unknown; key secret-key\"}"),
    );
    let world = World::new(&one_route("safe", ""), &api);
    let updater = world.start();
    assert_eq!(updater.push(&purchase("T1")).await, 204);
    let letters = world.dead_letters().await;
    let letter = &letters[0];
    let summary = &letter.summary;
    assert_eq!(
        (letters.len(), summary.reason.name(), summary.attempts),
        (1, "rejected", 1)
    );
    assert_eq!(
        summary.value.expect("it says so").to_decimal_string(),
        "184.50"
    );
    let answer = letter.answer.as_ref().expect("an answer");
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (422, "{\"error\":\"[e-mail] is unknown; key [secret]\"}")
    );
    assert!(
        !serde_json::to_string(summary)
            .expect("JSON")
            .contains("cust-1"),
        "a listing holds no payload"
    );

    api.answer(MockAnswer::status(200));
    let effect = summary.effect.clone().expect("it is about an effect");
    let now = events::Clock::now(&*world.clock);
    let reopened = store::Ledger::reopen(
        &*world.store,
        "purchase:T1",
        "api",
        &effect,
        &summary.id,
        now,
    );
    assert_eq!(reopened.await.expect("a store"), store::Reopened::Opened);
    assert_eq!(updater.push(&purchase("T1")).await, 204);
    let requests = api.requests();
    assert_eq!(requests.len(), 2);
    assert_ne!(
        requests[0].header("idempotency-key"),
        requests[1].header("idempotency-key")
    );
    assert_eq!(
        requests[1].json()["key"],
        requests[1].header("idempotency-key"),
        "the body sees the new key"
    );
}

#[tokio::test]
async fn what_is_too_old_expires_and_what_is_in_shadow_is_not_called() {
    let api = MockServer::start().await;
    let routes = one_route("safe", "")
        + "    max_age: 1h\n  - { name: quiet, when: 'true', to: api, mode: shadow }\n";
    let world = World::new(&routes, &api);
    let updater = world.start();
    world.clock.advance(Duration::from_secs(3601));
    assert_eq!(updater.push(&purchase("T1")).await, 204);
    let states = world.states("purchase:T1", "api").await;
    assert_eq!((states["points"], states["quiet"]), ("expired", "shadow"));
    assert!(api.requests().is_empty());
}

#[tokio::test]
async fn an_effect_that_was_tried_until_its_time_was_up_is_dead() {
    let api = MockServer::start().await;
    api.answer(MockAnswer::status(500));
    let world = World::new(&one_route("safe", "    give_up_after: 24h\n"), &api);
    let updater = world.start();
    assert_eq!(updater.push(&purchase("T1")).await, 503);
    world.clock.advance(Duration::from_secs(24 * 3600));
    assert_eq!(updater.push(&purchase("T1")).await, 204);
    assert_eq!(world.held_count().await, 1);
    world.clock.advance(Duration::from_secs(60));
    let expected = json!({"worked": 1, "done": 0, "held": 0, "dead": 1, "left": 0});
    assert_eq!(updater.drain().await, expected);
    assert_eq!(
        (api.requests().len(), world.reasons().await),
        (2, vec!["exhausted"])
    );
}

#[tokio::test]
async fn a_rotated_secret_is_read_again_after_it_was_refused() {
    let api = MockServer::start().await;
    api.answer_with(|request| match request.header("x-api-key") {
        "new" => MockAnswer::status(200),
        _ => MockAnswer::status(401),
    });
    let mut world = World::new(&one_route("safe", ""), &api);
    world.settings.secrets.source = updater::SecretSourceName::File;
    world.settings.secrets.directory = world.directory.path().into();
    let key = world.directory.path().join("KEY");
    std::fs::write(&key, "old\n").expect("writing");
    let updater = world.start();
    assert_eq!(updater.push(&purchase("T1")).await, 204);
    std::fs::write(&key, "new\n").expect("writing");
    world.clock.advance(Duration::from_secs(60));
    assert_eq!(updater.drain().await["done"], 1);
}

#[tokio::test]
async fn a_missing_secret_calls_nobody_and_holds_the_message() {
    let api = MockServer::start().await;
    let mut world = World::new(&one_route("safe", ""), &api);
    world.environment.remove("KEY");
    let updater = world.start();
    assert_eq!(updater.push(&purchase("T1")).await, 204);
    assert!(api.requests().is_empty());
    assert_eq!(world.held_count().await, 1);
    let record = world.record("purchase:T1", "api").await.expect("a record");
    let attempt = &record.effects["purchase:T1/points"].history[0];
    assert!(
        attempt.note.contains("environment variable KEY"),
        "{}",
        attempt.note
    );
}

#[tokio::test]
async fn nothing_is_kept_of_an_address_that_a_broken_answer_names_in_part() {
    let api = MockServer::start().await;
    let mut world = World::new(&one_route("safe", ""), &api);
    let broken = answering_in_part("no customer ann@shop.example, nor bob@sho");
    let broken = format!("http://{broken}");
    world.environment.insert("API".into(), broken);
    assert_eq!(world.start().push(&purchase("T1")).await, 204);
    let letters = world.dead_letters().await;
    let answer = letters[0].answer.as_ref().expect("a status came");
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (422, "no customer [e-mail], nor")
    );
}

/// An API whose connection ends in the middle of its one answer.
fn answering_in_part(body: &'static str) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let address = listener.local_addr().expect("its address");
    std::thread::spawn(move || -> std::io::Result<()> {
        let (mut stream, _) = listener.accept()?;
        let mut request = [0; 1 << 16];
        while !request.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
            let read = stream.read(&mut request)?;
            assert!(read > 0, "no request came");
        }
        let head = "HTTP/1.1 422 Unprocessable Entity\r\nContent-Length: 1000\r\n\r\n";
        stream.write_all(format!("{head}{body}").as_bytes())?;
        stream.shutdown(Shutdown::Write)?;
        // A socket that is dropped with something unread takes the answer with it.
        std::io::copy(&mut stream, &mut std::io::sink()).map(drop)
    });
    address
}
