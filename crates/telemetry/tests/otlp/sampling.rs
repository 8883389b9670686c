//! Which traces are recorded.

use telemetry::{OtlpSettings, Sampler, SpanStart, key};
use testing::OtlpReceiver;

use crate::helpers::{LONG, settings, start, trace};

#[tokio::test]
async fn each_sampler_records_what_it_says() {
    // Spans of a sampled caller, of one that isn't, and without a caller.
    let cases = [
        (Sampler::ParentBasedAlwaysOn, 1.0, [true, false, true]),
        (Sampler::ParentBasedAlwaysOff, 1.0, [true, false, false]),
        (Sampler::ParentBasedTraceIdRatio, 0.0, [true, false, false]),
        (Sampler::ParentBasedTraceIdRatio, 1.0, [true, false, true]),
        (Sampler::AlwaysOn, 1.0, [true, true, true]),
        (Sampler::AlwaysOff, 1.0, [false, false, false]),
        (Sampler::TraceIdRatio, 0.0, [false, false, false]),
        (Sampler::TraceIdRatio, 1.0, [true, true, true]),
    ];
    for (sampler, sampler_ratio, expected) in cases {
        let receiver = OtlpReceiver::start().await;
        let endpoint = receiver.http_endpoint();
        let telemetry = start(&OtlpSettings {
            sampler,
            sampler_ratio,
            ..settings(&endpoint)
        });
        let parents = [Some(trace(true)), Some(trace(false)), None];
        let topics = ["sampled", "unsampled", "none"];
        for ((parent, topic), expected) in parents.into_iter().zip(topics).zip(expected) {
            let span = telemetry
                .tracer()
                .start(SpanStart::send(topic).parent(parent));
            assert_eq!(span.is_recording(), expected, "{sampler:?} {topic}");
            let context = span.context().expect("it is on");
            assert_eq!(context.sampled, expected, "{sampler:?} {topic}");
            if let Some(parent) = parent {
                assert_eq!(context.trace_id, parent.trace_id, "{sampler:?} {topic}");
            }
        }
        telemetry.stop(LONG).await;
        let recorded: Vec<String> = receiver.spans().into_iter().map(|span| span.name).collect();
        let wanted = topics
            .into_iter()
            .zip(expected)
            .filter(|(_, expected)| *expected);
        let wanted: Vec<String> = wanted.map(|(topic, _)| format!("send {topic}")).collect();
        assert_eq!(recorded, wanted, "{sampler:?}");
    }
}

#[tokio::test]
async fn strangers_who_ask_to_be_traced_are_not() {
    let receiver = OtlpReceiver::start().await;
    let telemetry = start(&settings(&receiver.http_endpoint()));
    for status in [202_u16, 401, 422] {
        let start = SpanStart::request("POST", Some("/publish-event")).parent(Some(trace(true)));
        let mut span = telemetry.tracer().start(start);
        span.set(key::HTTP_STATUS, status);
    }
    telemetry.stop(LONG).await;
    let spans = receiver.spans().into_iter();
    let statuses: Vec<String> = spans
        .map(|span| format!("{:?}", span.attributes["http.response.status_code"]))
        .collect();
    assert_eq!(statuses.len(), 2, "{statuses:?}");
    assert!(statuses.iter().all(|status| !status.contains("401")));
}
