//! Spans and metrics of the running program, to receivers that are there and to some that aren't.

use std::time::{Duration, Instant};

use testing::{OtlpReceiver, RunningProgram};

use crate::platform::PROGRAM;

/// A publisher whose Pub/Sub is not there: what it refuses by itself is enough here.
const WITHOUT_PUBSUB: [(&str, &str); 5] = [
    ("TALARIA_BUS__BACKEND", "pubsub"),
    ("TALARIA_LISTEN", "127.0.0.1:0"),
    ("GOOGLE_CLOUD_PROJECT", "shop-1"),
    ("PUBSUB_EMULATOR_HOST", "127.0.0.1:1"),
    ("OTEL_METRIC_EXPORT_INTERVAL", "100"),
];
const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

async fn start(variables: &[(&str, &str)]) -> (RunningProgram, String) {
    let variables = [&WITHOUT_PUBSUB, variables].concat();
    let mut program = RunningProgram::start(PROGRAM, &[], &variables);
    let address = program.address().await;
    (program, address)
}

/// Sends an event that is none.
async fn send(address: &str) -> u16 {
    let client = reqwest::Client::builder().build().expect("a client");
    let request = client
        .post(format!("http://{address}/publish-event?who=a@b.example"))
        .header("content-type", "application/json")
        .header("traceparent", TRACEPARENT)
        .body(r#"{"eventType":"purchase","eventId":"e1","data":7}"#);
    request.send().await.expect("an answer").status().as_u16()
}

#[tokio::test]
async fn a_span_and_a_metric_arrive_over_http_and_over_grpc() {
    for protocol in ["http/protobuf", "grpc"] {
        let receiver = OtlpReceiver::start().await;
        let endpoint = match protocol {
            "grpc" => receiver.grpc_endpoint(),
            _ => receiver.http_endpoint(),
        };
        let (program, address) = start(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("OTEL_EXPORTER_OTLP_HEADERS", "x-key=hunter2"),
            ("OTEL_RESOURCE_ATTRIBUTES", "cloud.region=europe-west1"),
        ])
        .await;
        assert_eq!(send(&address).await, 422);
        receiver
            .wait_for_metrics("the metrics, while it runs", |points| !points.is_empty())
            .await;
        let (ended, _) = program.terminate().await;
        assert_eq!(ended.code, Some(0), "{}", ended.log);
        assert!(!ended.log.contains("hunter2"), "{}", ended.log);
        let spans = receiver.spans();
        let request = spans
            .iter()
            .find(|span| span.kind == "server")
            .expect("the request's");
        assert_eq!(request.name, "POST /publish-event", "{protocol}");
        assert_eq!(request.trace_id, TRACEPARENT[3..35], "{protocol}");
        assert_eq!(request.parent_span_id, TRACEPARENT[36..52], "{protocol}");
        assert_eq!(request.attribute("http.response.status_code"), "422");
        let resource =
            ["service.name", "gcp.project_id", "cloud.region"].map(|key| &request.resource[key]);
        assert_eq!(resource, ["talaria-publisher", "shop-1", "europe-west1"]);
        let metrics = receiver.metrics();
        let events = metrics
            .iter()
            .find(|point| point.name == "talaria.publisher.events");
        let events = events.expect("the event's");
        let said = ["event_type", "outcome"].map(|key| events.attribute(key));
        assert_eq!((said[1], events.value), ("invalid", 1.0), "{protocol}");
        let key = ("x-key".to_owned(), "hunter2".to_owned());
        assert!(
            receiver
                .headers()
                .iter()
                .all(|headers| headers.contains(&key)),
            "{protocol}"
        );
    }
}

#[tokio::test]
async fn a_receiver_that_is_away_costs_no_request_and_no_stop_much() {
    for protocol in ["http/protobuf", "grpc"] {
        let (program, address) = start(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "200"),
        ])
        .await;
        let began = Instant::now();
        for _ in 0..20 {
            assert_eq!(send(&address).await, 422, "{protocol}");
        }
        assert!(
            began.elapsed() < Duration::from_secs(5),
            "{protocol}: {:?}",
            began.elapsed()
        );
        let (ended, took) = program.terminate().await;
        assert_eq!(ended.code, Some(0), "{protocol}: {}", ended.log);
        assert!(took < Duration::from_secs(5), "{protocol}: {took:?}");
        let told = ended.log.matches("spans are being lost").count();
        assert_eq!(told, 1, "{protocol}: {}", ended.log);
    }
}

#[tokio::test]
async fn a_receiver_that_never_answers_is_left_behind_at_the_stop() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let endpoint = format!("http://{}", silent.local_addr().expect("it listens"));
    let (program, address) = start(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint)]).await;
    assert_eq!(send(&address).await, 422);
    let (ended, took) = program.terminate().await;
    assert_eq!(ended.code, Some(0), "{}", ended.log);
    assert!(took < Duration::from_secs(6), "{took:?}");
    assert!(
        ended.log.contains("stopped before the receiver"),
        "{}",
        ended.log
    );
}

#[tokio::test]
async fn off_it_connects_to_nobody() {
    let receiver = OtlpReceiver::start().await;
    let endpoint = receiver.http_endpoint();
    let (program, address) = start(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
        ("OTEL_SDK_DISABLED", "true"),
    ])
    .await;
    assert_eq!(send(&address).await, 422);
    let (ended, _) = program.terminate().await;
    assert_eq!(ended.code, Some(0), "{}", ended.log);
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn what_can_t_be_spoken_to_refuses_the_start_and_says_what_would_be_right() {
    let cases = [
        (
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
            "use one of http/protobuf, grpc",
        ),
        (
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
            "must begin with http://",
        ),
        (("TALARIA_OTLP__SAMPLER", "some"), "parentbased_always_on"),
        (
            ("TALARIA_OTLP__ENDPOINT", "http://me:hunter2@collector"),
            "otlp.headers",
        ),
    ];
    for (variable, expected) in cases {
        let variables = [&WITHOUT_PUBSUB[..], &[variable]].concat();
        let said = RunningProgram::refused(PROGRAM, &[], &variables).await;
        assert!(
            said.contains(expected) && !said.contains("hunter2"),
            "{variable:?}: {said}"
        );
    }
}
