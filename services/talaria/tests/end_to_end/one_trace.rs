//! The one trace of an event: from the tag's request to the API's answer and to the commit that counted it.

use testing::{ReceivedSpan, RecordedRequest};

/// The tag's own trace, and its place there.
pub const TRACE_ID: &str = "0af7651916cd43dd8448eb211c80319c";
const TAG_SPAN_ID: &str = "b7ad6b7169203331";

/// What the tag sends.
pub fn traceparent() -> String {
    format!("00-{TRACE_ID}-{TAG_SPAN_ID}-01")
}

/// Each span with its parent's name and its kind, in the order in which an event walks.
const SPANS: [(&str, &str, &str); 8] = [
    ("POST /publish-event", "the tag", "server"),
    ("send backend-updates", "POST /publish-event", "producer"),
    (
        "process backend-updates.crm",
        "send backend-updates",
        "consumer",
    ),
    ("claim crm", "process backend-updates.crm", "internal"),
    ("POST crm", "process backend-updates.crm", "client"),
    ("settle crm", "process backend-updates.crm", "internal"),
    (
        "process backend-updates.counter",
        "send backend-updates",
        "consumer",
    ),
    (
        "commit tallies",
        "process backend-updates.counter",
        "internal",
    ),
];

/// The trace of one event that only `crm` is called for and that is counted, whole: every span of it once and no other,
/// each under the right one, and the API's request under the call's. `idle` are the destinations that had nothing to do.
pub fn assert_whole(spans: &[ReceivedSpan], request: &RecordedRequest, idle: &[&str]) {
    let of_trace: Vec<&ReceivedSpan> = spans
        .iter()
        .filter(|span| span.trace_id == TRACE_ID)
        .collect();
    // Their ledger is asked all the same where the bus does not say that it is the first delivery.
    let idle: Vec<[String; 2]> = idle
        .iter()
        .map(|id| {
            [
                format!("process backend-updates.{id}"),
                format!("claim {id}"),
            ]
        })
        .collect();
    let idle = idle.iter().flat_map(|[process, claim]| {
        [
            (process.as_str(), "send backend-updates", "consumer"),
            (claim.as_str(), process.as_str(), "internal"),
        ]
    });
    let mut expected: Vec<(&str, &str, &str)> = SPANS.into_iter().chain(idle).collect();
    let parent = |span: &ReceivedSpan| {
        let mut all = of_trace.iter();
        let parent = all.find(|other| other.span_id == span.parent_span_id);
        match parent {
            Some(parent) => parent.name.as_str(),
            None if span.parent_span_id == TAG_SPAN_ID => "the tag",
            None => "nobody",
        }
    };
    let mut there: Vec<(&str, &str, &str)> = of_trace
        .iter()
        .map(|span| (span.name.as_str(), parent(span), span.kind))
        .collect();
    expected.sort_unstable();
    there.sort_unstable();
    assert_eq!(there, expected);
    let call = of_trace.iter().find(|span| span.kind == "client");
    let call = call.expect("it is among those expected");
    let expected = format!("00-{TRACE_ID}-{}-01", call.span_id);
    assert_eq!(request.header("traceparent"), expected);
    assert!(of_trace.iter().all(|span| !span.is_error), "{of_trace:?}");
}

/// Whether all of the trace came that is to come: whoever processes a message ends after what he did for it.
pub fn is_complete(spans: &[ReceivedSpan], idle: &[&str]) -> bool {
    let there = |name: &str| {
        let mut of_trace = spans.iter().filter(|span| span.trace_id == TRACE_ID);
        of_trace.any(|span| span.name == name)
    };
    let processed = |id: &&str| there(&format!("process backend-updates.{id}"));
    there("POST /publish-event") && ["crm", "counter"].iter().chain(idle).all(processed)
}
