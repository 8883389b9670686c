//! What arrives.

use telemetry::{OtlpSettings, PushAnswer, SecretText, SpanStart, TraceContext, key};
use testing::OtlpReceiver;

use crate::helpers::{LONG, settings, start, trace};

#[tokio::test]
async fn a_span_arrives_with_its_parent_its_link_and_what_was_said_of_it() {
    let receiver = OtlpReceiver::start().await;
    let telemetry = start(&settings(&receiver.http_endpoint()));
    let delivery =
        TraceContext::from_traceparent("00-11111111111111111111111111111111-2222222222222222-01");
    let mut span = telemetry.tracer().start(
        SpanStart::process("shop.crm")
            .parent(Some(trace(true)))
            .link(delivery),
    );
    let own = span.context().expect("it is on");
    assert_eq!((own.trace_id, own.sampled), (trace(true).trace_id, true));
    assert_ne!(own.span_id, trace(true).span_id);
    span.set(key::EVENT_ID, "e1");
    span.set(key::EFFECTS, 3_usize);
    span.fail("store");
    span.end();
    telemetry.stop(LONG).await;
    let spans = receiver.spans();
    assert_eq!(spans.len(), 1, "{spans:?}");
    let span = &spans[0];
    assert_eq!(
        (span.name.as_str(), span.kind, span.is_error),
        ("process shop.crm", "consumer", true)
    );
    assert_eq!(span.trace_id, "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(span.parent_span_id, "b7ad6b7169203331");
    assert_eq!(span.span_id, format!("{:016x}", own.span_id));
    assert_eq!(span.links, [("1".repeat(32), "2".repeat(16))]);
    let said = ["talaria.event.id", "talaria.effects", "error.type"].map(|key| span.attribute(key));
    assert_eq!(said, ["e1", "3", "store"]);
    assert!(
        span.began_ns > 0 && span.ended_ns >= span.began_ns,
        "{span:?}"
    );
}

#[tokio::test]
async fn a_span_can_be_told_of_later() {
    let receiver = OtlpReceiver::start().await;
    let telemetry = start(&settings(&receiver.http_endpoint()));
    let tracer = telemetry.tracer();
    let (began, ended) = (tracer.now(), tracer.now());
    for parent in [Some(trace(true)), None] {
        tracer
            .start(SpanStart::commit().parent(parent).began(began))
            .end_at(ended);
    }
    telemetry.stop(LONG).await;
    let spans = receiver.spans();
    assert_eq!(spans.len(), 2);
    assert_eq!(spans[0].began_ns, spans[1].began_ns);
    assert_eq!(spans[0].ended_ns, spans[1].ended_ns);
    assert_ne!(
        spans[0].trace_id, spans[1].trace_id,
        "one without a parent begins a trace"
    );
    assert_eq!(spans[1].parent_span_id, "");
}

#[tokio::test]
async fn a_process_says_who_it_is_and_its_operator_s_word_counts() {
    let receiver = OtlpReceiver::start().await;
    let settings = OtlpSettings {
        resource_attributes: Some(
            "cloud.region=europe-west1, team=a%2Cb,gcp.project_id=other".into(),
        ),
        service_name: Some("my-publisher".into()),
        headers: Some(SecretText::new("x-key=s%3D1,Authorization=Bearer%20t")),
        ..settings(&receiver.http_endpoint())
    };
    let telemetry = start(&settings);
    telemetry.tracer().start(SpanStart::commit()).end();
    telemetry.metrics().push_answered(None, PushAnswer::Invalid);
    telemetry.stop(LONG).await;
    let resources = [
        &receiver.spans()[0].resource,
        &receiver.metrics()[0].resource,
    ];
    let expected = [
        ("service.name", "my-publisher"),
        ("service.version", "1.2.3"),
        ("service.instance.id", "i1"),
        ("service.namespace", "talaria"),
        ("gcp.project_id", "other"),
        ("cloud.region", "europe-west1"),
        ("cloud.platform", "gcp_cloud_run"),
        ("faas.name", "publisher"),
        ("faas.version", "publisher-7"),
        ("team", "a,b"),
    ];
    for resource in resources {
        for (key, value) in expected {
            assert_eq!(resource.get(key).map(String::as_str), Some(value), "{key}");
        }
    }
    for headers in receiver.headers() {
        let has = |name: &str, value: &str| headers.contains(&(name.into(), value.into()));
        assert!(
            has("x-key", "s=1") && has("authorization", "Bearer t"),
            "{headers:?}"
        );
        assert!(has("content-type", "application/x-protobuf"), "{headers:?}");
    }
}

#[tokio::test]
async fn one_signal_can_go_alone() {
    let receiver = OtlpReceiver::start().await;
    let traces_endpoint = format!("{}/v1/traces", receiver.http_endpoint());
    let telemetry = start(&OtlpSettings {
        traces_endpoint: Some(traces_endpoint),
        ..OtlpSettings::default()
    });
    assert!(telemetry.tracer().is_on() && !telemetry.metrics().is_on());
    telemetry.tracer().start(SpanStart::commit()).end();
    telemetry.stop(LONG).await;
    assert_eq!((receiver.spans().len(), receiver.metrics().len()), (1, 0));
}
