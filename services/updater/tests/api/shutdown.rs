//! Stopping.

use store::{DestinationReports, Outcome};
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

/// The page would show what it had seen some seconds before, for good: whoever starts next counts from nothing.
#[tokio::test]
async fn the_last_calls_are_told_to_operators_before_the_updater_stops() {
    let api = MockServer::start().await;
    let world = World::new(&one_route("safe", ""), &api);
    let updater = world.start();
    // The first report is written at once, and the next is far away.
    for order in ["T1", "T2"] {
        assert_eq!(updater.push(&purchase(order)).await, 204);
    }
    updater.application.stop().await.expect("a clean stop");
    let reports = world.store.reports().await.expect("a store");
    assert_eq!(reports.len(), 1);
    assert_eq!(
        (reports[0].calls[&Outcome::Done], reports[0].in_flight),
        (2, 0)
    );
}
