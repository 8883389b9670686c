//! A counter that lets in whatever comes through the network in front of it: page and pushes each by a setting of its own.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use counter::Role;
use serde_json::json;
use telemetry::LogSettings;
use web::{PushCallersMode, UncheckedCallers};

use crate::helpers::{Counter, World, envelope, event};

fn world(role: Role, pushes: PushCallersMode, page: UncheckedCallers) -> World {
    let mut world = World::new();
    world.settings.role = role;
    world.settings.push_callers.mode = pushes;
    world.settings.page_readers = page;
    world
}

/// Statuses of a push and of the page's summary, asked for under a foreign name.
async fn statuses(counter: &Counter) -> (u16, u16) {
    let port = counter.application.address().port();
    let url = |path: &str| format!("http://127.0.0.1:{port}{path}");
    let view = event("view_item", "1", json!({"items": [{"item_id": "A"}]}));
    let push = counter
        .client
        .post(url("/tally"))
        .header("content-type", "application/json")
        .body(envelope("1", view.to_string().as_bytes()));
    let page = counter.client.get(url("/api/summary"));
    let status = async |request: reqwest::RequestBuilder| {
        let request = request.header("host", "counter.shop.internal");
        request.send().await.expect("an answer").status().as_u16()
    };
    (status(push).await, status(page).await)
}

#[tokio::test]
async fn each_part_that_the_role_has_must_be_let_out_by_its_own_setting() {
    use PushCallersMode::{None as NoPushes, TrustedNetwork as AllPushes};
    use UncheckedCallers::{None as Nobody, TrustedNetwork as Readers};
    for (role, pushes, page, refusal, seen) in [
        (
            Role::Both,
            NoPushes,
            Nobody,
            Some("counter.page_readers"),
            (421, 421),
        ),
        (
            Role::Both,
            AllPushes,
            Nobody,
            Some("counter.page_readers"),
            (421, 421),
        ),
        (
            Role::Both,
            NoPushes,
            Readers,
            Some("push_callers.mode"),
            (421, 421),
        ),
        (Role::Both, AllPushes, Readers, None, (204, 200)),
        (
            Role::Tally,
            NoPushes,
            Readers,
            Some("push_callers.mode"),
            (421, 421),
        ),
        (Role::Tally, AllPushes, Nobody, None, (204, 404)),
        (
            Role::Page,
            AllPushes,
            Nobody,
            Some("counter.page_readers"),
            (421, 421),
        ),
        (Role::Page, NoPushes, Readers, None, (404, 200)),
    ] {
        let world = world(role, pushes, page);
        let case = format!("{role:?}, {pushes:?}, {page:?}");
        let here = world.start();
        assert_eq!(statuses(&here).await, seen, "{case}");
        let everywhere = TcpListener::bind(("0.0.0.0", 0)).expect("a free port");
        match (world.try_start_on(everywhere), refusal) {
            (Ok(_), None) => {}
            (Ok(_), Some(_)) => panic!("{case}: it started"),
            (Err(error), expected) => {
                let text = error.to_string();
                assert!(
                    text.contains(expected.unwrap_or("no refusal")),
                    "{case}: {text}"
                );
                assert!(text.contains("trusted-network"), "{case}: {text}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_let_in_unasked_is_said_of_each_part() {
    let lines = Arc::new(Mutex::new(String::new()));
    let written = Arc::clone(&lines);
    let dispatch = telemetry::dispatch(&LogSettings::default(), move |line| {
        written.lock().expect("no panic holds it").push_str(line);
    })
    .expect("a filter");
    let pushes = "the counter's push_callers.mode is trusted-network";
    let page = "counter.page_readers is trusted-network";
    for (role, expected) in [
        (Role::Both, (true, true)),
        (Role::Tally, (true, false)),
        (Role::Page, (false, true)),
    ] {
        let world = world(
            role,
            PushCallersMode::TrustedNetwork,
            UncheckedCallers::TrustedNetwork,
        );
        let everywhere = TcpListener::bind(("0.0.0.0", 0)).expect("a free port");
        let started =
            tracing::dispatcher::with_default(&dispatch, || world.try_start_on(everywhere));
        let counter = started.expect("both are named");
        let said = std::mem::take(&mut *lines.lock().expect("no panic holds it"));
        let found = (said.contains(pushes), said.contains(page));
        assert_eq!(found, expected, "{role:?}: {said}");
        counter.application.stop().await.expect("a clean stop");
    }
}
