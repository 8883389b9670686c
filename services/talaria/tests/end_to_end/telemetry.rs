//! The one trace through a single process, and what it tells before it ends.

use serde_json::json;
use testing::{MockServer, OtlpReceiver};

use crate::one_trace::{assert_whole, traceparent};
use crate::support::{BackOffice, World};

const ROUTES: &str = "\
destinations:
  crm: { url: '${CRM_API_URL}', repeat: safe }
routes:
  - name: purchases
    when: event.eventType == \"purchase\"
    to: crm
    body: '{ \"value\": event.data.value }'
";

#[tokio::test]
async fn an_event_before_the_stop_leaves_one_whole_trace_of_all_parts() {
    let (office, api) = (BackOffice::open().await, MockServer::start().await);
    let receiver = OtlpReceiver::start().await;
    let routes = ROUTES.replace("${CRM_API_URL}", &api.url("/crm"));
    let world = World::new(&office)
        .with_routes(&routes)
        .set("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.http_endpoint());
    let process = world.start().await;
    let event = json!({"eventType": "purchase", "eventId": "evt-1", "data": {"transactionId": "ORD-1", "value": 5}});
    let client = reqwest::Client::builder().no_proxy().build();
    let request = client
        .expect("a client")
        .post(format!("{}/publish-event", process.publisher))
        .header("content-type", "application/json")
        .header("traceparent", traceparent())
        .body(event.to_string());
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.status(), 202);
    world.all_acknowledged().await;
    process.stop().await;
    let requests = api.requests();
    assert_eq!(requests.len(), 1);
    let spans = receiver.spans();
    assert_whole(&spans, &requests[0], &[]);
    let is_of = |name: &str| {
        spans
            .iter()
            .all(|span| span.resource["service.name"] == name)
    };
    assert!(is_of("talaria"), "{spans:?}");
    let points = receiver.metrics();
    let told = |name: &str| points.iter().any(|point| point.name == name);
    // Metrics are sent once a minute, and at the end.
    for name in [
        "talaria.publisher.events",
        "talaria.updater.effects",
        "talaria.counter.events",
    ] {
        assert!(told(name), "{name}: {points:?}");
    }
}
