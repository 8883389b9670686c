//! The list of metrics: all there are, with their units, attributes and buckets. docs/telemetry.md describes them, and a
//! test compares the two.

use super::words::{
    CallClass, CommitOutcome, CountOutcome, DeathReason, EffectOutcome, EventType, PublishOutcome,
    PushAnswer, RedactionKind, RefusalReason,
};

/// One metric.
#[derive(Debug)]
pub struct MetricDescription {
    /// As it is exported.
    pub name: &'static str,
    /// Its unit in UCUM: `s` for seconds, a word in braces for what is counted.
    pub unit: &'static str,
    /// How it is kept.
    pub kind: InstrumentKind,
    /// What it tells.
    pub what: &'static str,
    /// Its attributes, in the order in which they are recorded.
    pub attributes: &'static [AttributeDescription],
    /// The upper bounds of a histogram's buckets, in its unit.
    pub buckets: &'static [f64],
}

/// How a metric is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstrumentKind {
    /// Only grows.
    Counter,
    /// Grows and shrinks.
    UpDownCounter,
    /// The latest value.
    Gauge,
    /// How often a value was in which bucket.
    Histogram,
}

impl InstrumentKind {
    /// As the documentation has it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::UpDownCounter => "up-down counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// One attribute of a metric.
#[derive(Clone, Copy, Debug)]
pub struct AttributeDescription {
    /// As it is exported.
    pub key: &'static str,
    /// What it can be.
    pub values: Values,
}

/// What an attribute can be.
#[derive(Clone, Copy, Debug)]
pub enum Values {
    /// One of these words.
    Words(&'static [&'static str]),
    /// A name that the operator chose, in the file that this names; beyond two hundred of them `other`.
    Names(&'static str),
}

const fn words(key: &'static str, words: &'static [&'static str]) -> AttributeDescription {
    AttributeDescription {
        key,
        values: Values::Words(words),
    }
}

const DESTINATION: AttributeDescription = AttributeDescription {
    key: "destination",
    values: Values::Names("the routes file's destinations"),
};
const SUBSCRIPTION: AttributeDescription = AttributeDescription {
    key: "subscription",
    values: Values::Names("the topic's subscriptions; `unknown` before a push was read"),
};

/// Answers within the tag's three seconds.
const ANSWER_SECONDS: &[f64] = &[0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 3.0];
/// Calls end at their destination's timeout, which is at most some minutes.
const CALL_SECONDS: &[f64] = &[
    0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0,
];
/// From an event to an API's answer: usually a second, after an outage up to the week after which it is given up.
const DELIVERY_SECONDS: &[f64] = &[
    0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0, 21_600.0, 86_400.0,
    604_800.0,
];
/// On Firestore a commit waits its turn for up to a second.
const COMMIT_SECONDS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];
/// A commit holds at most five hundred.
const COMMIT_EVENTS: &[f64] = &[
    1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 300.0, 400.0, 500.0,
];

const PLAIN: MetricDescription = MetricDescription {
    name: "",
    unit: "",
    kind: InstrumentKind::Counter,
    what: "",
    attributes: &[],
    buckets: &[],
};

macro_rules! metrics {
    ($($constant:ident = { $($field:ident: $value:expr),+ $(,)? })+) => {
        $(
            #[allow(clippy::needless_update, reason = "some say everything, most don't")]
            pub(crate) static $constant: MetricDescription = MetricDescription { $($field: $value,)+ ..PLAIN };)+

        /// Every metric there is.
        pub static METRICS: &[&MetricDescription] = &[$(&$constant,)+];
    };
}

metrics! {
    PUBLISHER_EVENTS = {
        name: "talaria.publisher.events",
        unit: "{event}",
        what: "Events that were read, by what became of them.",
        attributes: &[words("event_type", EventType::WORDS), words("outcome", PublishOutcome::WORDS)],
    }
    PUBLISHER_REFUSALS = {
        name: "talaria.publisher.refusals",
        unit: "{request}",
        what: "Requests that were refused before any event of theirs was known.",
        attributes: &[words("reason", RefusalReason::WORDS)],
    }
    PUBLISHER_PUBLISH_DURATION = {
        name: "talaria.publisher.publish.duration",
        unit: "s",
        kind: InstrumentKind::Histogram,
        what: "From a readable event to the bus' answer, or to the end of the wait for it.",
        attributes: &[words("outcome", PublishOutcome::WORDS)],
        buckets: ANSWER_SECONDS,
    }
    PUBLISHER_REDACTIONS = {
        name: "talaria.publisher.redactions",
        unit: "{value}",
        what: "Values that were redacted or hashed.",
        attributes: &[words("kind", RedactionKind::WORDS)],
    }
    PUSHES = {
        name: "talaria.pushes",
        unit: "{push}",
        what: "Pushes to updater and counter, by how they were answered.",
        attributes: &[SUBSCRIPTION, words("answer", PushAnswer::WORDS)],
    }
    UPDATER_EFFECTS = {
        name: "talaria.updater.effects",
        unit: "{effect}",
        what: "Effects that were worked, by what became of them; one that is tried again counts each time.",
        attributes: &[DESTINATION, words("outcome", EffectOutcome::WORDS)],
    }
    UPDATER_CALL_DURATION = {
        name: "talaria.updater.call.duration",
        unit: "s",
        kind: InstrumentKind::Histogram,
        what: "Calls of destinations, by what their answers meant.",
        attributes: &[DESTINATION, words("class", CallClass::WORDS)],
        buckets: CALL_SECONDS,
    }
    UPDATER_DELIVERY_LATENCY = {
        name: "talaria.updater.delivery.latency",
        unit: "s",
        kind: InstrumentKind::Histogram,
        what: "From an event's own time to the API's answer that settled its effect as done.",
        attributes: &[DESTINATION],
        buckets: DELIVERY_SECONDS,
    }
    UPDATER_LEDGER_HITS = {
        name: "talaria.updater.ledger.hits",
        unit: "{message}",
        what: "Messages whose effects were all settled before: nothing was called.",
        attributes: &[DESTINATION],
    }
    UPDATER_DEAD_LETTERS = {
        name: "talaria.updater.dead_letters",
        unit: "{letter}",
        what: "Dead letters that were kept.",
        attributes: &[words("reason", DeathReason::WORDS), DESTINATION],
    }
    UPDATER_HELD = {
        name: "talaria.updater.held",
        unit: "{message}",
        kind: InstrumentKind::Gauge,
        what: "Messages that are held, to be worked later.",
        attributes: &[DESTINATION],
    }
    UPDATER_HELD_OLDEST_AGE = {
        name: "talaria.updater.held.oldest.age",
        unit: "s",
        kind: InstrumentKind::Gauge,
        what: "How long the oldest held message has been held; 0 when none is.",
        attributes: &[DESTINATION],
    }
    COUNTER_EVENTS = {
        name: "talaria.counter.events",
        unit: "{event}",
        what: "Events that came to be counted, by what became of them.",
        attributes: &[words("outcome", CountOutcome::WORDS)],
    }
    COUNTER_COMMIT_EVENTS = {
        name: "talaria.counter.commit.events",
        unit: "{event}",
        kind: InstrumentKind::Histogram,
        what: "Events of a commit.",
        buckets: COMMIT_EVENTS,
    }
    COUNTER_COMMIT_DURATION = {
        name: "talaria.counter.commit.duration",
        unit: "s",
        kind: InstrumentKind::Histogram,
        what: "Commits of tallies, by how they ended.",
        attributes: &[words("outcome", CommitOutcome::WORDS)],
        buckets: COMMIT_SECONDS,
    }
    COUNTER_VIEW_AGE = {
        name: "talaria.counter.view.age",
        unit: "s",
        kind: InstrumentKind::Gauge,
        what: "How old what the page shows is, while somebody looks at it.",
    }
    COUNTER_STREAMS = {
        name: "talaria.counter.streams",
        unit: "{stream}",
        kind: InstrumentKind::UpDownCounter,
        what: "Browsers that follow the page.",
    }
}
