//! Spans: what a process did for one event, with an explicit parent each. There is no current span; who works for somebody
//! is handed the trace, or the span.
//!
//! Off, a span is the trace it was begun in and nothing else: nothing is allocated, no clock is read, nothing is recorded.

mod vocabulary;

#[cfg(test)]
mod tests;

use std::time::SystemTime;

use opentelemetry::trace::{
    Link, Span as _, SpanKind as SdkKind, Status, TraceContextExt, Tracer as _,
};
use opentelemetry::{Context, KeyValue, Value};
use opentelemetry_sdk::trace::SdkTracer;

use crate::TraceContext;
pub use vocabulary::{SPANS, SpanDescription, SpanKey, SpanKind, key};

/// Begins spans; cloning shares where they go. The default is off.
#[derive(Clone, Default)]
pub struct Tracer(Option<SdkTracer>);

/// A point in time for a span that is told of later; nothing if spans are off.
#[derive(Clone, Copy, Debug)]
pub struct Moment(Option<SystemTime>);

/// What a span begins with.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct SpanStart<'a> {
    description: &'static SpanDescription,
    name: [&'a str; 2],
    parent: Option<TraceContext>,
    link: Option<TraceContext>,
    began: Option<Moment>,
}

impl<'a> SpanStart<'a> {
    const fn of(description: &'static SpanDescription, name: [&'a str; 2]) -> Self {
        Self {
            description,
            name,
            parent: None,
            link: None,
            began: None,
        }
    }

    /// `{method} {route}`: a request. A path that no route has is none.
    pub const fn request(method: &'a str, route: Option<&'a str>) -> Self {
        let route = match route {
            Some(route) => route,
            None => "",
        };
        Self::of(&vocabulary::REQUEST, [method, route])
    }

    /// `send {topic}`: an event goes to the bus.
    pub const fn send(topic: &'a str) -> Self {
        Self::of(&vocabulary::SEND, ["send", topic])
    }

    /// `process {subscription}`: a push is worked.
    pub const fn process(subscription: &'a str) -> Self {
        Self::of(&vocabulary::PROCESS, ["process", subscription])
    }

    /// `{method} {destination}`: an API is called.
    pub const fn call(method: &'a str, destination: &'a str) -> Self {
        Self::of(&vocabulary::CALL, [method, destination])
    }

    /// `claim {destination}`: the ledger is asked.
    pub const fn claim(destination: &'a str) -> Self {
        Self::of(&vocabulary::CLAIM, ["claim", destination])
    }

    /// `settle {destination}`: the ledger is told.
    pub const fn settle(destination: &'a str) -> Self {
        Self::of(&vocabulary::SETTLE, ["settle", destination])
    }

    /// `drain {destination}`: a held message is worked.
    pub const fn drain(destination: &'a str) -> Self {
        Self::of(&vocabulary::DRAIN, ["drain", destination])
    }

    /// `commit tallies`: an event's part of a group commit.
    pub const fn commit() -> Self {
        Self::of(&vocabulary::COMMIT, ["commit", "tallies"])
    }

    /// The span that this one is part of. Without one it begins a trace of its own.
    pub const fn parent(mut self, parent: Option<TraceContext>) -> Self {
        self.parent = parent;
        self
    }

    /// Another trace that has to do with it.
    pub const fn link(mut self, link: Option<TraceContext>) -> Self {
        self.link = link;
        self
    }

    /// It began then, not now.
    pub const fn began(mut self, began: Moment) -> Self {
        self.began = Some(began);
        self
    }

    fn name(&self) -> String {
        match self.name {
            [name, ""] => name.to_owned(),
            [first, second] => format!("{first} {second}"),
        }
    }
}

impl Tracer {
    pub(crate) fn of(tracer: SdkTracer) -> Self {
        Self(Some(tracer))
    }

    /// Whether spans are recorded at all. For what costs something to find out; else simply begin one.
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// The time now, for [`SpanStart::began`] and [`Span::end_at`].
    pub fn now(&self) -> Moment {
        Moment(self.0.as_ref().map(|_| opentelemetry::time::now()))
    }

    /// Begins a span, which ends when it is dropped or told to. Off, it only passes its parent on.
    pub fn start(&self, start: SpanStart<'_>) -> Span {
        let Some(tracer) = &self.0 else {
            return Span {
                recording: None,
                context: start.parent,
            };
        };
        let mut builder =
            tracer
                .span_builder(start.name())
                .with_kind(match start.description.kind {
                    SpanKind::Server => SdkKind::Server,
                    SpanKind::Client => SdkKind::Client,
                    SpanKind::Producer => SdkKind::Producer,
                    SpanKind::Consumer => SdkKind::Consumer,
                    SpanKind::Internal => SdkKind::Internal,
                });
        if let Some(link) = start.link {
            builder = builder.with_links(vec![Link::with_context(link.to_remote())]);
        }
        if let Some(Moment(Some(began))) = start.began {
            builder = builder.with_start_time(began);
        }
        // An empty context, never the current one: who began something else on this thread has nothing to do with it.
        let parent = match start.parent {
            Some(parent) => Context::new().with_remote_span_context(parent.to_remote()),
            None => Context::new(),
        };
        let span = tracer.build_with_context(builder, &parent);
        let context = TraceContext::of_span(span.span_context()).or(start.parent);
        let recording = span.is_recording().then(|| {
            Box::new(Recording {
                span,
                description: start.description,
            })
        });
        Span { recording, context }
    }
}

/// Something that is being done. It ends when it is dropped, or told to.
#[derive(Debug, Default)]
pub struct Span {
    recording: Option<Box<Recording>>,
    context: Option<TraceContext>,
}

#[derive(Debug)]
struct Recording {
    span: opentelemetry_sdk::trace::Span,
    description: &'static SpanDescription,
}

impl Span {
    /// The trace, for whatever is done on behalf of this: its own place in it, or its parent's if spans are off. `None` if
    /// they are off and it had no parent.
    pub fn context(&self) -> Option<TraceContext> {
        self.context
    }

    /// Whether what is set is kept. For what costs something to find out; else simply set it.
    pub fn is_recording(&self) -> bool {
        self.recording.is_some()
    }

    /// Says something about it. The vocabulary lists which keys a span has.
    pub fn set(&mut self, key: SpanKey, value: impl SpanValue) {
        let Some(recording) = &mut self.recording else {
            return;
        };
        debug_assert!(
            recording.description.attributes.contains(&key),
            "{} is no attribute of {:?}",
            key.word(),
            recording.description.name
        );
        let value = value.into_value();
        recording
            .span
            .set_attribute(KeyValue::new(key.word(), value));
    }

    /// It went wrong. `class` is a word for what went wrong, of a list that has an end: never a text of somebody else's.
    pub fn fail(&mut self, class: &'static str) {
        self.set(key::ERROR_TYPE, class);
        if let Some(recording) = &mut self.recording {
            recording.span.set_status(Status::error(""));
        }
    }

    /// It is over now.
    pub fn end(self) {
        drop(self);
    }

    /// It was over then.
    pub fn end_at(mut self, ended: Moment) {
        if let (Some(recording), Some(ended)) = (&mut self.recording, ended.0) {
            recording.span.end_with_timestamp(ended);
        }
    }
}

/// What can be said of a span.
pub trait SpanValue {
    #[doc(hidden)]
    fn into_value(self) -> Value;
}

macro_rules! values {
    ($($type:ty: $value:ident => $made:expr;)+) => {
        $(impl SpanValue for $type {
            fn into_value(self) -> Value {
                let $value = self;
                $made
            }
        })+
    };
}

values! {
    &str: value => value.to_owned().into();
    String: value => value.into();
    bool: value => value.into();
    i64: value => value.into();
    u16: value => i64::from(value).into();
    u32: value => i64::from(value).into();
    u64: value => i64::try_from(value).unwrap_or(i64::MAX).into();
    usize: value => i64::try_from(value).unwrap_or(i64::MAX).into();
}
