//! Every metric there is, with what must have come of it. One that this list doesn't have fails.

use telemetry::METRICS;
use testing::{ReceivedPoint, assert_point_described};

/// A metric, who tells it, and the attributes of a series that must have come.
type Expected = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

const PUBLISHER: &str = "talaria-publisher";
const UPDATER: &str = "talaria-updater";
const COUNTER: &str = "talaria-counter";

const EXPECTED: [Expected; 24] = [
    (
        "talaria.publisher.events",
        PUBLISHER,
        &[("event_type", "purchase"), ("outcome", "accepted")],
    ),
    (
        "talaria.publisher.events",
        PUBLISHER,
        &[("event_type", "other"), ("outcome", "accepted")],
    ),
    (
        "talaria.publisher.refusals",
        PUBLISHER,
        &[("reason", "unsupported_type")],
    ),
    (
        "talaria.publisher.refusals",
        PUBLISHER,
        &[("reason", "unreadable")],
    ),
    (
        "talaria.publisher.publish.duration",
        PUBLISHER,
        &[("outcome", "accepted")],
    ),
    (
        "talaria.publisher.redactions",
        PUBLISHER,
        &[("kind", "email")],
    ),
    (
        "talaria.pushes",
        UPDATER,
        &[
            ("subscription", "backend-updates.crm"),
            ("answer", "acknowledged"),
        ],
    ),
    (
        "talaria.pushes",
        COUNTER,
        &[
            ("subscription", "backend-updates.counter"),
            ("answer", "acknowledged"),
        ],
    ),
    (
        "talaria.updater.effects",
        UPDATER,
        &[("destination", "crm"), ("outcome", "done")],
    ),
    (
        "talaria.updater.effects",
        UPDATER,
        &[("destination", "erp"), ("outcome", "dead")],
    ),
    (
        "talaria.updater.effects",
        UPDATER,
        &[("destination", "shop"), ("outcome", "held")],
    ),
    (
        "talaria.updater.call.duration",
        UPDATER,
        &[("destination", "crm"), ("class", "done")],
    ),
    (
        "talaria.updater.call.duration",
        UPDATER,
        &[("destination", "shop"), ("class", "setup")],
    ),
    (
        "talaria.updater.delivery.latency",
        UPDATER,
        &[("destination", "crm")],
    ),
    (
        "talaria.updater.ledger.hits",
        UPDATER,
        &[("destination", "crm")],
    ),
    (
        "talaria.updater.dead_letters",
        UPDATER,
        &[("reason", "rejected"), ("destination", "erp")],
    ),
    ("talaria.updater.held", UPDATER, &[("destination", "shop")]),
    (
        "talaria.updater.held.oldest.age",
        UPDATER,
        &[("destination", "shop")],
    ),
    ("talaria.counter.events", COUNTER, &[("outcome", "counted")]),
    (
        "talaria.counter.events",
        COUNTER,
        &[("outcome", "duplicate")],
    ),
    ("talaria.counter.commit.events", COUNTER, &[]),
    (
        "talaria.counter.commit.duration",
        COUNTER,
        &[("outcome", "committed")],
    ),
    ("talaria.counter.view.age", COUNTER, &[]),
    ("talaria.counter.streams", COUNTER, &[]),
];

/// Whether something came of every line of the list.
pub fn have_all_come(points: &[ReceivedPoint]) -> bool {
    EXPECTED.iter().all(|(name, service, attributes)| {
        points.iter().any(|point| {
            let is_said = |(key, value): &(&str, &str)| point.attribute(key) == *value;
            // What the page shows is not old, and all else is more than nothing.
            let happened = point.value > 0.0 || *name == "talaria.counter.view.age";
            let is_theirs = point.resource["service.name"] == *service;
            point.name == *name && is_theirs && attributes.iter().all(is_said) && happened
        })
    })
}

/// The list has every metric, and what came is as described: unit, kind, buckets, attributes and their words.
pub fn assert_described(points: &[ReceivedPoint]) {
    let mut listed: Vec<&str> = EXPECTED.iter().map(|(name, ..)| *name).collect();
    listed.dedup();
    let described: Vec<&str> = METRICS.iter().map(|metric| metric.name).collect();
    assert_eq!(listed, described, "each metric needs a line here");
    points.iter().for_each(assert_point_described);
}
