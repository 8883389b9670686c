//! Every metric there is, recorded once, as the vocabulary has it.

use std::collections::BTreeSet;
use std::time::Duration;

use telemetry::{
    CallClass, CommitOutcome, CountOutcome, DeathReason, EffectOutcome, InstrumentKind, METRICS,
    Metrics, PublishOutcome, PushAnswer, RedactionKind, RefusalReason, Values,
};
use testing::{OtlpReceiver, ReceivedPoint};

use crate::helpers::{LONG, settings, start};

/// A metric, some of a series' attributes, and its value.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], f64);

fn record_all(metrics: &Metrics) {
    metrics.event_read(Some("purchase"), PublishOutcome::Accepted);
    metrics.event_read(Some("somebody's own word"), PublishOutcome::Invalid);
    metrics.event_read(None, PublishOutcome::Invalid);
    metrics.request_refused(RefusalReason::Unauthenticated);
    metrics.published(metrics.timer(), PublishOutcome::Unavailable);
    metrics.redacted(RedactionKind::Card, 2);
    metrics.redacted(RedactionKind::Phone, 0);
    metrics.push_answered(
        Some("projects/shop/subscriptions/shop.crm"),
        PushAnswer::Acknowledged,
    );
    metrics.effects_worked("crm", EffectOutcome::Done, 3);
    metrics.called(metrics.timer(), "crm", CallClass::Done);
    metrics.delivered("crm", Duration::from_millis(1500));
    metrics.ledger_hit("crm");
    metrics.dead_letter_kept(DeathReason::of("route-gone"), Some("crm"));
    metrics.held("crm", 4, Duration::from_secs(90));
    metrics.event_tallied(CountOutcome::Duplicate);
    metrics.committed(metrics.timer(), 7, CommitOutcome::Committed);
    metrics.committed(metrics.timer(), 7, CommitOutcome::Refused);
    metrics.observe_view_age(|| Some(Duration::from_secs(5)));
}

fn value(points: &[ReceivedPoint], name: &str, attributes: &[(&str, &str)]) -> f64 {
    let is = |point: &&ReceivedPoint| {
        point.name == name
            && attributes
                .iter()
                .all(|(key, value)| point.attribute(key) == *value)
    };
    let found: Vec<&ReceivedPoint> = points.iter().filter(is).collect();
    assert_eq!(found.len(), 1, "{name} {attributes:?}: {found:?}");
    found[0].value
}

#[tokio::test]
async fn each_metric_arrives_as_the_vocabulary_describes_it() {
    let receiver = OtlpReceiver::start().await;
    let telemetry = start(&settings(&receiver.http_endpoint()));
    record_all(telemetry.metrics());
    let _open = telemetry.metrics().stream_opened();
    drop(telemetry.metrics().stream_opened());
    telemetry.stop(LONG).await;
    let points = receiver.metrics();
    for metric in METRICS {
        let of_metric: Vec<_> = points
            .iter()
            .filter(|point| point.name == metric.name)
            .collect();
        assert!(!of_metric.is_empty(), "{} was not recorded", metric.name);
        for point in of_metric {
            assert_eq!(
                (point.unit.as_str(), point.kind),
                (metric.unit, metric.kind.word()),
                "{}",
                metric.name
            );
            let keys: BTreeSet<&str> = point.attributes.keys().map(String::as_str).collect();
            let described = metric.attributes.iter().map(|attribute| attribute.key);
            assert_eq!(keys, described.collect(), "{}", metric.name);
            for attribute in metric.attributes {
                if let Values::Words(words) = attribute.values {
                    assert!(words.contains(&point.attribute(attribute.key)), "{point:?}");
                }
            }
            if metric.kind == InstrumentKind::Histogram {
                assert_eq!(point.bounds, metric.buckets, "{}", metric.name);
            }
        }
    }
    let known = |point: &ReceivedPoint| METRICS.iter().any(|metric| metric.name == point.name);
    assert!(points.iter().all(known), "{points:?}");
}

#[tokio::test]
async fn what_is_recorded_is_what_arrives() {
    let receiver = OtlpReceiver::start().await;
    let telemetry = start(&settings(&receiver.http_endpoint()));
    record_all(telemetry.metrics());
    let _open = telemetry.metrics().stream_opened();
    drop(telemetry.metrics().stream_opened());
    telemetry.stop(LONG).await;
    let points = receiver.metrics();
    let cases: [Case<'_>; 12] = [
        (
            "talaria.publisher.events",
            &[("event_type", "purchase"), ("outcome", "accepted")],
            1.0,
        ),
        (
            "talaria.publisher.events",
            &[("event_type", "other"), ("outcome", "invalid")],
            1.0,
        ),
        ("talaria.publisher.events", &[("event_type", "none")], 1.0),
        ("talaria.publisher.redactions", &[("kind", "card")], 2.0),
        (
            "talaria.pushes",
            &[("subscription", "shop.crm"), ("answer", "acknowledged")],
            1.0,
        ),
        (
            "talaria.updater.effects",
            &[("destination", "crm"), ("outcome", "done")],
            3.0,
        ),
        (
            "talaria.updater.dead_letters",
            &[("reason", "route-gone"), ("destination", "crm")],
            1.0,
        ),
        ("talaria.updater.held", &[("destination", "crm")], 4.0),
        (
            "talaria.updater.held.oldest.age",
            &[("destination", "crm")],
            90.0,
        ),
        ("talaria.counter.commit.events", &[], 1.0),
        ("talaria.counter.view.age", &[], 5.0),
        ("talaria.counter.streams", &[], 1.0),
    ];
    for (name, attributes, expected) in cases {
        assert_eq!(
            value(&points, name, attributes),
            expected,
            "{name} {attributes:?}"
        );
    }
    let of = |name: &str| {
        points
            .iter()
            .find(|point| point.name == name)
            .expect("recorded")
    };
    assert_eq!(of("talaria.updater.delivery.latency").sum, 1.5);
    assert_eq!(of("talaria.counter.commit.events").sum, 7.0);
}
