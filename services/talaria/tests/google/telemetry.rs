//! What the three programs tell a receiver of OTLP: one trace of an event, every metric there is, and nothing of what is in
//! an event; also when they are stopped at once.

mod metrics;
mod scene;

use serde_json::json;
use testing::RecordedRequest;

use crate::one_trace::{TRACE_ID, assert_whole, is_complete};
use crate::program::Service;
use crate::stream::Stream;
use metrics::{assert_described, have_all_come};
use scene::{IDLE, SECRET, Scene, lead, login, purchase};

fn is_of(api: &str) -> impl Fn(&RecordedRequest) -> bool {
    let path = format!("/{api}");
    move |request| request.target.starts_with(&path)
}

/// Everything that there is a metric of happens once, beginning with a purchase whose trace is looked at.
async fn everything_is_told_over(protocol: &str) {
    let scene = Scene::open(&[
        ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
        ("OTEL_METRIC_EXPORT_INTERVAL", "100"),
    ])
    .await;
    let programs = scene.start_all().await;
    assert_eq!(scene.publish_in_trace(&purchase()).await, 202);
    let whole = scene
        .receiver
        .wait_for_spans("the whole trace", |spans| is_complete(spans, &IDLE))
        .await;
    let requests = scene.api.requests();
    let call = requests.iter().find(|request| is_of("crm")(request));
    assert_whole(&whole, call.expect("a call"), &IDLE);
    assert_services(&scene);

    // Twice, so that updater and counter know it; a letter; a message that is held; words and an address that nobody knows.
    let unknown = json!({"eventType": format!("{SECRET}-type"), "eventId": "evt-9", "data": {"note": SECRET}});
    for event in [purchase(), lead(), login(), unknown] {
        assert_eq!(scene.publish(&event).await, 202, "{event}");
    }
    assert_eq!(
        scene.post("/publish-event", "text/plain", SECRET).await,
        415
    );
    assert_eq!(
        scene
            .post("/publish-event", "application/json", "{\"zq7\"")
            .await,
        400
    );
    assert_eq!(
        scene.post("/zq7/zq7", "application/json", SECRET).await,
        404
    );
    let stream = Stream::open(&scene.cloud.client, &scene.cloud.url(Service::Counter)).await;
    let points = scene
        .receiver
        .wait_for_metrics("every metric", have_all_come)
        .await;
    assert_described(&points);
    let calls = |api: &str| scene.api.requests().into_iter().filter(is_of(api)).count();
    assert_eq!((calls("crm"), calls("erp")), (1, 1));
    drop(stream);
    for program in programs {
        program.stop().await;
    }
    assert!(
        !scene.receiver.was_told(SECRET),
        "{:?}",
        scene.receiver.spans()
    );
}

/// Each part of the trace is told by the program that did it.
fn assert_services(scene: &Scene) {
    for span in scene.receiver.spans() {
        let service = match (span.kind, span.name.as_str()) {
            ("server" | "producer", _) => "talaria-publisher",
            (_, "process backend-updates.counter" | "commit tallies") => "talaria-counter",
            _ => "talaria-updater",
        };
        if span.trace_id == TRACE_ID {
            assert_eq!(span.resource["service.name"], service, "{}", span.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_whole_trace_and_every_metric_arrive_over_http() {
    everything_is_told_over("http/protobuf").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_whole_trace_and_every_metric_arrive_over_grpc() {
    everything_is_told_over("grpc").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happened_just_before_the_stop_is_told() {
    // Reports come once a minute, spans after two seconds.
    let scene = Scene::open(&[]).await;
    let [publisher, updater, counter] = scene.start_all().await;
    let told_now = |name: &str| {
        let spans = scene.receiver.spans();
        let mut of_trace = spans.iter().filter(|span| span.trace_id == TRACE_ID);
        assert!(of_trace.any(|span| span.name == name), "{name}: {spans:?}");
    };
    let measured_now = |name: &str| {
        let points = scene.receiver.metrics();
        assert!(points.iter().any(|point| point.name == name), "{points:?}");
    };
    assert_eq!(scene.publish_in_trace(&purchase()).await, 202);
    publisher.stop().await;
    told_now("POST /publish-event");
    told_now("send backend-updates");
    measured_now("talaria.publisher.events");
    // It is working the message while it is told to stop.
    scene
        .api
        .wait_until("a call", |requests| requests.iter().any(is_of("crm")))
        .await;
    updater.stop().await;
    told_now("POST crm");
    told_now("process backend-updates.crm");
    measured_now("talaria.updater.effects");
    scene.is_counted().await;
    counter.stop().await;
    told_now("commit tallies");
    told_now("process backend-updates.counter");
    measured_now("talaria.counter.events");
}
