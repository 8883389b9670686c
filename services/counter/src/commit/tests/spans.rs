//! What commits tell: a span in the trace of each event, and metrics of each time that something was offered.

use std::num::{NonZeroU64, NonZeroU128};

use telemetry::{OtlpSettings, Process, http_transport};
use testing::{OtlpReceiver, PATIENCE, ReceivedSpan};

use super::*;

/// The place of the event with this number in a trace of its own.
fn trace(number: u64) -> TraceContext {
    TraceContext {
        trace_id: NonZeroU128::MIN.saturating_add(number.into()),
        span_id: NonZeroU64::MIN.saturating_add(number),
        sampled: true,
    }
}

/// Has events with the numbers 1 to `count` committed at once by `store`, the even ones without a trace if `every_second`.
/// Returns the receiver of everything that was told.
async fn commit(store: &Arc<Scripted>, count: u64, every_second: bool) -> OtlpReceiver {
    let receiver = OtlpReceiver::start().await;
    let to = OtlpSettings {
        endpoint: Some(receiver.http_endpoint()),
        ..OtlpSettings::default()
    };
    let telemetry = Telemetry::start(&to, &Process::default(), http_transport);
    let telemetry = telemetry.expect("good settings");
    let limits = CommitSettings {
        queue: 500,
        ..settings()
    };
    let tallies = Arc::clone(store) as Arc<dyn Tallies>;
    let (committer, _task) = Committer::start(tallies, limits, telemetry.clone());
    let offers = (1..=count).map(async |number| {
        let trace = (!every_second || number % 2 == 1).then(|| trace(number));
        let tally = tally(&number.to_string());
        committer.tally(tally, 1, None, trace).await
    });
    join_all(offers).await;
    telemetry.stop(PATIENCE).await;
    receiver
}

fn number(span: &ReceivedSpan) -> u64 {
    let trace_id = u64::from_str_radix(&span.trace_id, 16).expect("a small trace");
    trace_id - 1
}

#[tokio::test]
async fn each_recorded_event_of_a_commit_has_a_span_in_its_trace_with_the_commits_size_and_time() {
    let store = Scripted::new(&[], 0, 100);
    let receiver = commit(&store, 7, true).await;
    assert_eq!(store.sizes(), [7]);
    let spans = receiver.spans();
    let mut numbers: Vec<u64> = spans.iter().map(number).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 3, 5, 7]);
    for span in &spans {
        assert_eq!(
            (span.name.as_str(), span.kind),
            ("commit tallies", "internal")
        );
        let parent = trace(number(span)).span_id;
        assert_eq!(span.parent_span_id, format!("{parent:016x}"));
        let said = ["talaria.events", "talaria.outcome"].map(|key| span.attribute(key));
        assert_eq!((said, span.is_error), (["7", "committed"], false));
        let times = (span.began_ns, span.ended_ns);
        assert_eq!(times, (spans[0].began_ns, spans[0].ended_ns));
    }
}

#[tokio::test]
async fn a_large_commit_has_spans_in_some_of_its_traces() {
    let store = Scripted::new(&[], 0, 100);
    let receiver = commit(&store, 120, false).await;
    assert_eq!(store.sizes(), [120]);
    let spans = receiver.spans();
    assert_eq!(spans.len(), crate::commit::spans::MAX_SPANS);
    assert!(
        spans
            .iter()
            .all(|span| span.attribute("talaria.events") == "120")
    );
}

#[tokio::test]
async fn a_refused_commit_is_told_of_in_a_trace_only_once_it_is_that_of_its_event_alone() {
    let store = Scripted::new(&["3"], 0, 100);
    let receiver = commit(&store, 7, false).await;
    let mut said: Vec<(u64, &str, &str, bool)> = Vec::new();
    let spans = receiver.spans();
    for span in &spans {
        let [events, outcome] =
            ["talaria.events", "talaria.outcome"].map(|key| span.attribute(key));
        said.push((number(span), events, outcome, span.is_error));
    }
    said.sort_unstable();
    let committed = |number, events| (number, events, "committed", false);
    let mut expected = vec![
        committed(1, "1"),
        committed(2, "1"),
        (3, "1", "refused", true),
    ];
    expected.extend((4..=7).map(|number| committed(number, "4")));
    assert_eq!(said, expected);
    let points = receiver.metrics();
    let offered = |outcome: &str| {
        let mut points = points.iter();
        let point = points.find(|point| point.attribute("outcome") == outcome);
        point.map(|point| (point.name.as_str(), point.value))
    };
    let duration = "talaria.counter.commit.duration";
    assert_eq!(offered("committed"), Some((duration, 3.0)));
    assert_eq!(
        offered("refused"),
        Some((duration, 4.0)),
        "seven, three, two and one"
    );
    let sizes = points
        .iter()
        .find(|point| point.name == "talaria.counter.commit.events");
    assert_eq!(
        sizes.map(|sizes| (sizes.value, sizes.sum)),
        Some((3.0, 6.0))
    );
}
