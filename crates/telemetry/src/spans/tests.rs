//! Off, nothing is done; on, what isn't in the vocabulary can't be said.

use std::hint::black_box;
use std::time::{Duration, Instant};

use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;

use super::*;
use crate::{Metrics, PublishOutcome, PushAnswer};

const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// A value that must not be asked for.
struct Untouched;

impl SpanValue for Untouched {
    fn into_value(self) -> Value {
        panic!("a value was made for a span that is off")
    }
}

#[test]
fn off_a_span_only_passes_its_parent_on() {
    let tracer = Tracer::default();
    let parent = TraceContext::from_traceparent(TRACEPARENT);
    for parent in [parent, None] {
        let mut span = tracer.start(SpanStart::send("events").parent(parent).began(tracer.now()));
        span.set(key::MESSAGING_TOPIC, Untouched);
        span.fail("late");
        assert!(span.recording.is_none(), "nothing is allocated");
        assert_eq!(span.context(), parent);
        assert!(tracer.now().0.is_none(), "no clock is read");
        span.end_at(tracer.now());
    }
}

#[test]
#[should_panic(expected = "talaria.route is no attribute of \"send {topic}\"")]
fn what_a_span_may_not_say_is_a_fault_that_tests_find() {
    let provider = SdkTracerProvider::builder().build();
    let tracer = Tracer::of(provider.tracer("test"));
    tracer.start(SpanStart::send("events")).set(key::ROUTE, "r");
}

/// What an event costs: a span with some attributes, and three metrics.
fn work(tracer: &Tracer, metrics: &Metrics, times: u32) -> Duration {
    let began = Instant::now();
    for _ in 0..times {
        let timer = metrics.timer();
        let mut span = tracer.start(SpanStart::send(black_box("backend-updates")));
        span.set(key::MESSAGING_SYSTEM, "gcp_pubsub");
        span.set(key::EVENT_ID, black_box("purchase-4711"));
        metrics.event_read(Some("purchase"), PublishOutcome::Accepted);
        metrics.published(timer, PublishOutcome::Accepted);
        metrics.push_answered(Some("projects/p/subscriptions/s"), PushAnswer::Acknowledged);
    }
    began.elapsed()
}

#[test]
fn off_it_costs_a_small_part_of_what_it_costs_on() {
    use opentelemetry::metrics::MeterProvider;
    let tracers = SdkTracerProvider::builder().build();
    let meters = opentelemetry_sdk::metrics::SdkMeterProvider::builder().build();
    let (tracer, metrics) = (
        Tracer::of(tracers.tracer("test")),
        Metrics::of(&meters.meter("test")),
    );
    let (off_tracer, off_metrics) = (Tracer::default(), Metrics::default());
    // The best of some, since the machine does other things as well.
    let best = |tracer: &Tracer, metrics: &Metrics| {
        (0..5)
            .map(|_| work(tracer, metrics, 2000))
            .min()
            .expect("five")
    };
    let (on, off) = (best(&tracer, &metrics), best(&off_tracer, &off_metrics));
    assert!(off * 5 < on, "off {off:?}, on {on:?}");
}
