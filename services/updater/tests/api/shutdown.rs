//! Stopping.

use std::time::Duration;

use store::{DestinationReports, Outcome};
use testing::{MockAnswer, MockServer, eventually};
use tokio::task::JoinHandle;

use crate::helpers::{Updater, World, envelope, one_route, purchase};

fn push_in_the_background(updater: &Updater) -> JoinHandle<reqwest::Result<reqwest::Response>> {
    let event = purchase("T1").to_string();
    tokio::spawn(
        reqwest::Client::builder()
            .build()
            .expect("a client")
            .post(updater.url("/process-backend-update/api"))
            .header("content-type", "application/json")
            .body(envelope("1", event.as_bytes(), &[]))
            .send(),
    )
}

#[tokio::test]
async fn a_call_under_way_is_finished_and_written_down_before_the_updater_stops() {
    let api = MockServer::start().await;
    // The call ends by its timeout of a second, while the updater is stopping.
    api.answer(MockAnswer::never());
    let world = World::new(&one_route("unsafe", ""), &api);
    let updater = world.start();
    let pushing = push_in_the_background(&updater);
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

/// A container platform kills soon after, and nobody would take the call off the operators' page.
#[tokio::test]
async fn a_call_that_hangs_keeps_no_operator_from_the_last_report() {
    let api = MockServer::start().await;
    api.answer(MockAnswer::never());
    let routes = one_route("safe", "").replace("timeout: 1s", "timeout: 60s");
    let mut world = World::new(&routes, &api);
    world.settings.report_interval = Duration::from_millis(5);
    world.settings.http.stop_timeout = Duration::from_secs(3);
    let updater = world.start();
    let pushing = push_in_the_background(&updater);
    eventually("the call to be reported", || async {
        let reports = world.store.reports().await.expect("a store");
        reports
            .iter()
            .any(|report| report.in_flight == 1)
            .then_some(())
    })
    .await;
    let stopping = updater.application.stop();
    // Twice the stop timeout would be too late.
    let stopped = tokio::time::timeout(Duration::from_millis(5_500), stopping).await;
    stopped.expect("in time").expect("a stop");
    let reports = world.store.reports().await.expect("a store");
    assert_eq!((reports.len(), reports[0].in_flight), (1, 0));
    pushing.abort();
}
