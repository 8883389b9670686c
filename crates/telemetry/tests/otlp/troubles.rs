//! Receivers that are away, slow, or refuse.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceResponse,
};
use prost::Message;
use telemetry::{
    LogSettings, OtlpSettings, PushAnswer, SendError, Signal, SpanStart, Telemetry, Transport,
    dispatch,
};
use testing::{MockAnswer, MockServer, OtlpReceiver};
use tracing::dispatcher::DefaultGuard;

use crate::helpers::{LONG, process, settings, start};

type Lines = Arc<Mutex<Vec<String>>>;

/// The lines of the log, of this thread: so tests that look at it run on one.
fn log() -> (Lines, DefaultGuard) {
    let lines = Lines::default();
    let kept = Arc::clone(&lines);
    let write = move |line: &str| {
        kept.lock()
            .expect("no panic holds it")
            .push(line.to_owned())
    };
    let dispatch = dispatch(&LogSettings::default(), write).expect("a filter");
    (lines, tracing::dispatcher::set_default(&dispatch))
}

/// A receiver that answers so.
struct Answers<F>(F);

#[async_trait]
impl<F: Fn() -> Result<Bytes, SendError> + Send + Sync + 'static> Transport for Answers<F> {
    async fn send(&self, _signal: Signal, _request: Bytes) -> Result<Bytes, SendError> {
        (self.0)()
    }
}

/// A receiver that never answers.
struct Silent;

#[async_trait]
impl Transport for Silent {
    async fn send(&self, _signal: Signal, _request: Bytes) -> Result<Bytes, SendError> {
        std::future::pending().await
    }
}

fn on(transport: impl Transport) -> Telemetry {
    let transport: Arc<dyn Transport> = Arc::new(transport);
    let settings = OtlpSettings {
        traces_endpoint: Some("http://receiver.example/v1/traces".into()),
        ..OtlpSettings::default()
    };
    Telemetry::start(&settings, &process(), |_| Ok(transport)).expect("good settings")
}

fn one_span(telemetry: &Telemetry) {
    telemetry.tracer().start(SpanStart::send("events")).end();
}

#[tokio::test(start_paused = true)]
async fn what_a_receiver_refuses_is_told_of_once_a_minute() {
    let (lines, _guard) = log();
    let telemetry = on(Answers(|| {
        Err(SendError::Never {
            reason: "the receiver answered 400".into(),
        })
    }));
    for _ in 0..50 {
        one_span(&telemetry);
        tokio::time::sleep(Duration::from_secs(3)).await;
    }
    let lines = lines.lock().expect("no panic holds it").clone();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(
        lines
            .iter()
            .all(|line| line.contains("the receiver answered 400")),
        "{lines:?}"
    );
    assert!(
        lines[2].contains("otlp.endpoint") && lines[2].contains("lost=20"),
        "{lines:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn spans_that_a_receiver_drops_from_a_request_that_it_took_are_told_of() {
    let (lines, _guard) = log();
    let telemetry = on(Answers(|| {
        let partly = ExportTracePartialSuccess {
            rejected_spans: 1,
            error_message: "no location in a span of jane@example.com".into(),
        };
        let partial_success = Some(partly);
        Ok(ExportTraceServiceResponse { partial_success }
            .encode_to_vec()
            .into())
    }));
    one_span(&telemetry);
    telemetry.stop(LONG).await;
    let told = lines.lock().expect("no panic holds it").concat();
    assert!(
        told.contains("lost=1") && told.contains("took the others"),
        "{told}"
    );
    assert!(!told.contains("jane"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn what_a_receiver_takes_later_is_sent_again_not_sooner_than_asked() {
    let (lines, _guard) = log();
    let began = tokio::time::Instant::now();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    let telemetry = on(Answers(move || {
        let mut seen = seen.lock().expect("no panic holds it");
        seen.push(began.elapsed());
        match seen.len() {
            1 => Err(SendError::Later {
                reason: "busy".into(),
                after: Some(Duration::from_secs(4)),
            }),
            2 => Err(SendError::Later {
                reason: "busy".into(),
                after: None,
            }),
            _ => Ok(Bytes::new()),
        }
    }));
    one_span(&telemetry);
    tokio::time::sleep(Duration::from_secs(20)).await;
    let asked = asked.lock().expect("no panic holds it").clone();
    assert_eq!(asked.len(), 3, "{asked:?}");
    assert!(asked[1] - asked[0] >= Duration::from_secs(4), "{asked:?}");
    assert!(lines.lock().expect("no panic holds it").is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_receiver_that_never_answers_costs_bounded_memory_and_bounded_time_at_the_end() {
    let (lines, _guard) = log();
    let telemetry = on(Silent);
    for _ in 0..10_000 {
        one_span(&telemetry);
    }
    tokio::time::sleep(Duration::from_secs(15)).await;
    let told = lines.lock().expect("no panic holds it").concat();
    assert!(
        told.contains("lost=7952") && told.contains("more end than are taken"),
        "{told}"
    );
    one_span(&telemetry);
    let began = tokio::time::Instant::now();
    telemetry.stop(Duration::from_secs(2)).await;
    assert!(
        began.elapsed() <= Duration::from_secs(2),
        "{:?}",
        began.elapsed()
    );
    let told = lines.lock().expect("no panic holds it").concat();
    assert!(told.contains("stopped before the receiver"), "{told}");
}

#[tokio::test]
async fn what_http_answers_decides_whether_it_is_sent_again() {
    for (status, requests) in [(503, 2), (429, 2), (400, 1), (401, 1), (302, 1), (500, 1)] {
        let server = MockServer::start().await;
        server.answer_with(move |_| MockAnswer::status(status).header("location", "/elsewhere"));
        let settings = OtlpSettings {
            timeout: Duration::from_millis(1200),
            traces_endpoint: Some(server.url("/v1/traces")),
            ..OtlpSettings::default()
        };
        let telemetry = start(&settings);
        one_span(&telemetry);
        telemetry.stop(LONG).await;
        let seen = server.requests();
        assert_eq!(seen.len(), requests, "{status}");
        assert!(
            seen.iter().all(|request| request.target == "/v1/traces"),
            "{status}"
        );
    }
}

#[tokio::test]
async fn after_the_stop_nothing_is_sent_and_a_second_stop_is_no_fault() {
    let receiver = OtlpReceiver::start().await;
    let telemetry = start(&settings(&receiver.http_endpoint()));
    one_span(&telemetry);
    telemetry.clone().stop(LONG).await;
    one_span(&telemetry);
    telemetry.metrics().push_answered(None, PushAnswer::Refused);
    telemetry.stop(LONG).await;
    assert_eq!((receiver.spans().len(), receiver.metrics().len()), (1, 0));
}

#[tokio::test]
async fn off_nobody_connects() {
    let receiver = OtlpReceiver::start().await;
    let disabled = OtlpSettings {
        disabled: true,
        ..settings(&receiver.http_endpoint())
    };
    for settings in [OtlpSettings::default(), disabled] {
        let telemetry =
            Telemetry::start(&settings, &process(), |_| panic!("no way is needed")).expect("off");
        assert!(!telemetry.is_on() && !telemetry.tracer().is_on() && !telemetry.metrics().is_on());
        one_span(&telemetry);
        telemetry.metrics().push_answered(None, PushAnswer::Refused);
        telemetry.stop(LONG).await;
    }
    assert_eq!(receiver.connections(), 0);
}
