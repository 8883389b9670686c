//! From an event to a line: what it says itself, what the spans around it say, and which trace it belongs to.

use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::fields::{Fields, Value};
use crate::{json, text};

/// How lines look.
pub(crate) enum Format {
    Text { colours: bool },
    Json { google_project: Option<String> },
}

/// Writes a line for each event.
pub(crate) struct Lines<W> {
    pub(crate) format: Format,
    pub(crate) write: W,
}

/// Everything that a line can tell.
pub(crate) struct Line {
    /// RFC 3339.
    pub(crate) time: String,
    pub(crate) metadata: &'static Metadata<'static>,
    pub(crate) message: Option<String>,
    pub(crate) trace: Option<Trace>,
    /// The event's own fields; where a span has one of the same name, it is not in `of_spans`.
    pub(crate) fields: Fields,
    /// The fields of the spans around the event, of the inner span where several have one.
    pub(crate) of_spans: Fields,
}

/// The trace that a line belongs to.
pub(crate) struct Trace {
    pub(crate) trace_id: u128,
    pub(crate) span_id: Option<u64>,
    pub(crate) sampled: Option<bool>,
}

impl<S, W> Layer<S> for Lines<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: Fn(&str) + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        // Before the span is locked: the values' own code runs here, and might log.
        let mut fields = Fields::default();
        values.record(&mut fields);
        if let Some(span) = context.span(id)
            && let Some(known) = span.extensions_mut().get_mut::<Fields>()
        {
            known.merge(&fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let mut of_spans = Fields::default();
        for span in context
            .event_scope(event)
            .into_iter()
            .flat_map(|scope| scope.from_root())
        {
            if let Some(more) = span.extensions().get::<Fields>() {
                of_spans.merge(more);
            }
        }
        let line = Line::new(event.metadata(), fields, of_spans);
        (self.write)(&match &self.format {
            Format::Text { colours } => text::line(&line, *colours),
            Format::Json { google_project } => json::line(&line, google_project.as_deref()),
        });
    }
}

impl Line {
    fn new(metadata: &'static Metadata<'static>, mut fields: Fields, mut of_spans: Fields) -> Self {
        let message = fields.take("message", |value| Some(value.to_string()));
        let trace = Trace::take_from(&mut of_spans);
        for (name, _) in fields.iter() {
            of_spans.take(name, |_| Some(()));
        }
        Self {
            time: now(),
            metadata,
            message,
            trace,
            fields,
            of_spans,
        }
    }
}

impl Trace {
    fn take_from(fields: &mut Fields) -> Option<Self> {
        // By type as well: another library's span may have a text of that name.
        let trace_id = fields.take("trace_id", |value| match value {
            Value::Wide(trace_id) => Some(*trace_id),
            _ => None,
        })?;
        let span_id = fields.take("span_id", |value| match value {
            Value::Unsigned(span_id) => Some(*span_id),
            _ => None,
        });
        let sampled = fields.take("sampled", |value| match value {
            Value::Flag(sampled) => Some(*sampled),
            _ => None,
        });
        Some(Self {
            trace_id,
            span_id,
            sampled,
        })
    }
}

fn now() -> String {
    let mut time = String::with_capacity(32);
    // Only writing could fail, and a string takes everything.
    let _ = SystemTime.format_time(&mut Writer::new(&mut time));
    time
}
