//! The list of spans: all there are, and what each says. docs/telemetry.md describes them, and a test compares the two.

/// One kind of span.
#[derive(Debug)]
pub struct SpanDescription {
    /// Its name, with what stands for the part that differs in braces.
    pub name: &'static str,
    /// What part of a conversation it is.
    pub kind: SpanKind,
    /// What it is about.
    pub what: &'static str,
    /// What it may say.
    pub attributes: &'static [SpanKey],
}

/// What part of a conversation a span is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanKind {
    /// It answers a request.
    Server,
    /// It makes a request.
    Client,
    /// It puts a message on the bus.
    Producer,
    /// It works a message of the bus.
    Consumer,
    /// Inside one process.
    Internal,
}

impl SpanKind {
    /// As the documentation has it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Client => "client",
            Self::Producer => "producer",
            Self::Consumer => "consumer",
            Self::Internal => "internal",
        }
    }
}

/// The key of an attribute of spans; see [`key`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpanKey(&'static str);

impl SpanKey {
    /// As it is exported.
    pub const fn word(self) -> &'static str {
        self.0
    }
}

/// The keys of spans' attributes. Those without `talaria.` are OpenTelemetry's.
pub mod key {
    use super::SpanKey;

    /// What went wrong, as a word: a status, a class of answers, a reason. Set by [`crate::Span::fail`].
    pub const ERROR_TYPE: SpanKey = SpanKey("error.type");
    /// Such as `POST`.
    pub const HTTP_METHOD: SpanKey = SpanKey("http.request.method");
    /// The pattern of the address, such as `/api/items/{item_id}`.
    pub const HTTP_ROUTE: SpanKey = SpanKey("http.route");
    /// Such as 202.
    pub const HTTP_STATUS: SpanKey = SpanKey("http.response.status_code");
    /// `http` or `https`.
    pub const URL_SCHEME: SpanKey = SpanKey("url.scheme");
    /// The host that is called.
    pub const SERVER_ADDRESS: SpanKey = SpanKey("server.address");
    /// Its port.
    pub const SERVER_PORT: SpanKey = SpanKey("server.port");
    /// `gcp_pubsub`, also of the embedded bus, which speaks the same.
    pub const MESSAGING_SYSTEM: SpanKey = SpanKey("messaging.system");
    /// `send` or `process`.
    pub const MESSAGING_OPERATION: SpanKey = SpanKey("messaging.operation.type");
    /// The topic.
    pub const MESSAGING_TOPIC: SpanKey = SpanKey("messaging.destination.name");
    /// The subscription.
    pub const MESSAGING_SUBSCRIPTION: SpanKey = SpanKey("messaging.destination.subscription.name");
    /// The message's id on the bus.
    pub const MESSAGING_MESSAGE_ID: SpanKey = SpanKey("messaging.message.id");
    /// Which delivery of the message it is, where the bus says so.
    pub const DELIVERY_ATTEMPT: SpanKey = SpanKey("messaging.gcp_pubsub.message.delivery_attempt");
    /// The tag's id of the event.
    pub const EVENT_ID: SpanKey = SpanKey("talaria.event.id");
    /// What happened, such as `purchase`; one of the words of the metrics' `event_type`.
    pub const EVENT_TYPE: SpanKey = SpanKey("talaria.event.type");
    /// The destination's id in the routes file.
    pub const DESTINATION: SpanKey = SpanKey("talaria.destination");
    /// The route's name.
    pub const ROUTE: SpanKey = SpanKey("talaria.route");
    /// The effect's key, as the API gets it in Idempotency-Key.
    pub const EFFECT_KEY: SpanKey = SpanKey("talaria.effect.key");
    /// What became of it, in the words of the metric beside it.
    pub const OUTCOME: SpanKey = SpanKey("talaria.outcome");
    /// Effects of a message, or of a drain.
    pub const EFFECTS: SpanKey = SpanKey("talaria.effects");
    /// Events of a batch or a commit.
    pub const EVENTS: SpanKey = SpanKey("talaria.events");
}

use key::{
    DELIVERY_ATTEMPT, DESTINATION, EFFECT_KEY, EFFECTS, ERROR_TYPE, EVENT_ID, EVENT_TYPE, EVENTS,
    HTTP_METHOD, HTTP_ROUTE, HTTP_STATUS, MESSAGING_MESSAGE_ID, MESSAGING_OPERATION,
    MESSAGING_SUBSCRIPTION, MESSAGING_SYSTEM, MESSAGING_TOPIC, OUTCOME, ROUTE, SERVER_ADDRESS,
    SERVER_PORT, URL_SCHEME,
};

macro_rules! spans {
    ($($constant:ident = $kind:ident $name:literal, $what:literal, [$($key:ident),* $(,)?];)+) => {
        $(pub(crate) static $constant: SpanDescription = SpanDescription {
            name: $name, kind: SpanKind::$kind, what: $what, attributes: &[$($key,)* ERROR_TYPE],
        };)+

        /// Every span there is.
        pub static SPANS: &[&SpanDescription] = &[$(&$constant,)+];
    };
}

spans! {
    REQUEST = Server "{method} {route}", "A request, from its head to the head of its answer. Not health, the live stream, pushes, or what was answered 401.",
        [HTTP_METHOD, HTTP_ROUTE, HTTP_STATUS, URL_SCHEME];
    SEND = Producer "send {topic}", "An event on its way to the bus, until it is durable.",
        [MESSAGING_SYSTEM, MESSAGING_OPERATION, MESSAGING_TOPIC, MESSAGING_MESSAGE_ID, EVENT_ID, EVENT_TYPE, OUTCOME];
    PROCESS = Consumer "process {subscription}", "A push, from its head until what is to be done for its message is done. It belongs to the message's trace; the delivery's own is a link.",
        [MESSAGING_SYSTEM, MESSAGING_OPERATION, MESSAGING_SUBSCRIPTION, MESSAGING_MESSAGE_ID, DELIVERY_ATTEMPT, EVENT_ID, EVENT_TYPE, DESTINATION, EFFECTS, OUTCOME];
    CALL = Client "{method} {destination}", "A call of an API, until its answer was read.",
        [HTTP_METHOD, SERVER_ADDRESS, SERVER_PORT, URL_SCHEME, HTTP_STATUS, DESTINATION, ROUTE, EFFECT_KEY, OUTCOME];
    CLAIM = Internal "claim {destination}", "The ledger is asked for the right to work an event's effects.",
        [DESTINATION, EFFECTS, OUTCOME];
    SETTLE = Internal "settle {destination}", "What became of effects is written down in the ledger.",
        [DESTINATION, EFFECTS, OUTCOME];
    DRAIN = Consumer "drain {destination}", "A held message is worked. It belongs to the message's trace; the drain's own is a link.",
        [DESTINATION, EVENT_ID, EVENT_TYPE, EFFECTS, OUTCOME];
    COMMIT = Internal "commit tallies", "The commit that counted an event, as part of the event's trace: every sampled event of a commit has one, up to a hundred.",
        [EVENTS, OUTCOME];
}
