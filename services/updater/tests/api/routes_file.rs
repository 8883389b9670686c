//! The routes file at the start and while running.

use testing::{MockServer, eventually};

use crate::helpers::{World, one_route, purchase};

#[tokio::test]
async fn a_routes_file_with_mistakes_refuses_to_start_and_lists_them_all() {
    let api = MockServer::start().await;
    let routes = one_route("safe", "")
        .replace("event.data.value", "event.dta.value")
        .replace("to: api", "to: apy");
    let error = World::new(&routes, &api)
        .try_start("test")
        .err()
        .expect("two mistakes")
        .to_string();
    assert!(
        error.contains("dta") && error.contains("apy") && error.contains("routes.yaml:"),
        "{error}"
    );
    let mut world = World::new(&one_route("safe", ""), &api);
    world.settings.routes = "no/such/file.yaml".into();
    let error = world.try_start("test").err().expect("no file").to_string();
    assert!(
        error.contains("no/such/file.yaml") && error.contains("TALARIA_UPDATER__ROUTES"),
        "{error}"
    );
}

#[tokio::test]
async fn a_changed_file_is_taken_and_a_bad_one_keeps_the_old_routes() {
    let api = MockServer::start().await;
    let world = World::new(&one_route("safe", ""), &api);
    let updater = world.start();
    let routes = updater.application.routes().clone();
    let path_of =
        |routes: &updater::routes::RoutesHandle| routes.current().routes()[0].name.clone();
    std::fs::write(
        world.routes_file(),
        one_route("safe", "").replace("points", "bonus"),
    )
    .expect("writing");
    eventually("the changed file to be taken", || {
        std::future::ready((path_of(&routes) == "bonus").then_some(()))
    })
    .await;
    assert_eq!(updater.push(&purchase("T1")).await, 204);
    assert_eq!(api.requests()[0].target, "/bonus");

    // Two bad texts, then a good one: when the good one is in use, the bad ones have been looked at or skipped.
    std::fs::write(world.routes_file(), "routes: [").expect("writing");
    assert_eq!(updater.push(&purchase("T2")).await, 204);
    assert_eq!(api.requests()[1].target, "/bonus");
    std::fs::write(
        world.routes_file(),
        one_route("safe", "").replace("points", "gift"),
    )
    .expect("writing");
    eventually("the mended file to be taken", || {
        std::future::ready((path_of(&routes) == "gift").then_some(()))
    })
    .await;
}

#[tokio::test]
async fn settings_that_would_forget_too_early_or_let_strangers_in_refuse_to_start() {
    let api = MockServer::start().await;
    let mut world = World::new(&one_route("safe", ""), &api);
    world.settings.dedupe_retention = world.settings.dead_letter_retention;
    let error = world
        .try_start("test")
        .err()
        .expect("too short")
        .to_string();
    assert!(error.contains("done twice"), "{error}");
}
