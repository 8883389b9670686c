//! Stopping, and what each role serves.

use counter::Role;
use serde_json::json;

use crate::helpers::{World, event};
use crate::stream::Reader;

#[tokio::test]
async fn open_streams_end_cleanly_and_do_not_hold_up_the_stop() {
    let world = World::new();
    let counter = world.start();
    counter
        .push(&event(
            "view_item",
            "1",
            json!({"items": [{"item_id": "A"}]}),
        ))
        .await;
    let mut reader = Reader::open(&counter, "").await;
    reader.next("snapshot").await;
    let reading = tokio::spawn(reader.end());
    let limit = world.settings.http.stop_timeout;
    let stopped = tokio::time::timeout(limit, counter.application.stop()).await;
    stopped
        .expect("sooner than the limit")
        .expect("a clean stop");
    reading.await.expect("a clean end");
}

#[tokio::test]
async fn each_role_serves_its_own_addresses() {
    let cases = [
        (Role::Both, true, true),
        (Role::Tally, true, false),
        (Role::Page, false, true),
    ];
    for (role, tallies, page) in cases {
        let mut world = World::new();
        world.settings.role = role;
        let counter = world.start();
        let pushed = counter
            .push_data("/tally", "1", b"{\"event_name\":\"scroll\"}")
            .await;
        assert_eq!(pushed == 204, tallies, "{role:?}");
        for path in ["/", "/api/summary", "/api/destinations"] {
            assert_eq!(counter.get(path).await.0 == 200, page, "{role:?} {path}");
        }
        assert_eq!(counter.get("/health/live").await.0, 200);
    }
}

#[tokio::test]
async fn the_page_comes_with_its_headers_and_is_sent_once() {
    let world = World::new();
    let counter = world.start();
    let answer = counter
        .client
        .get(counter.url("/"))
        .send()
        .await
        .expect("an answer");
    let headers = answer.headers().clone();
    assert_eq!(headers["content-type"], "text/html; charset=utf-8");
    assert!(
        headers["content-security-policy"]
            .to_str()
            .expect("text")
            .contains("default-src 'self'")
    );
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(headers["x-frame-options"], "DENY");
    let again = counter
        .client
        .get(counter.url("/"))
        .header("if-none-match", &headers["etag"]);
    assert_eq!(again.send().await.expect("an answer").status(), 304);
    assert_eq!(counter.get("/assets/app.js").await.0, 200);
    assert_eq!(counter.get("/assets/..%2Fsettings.rs").await.0, 404);
}

#[tokio::test]
async fn nobody_else_on_the_network_is_let_in() {
    for (role, expected) in [
        (Role::Tally, "push_callers"),
        (Role::Page, "counter.page_readers"),
    ] {
        let mut world = World::new();
        world.settings.role = role;
        let listener = std::net::TcpListener::bind(("0.0.0.0", 0)).expect("a free port");
        let error = world
            .try_start_on(listener)
            .err()
            .expect("others can reach it");
        assert!(error.to_string().contains(expected), "{error}");
        assert!(error.to_string().contains("127.0.0.1"), "{error}");
    }
}
