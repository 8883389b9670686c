//! Stopping.

use testing::{MockAnswer, MockServer};

use crate::helpers::{World, one_route, purchase};

#[tokio::test]
async fn a_call_under_way_is_finished_and_written_down_before_the_updater_stops() {
    let api = MockServer::start().await;
    // The call ends by its timeout of a second, while the updater is stopping.
    api.answer(MockAnswer::never());
    let world = World::new(&one_route("unsafe", ""), &api);
    let updater = world.start();
    let event = purchase("T1").to_string();
    let url = updater.url("/process-backend-update/api");
    let body = crate::helpers::envelope("1", event.as_bytes(), &[]);
    let pushing = tokio::spawn(
        reqwest::Client::builder()
            .build()
            .expect("a client")
            .post(url)
            .header("content-type", "application/json")
            .body(body)
            .send(),
    );
    api.wait_for_requests(1).await;
    updater.application.stop().await.expect("a clean stop");
    assert_eq!(
        pushing
            .await
            .expect("no panic")
            .expect("an answer")
            .status(),
        204
    );
    assert_eq!(world.states("purchase:T1", "api").await["points"], "review");
}
