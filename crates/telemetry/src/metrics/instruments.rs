//! The instruments of the SDK, each made from its description, which also gives its attributes their keys.

use std::time::Duration;

use opentelemetry::metrics::{Counter, Gauge, Histogram, Meter, UpDownCounter};
use opentelemetry::{KeyValue, StringValue};

use super::names::Names;
use super::vocabulary::{self as words, MetricDescription};

/// All of them.
pub(super) struct Instruments {
    pub(super) names: Names,
    meter: Meter,
    pub(super) publisher_events: Count<2>,
    pub(super) publisher_refusals: Count<1>,
    pub(super) publisher_publish_duration: Measure<1>,
    pub(super) publisher_redactions: Count<1>,
    pub(super) pushes: Count<2>,
    pub(super) updater_effects: Count<2>,
    pub(super) updater_call_duration: Measure<2>,
    pub(super) updater_delivery_latency: Measure<1>,
    pub(super) updater_ledger_hits: Count<1>,
    pub(super) updater_dead_letters: Count<2>,
    pub(super) updater_held: Level<u64>,
    pub(super) updater_held_oldest_age: Level<f64>,
    pub(super) counter_events: Count<1>,
    pub(super) counter_commit_events: Measure<0>,
    pub(super) counter_commit_duration: Measure<1>,
    pub(super) counter_streams: Open,
}

impl Instruments {
    pub(super) fn of(meter: &Meter) -> Self {
        Self {
            names: Names::default(),
            meter: meter.clone(),
            publisher_events: Count::of(meter, &words::PUBLISHER_EVENTS),
            publisher_refusals: Count::of(meter, &words::PUBLISHER_REFUSALS),
            publisher_publish_duration: Measure::of(meter, &words::PUBLISHER_PUBLISH_DURATION),
            publisher_redactions: Count::of(meter, &words::PUBLISHER_REDACTIONS),
            pushes: Count::of(meter, &words::PUSHES),
            updater_effects: Count::of(meter, &words::UPDATER_EFFECTS),
            updater_call_duration: Measure::of(meter, &words::UPDATER_CALL_DURATION),
            updater_delivery_latency: Measure::of(meter, &words::UPDATER_DELIVERY_LATENCY),
            updater_ledger_hits: Count::of(meter, &words::UPDATER_LEDGER_HITS),
            updater_dead_letters: Count::of(meter, &words::UPDATER_DEAD_LETTERS),
            updater_held: Level::of_whole(meter, &words::UPDATER_HELD),
            updater_held_oldest_age: Level::of_real(meter, &words::UPDATER_HELD_OLDEST_AGE),
            counter_events: Count::of(meter, &words::COUNTER_EVENTS),
            counter_commit_events: Measure::of(meter, &words::COUNTER_COMMIT_EVENTS),
            counter_commit_duration: Measure::of(meter, &words::COUNTER_COMMIT_DURATION),
            counter_streams: Open::of(meter, &words::COUNTER_STREAMS),
        }
    }

    /// Has `age` asked at each export. The SDK keeps what it is asked with as long as it lives.
    pub(super) fn observe_view_age(
        &self,
        age: impl Fn() -> Option<Duration> + Send + Sync + 'static,
    ) {
        let description = &words::COUNTER_VIEW_AGE;
        self.meter
            .f64_observable_gauge(description.name)
            .with_unit(description.unit)
            .with_description(description.what)
            .with_callback(move |observer| {
                if let Some(age) = age() {
                    observer.observe(age.as_secs_f64(), &[]);
                }
            })
            .build();
    }
}

/// The values, under the description's keys.
fn named<const N: usize>(
    description: &MetricDescription,
    values: [StringValue; N],
) -> [KeyValue; N] {
    let mut keys = description.attributes.iter();
    values.map(|value| {
        let key = keys.next().map_or("", |attribute| attribute.key);
        KeyValue::new(key, value)
    })
}

/// A counter with so many attributes.
pub(super) struct Count<const N: usize> {
    description: &'static MetricDescription,
    instrument: Counter<u64>,
}

impl<const N: usize> Count<N> {
    fn of(meter: &Meter, description: &'static MetricDescription) -> Self {
        let builder = meter.u64_counter(description.name);
        let builder = builder
            .with_unit(description.unit)
            .with_description(description.what);
        Self {
            description,
            instrument: builder.build(),
        }
    }

    pub(super) fn add(&self, count: u64, values: [StringValue; N]) {
        self.instrument.add(count, &named(self.description, values));
    }
}

/// A histogram with so many attributes.
pub(super) struct Measure<const N: usize> {
    description: &'static MetricDescription,
    instrument: Histogram<f64>,
}

impl<const N: usize> Measure<N> {
    fn of(meter: &Meter, description: &'static MetricDescription) -> Self {
        let builder = meter.f64_histogram(description.name);
        let builder = builder
            .with_unit(description.unit)
            .with_description(description.what)
            .with_boundaries(description.buckets.to_vec());
        Self {
            description,
            instrument: builder.build(),
        }
    }

    pub(super) fn record(&self, value: f64, values: [StringValue; N]) {
        self.instrument
            .record(value, &named(self.description, values));
    }
}

/// A gauge with one attribute.
pub(super) struct Level<T> {
    description: &'static MetricDescription,
    instrument: Gauge<T>,
}

impl Level<u64> {
    fn of_whole(meter: &Meter, description: &'static MetricDescription) -> Self {
        let builder = meter.u64_gauge(description.name);
        let builder = builder
            .with_unit(description.unit)
            .with_description(description.what);
        Self {
            description,
            instrument: builder.build(),
        }
    }
}

impl Level<f64> {
    fn of_real(meter: &Meter, description: &'static MetricDescription) -> Self {
        let builder = meter.f64_gauge(description.name);
        let builder = builder
            .with_unit(description.unit)
            .with_description(description.what);
        Self {
            description,
            instrument: builder.build(),
        }
    }
}

impl<T> Level<T> {
    pub(super) fn record(&self, value: T, values: [StringValue; 1]) {
        self.instrument
            .record(value, &named(self.description, values));
    }
}

/// How many there are now.
pub(super) struct Open(UpDownCounter<i64>);

impl Open {
    fn of(meter: &Meter, description: &'static MetricDescription) -> Self {
        let builder = meter.i64_up_down_counter(description.name);
        let builder = builder
            .with_unit(description.unit)
            .with_description(description.what);
        Self(builder.build())
    }

    pub(super) fn add(&self, change: i64) {
        self.0.add(change, &[]);
    }
}
