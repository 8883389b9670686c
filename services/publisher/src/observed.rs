//! What the publisher records: each event by what became of it, each refused request by its reason, and the span of each
//! event on its way to the bus, whose place in the trace the message carries on.

use actix_web::ResponseError;
use actix_web::http::StatusCode;
use events::{BackendUpdate, PersonalData, Redacted};
use serde_json::Value;
use telemetry::{EventType, PublishOutcome, RedactionKind, RefusalReason, Span, SpanStart, key};
use web::{Problem, TraceContext, describe_event};

use crate::startup::State;

/// The embedded bus speaks the same.
const MESSAGING_SYSTEM: &str = "gcp_pubsub";

/// Why an event was not taken: in a word, and as its sender is told.
#[derive(Debug)]
pub(crate) struct NotTaken {
    pub outcome: PublishOutcome,
    pub problem: Problem,
}

impl NotTaken {
    pub(crate) fn new(outcome: PublishOutcome, problem: Problem) -> Self {
        Self { outcome, problem }
    }
}

impl State {
    /// Counts a request that is refused before any event of it is known.
    pub(crate) fn refused(&self, problem: Problem) -> Problem {
        let reason = match problem.status_code() {
            StatusCode::UNAUTHORIZED => RefusalReason::Unauthenticated,
            StatusCode::REQUEST_TIMEOUT => RefusalReason::TooSlow,
            StatusCode::PAYLOAD_TOO_LARGE => RefusalReason::TooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => RefusalReason::UnsupportedType,
            StatusCode::TOO_MANY_REQUESTS => RefusalReason::RateLimited,
            StatusCode::SERVICE_UNAVAILABLE => RefusalReason::Overloaded,
            _ => RefusalReason::Unreadable,
        };
        self.telemetry().metrics().request_refused(reason);
        problem
    }

    /// The same where the caller is not let in.
    pub(crate) fn refused_caller(&self, problem: Problem) -> Problem {
        if problem.status_code() != StatusCode::SERVICE_UNAVAILABLE {
            return self.refused(problem);
        }
        let reason = RefusalReason::UncheckedCaller;
        self.telemetry().metrics().request_refused(reason);
        problem
    }

    /// Counts an event of a batch that can't be read.
    pub(crate) fn unreadable(&self, problem: Problem) -> Problem {
        let outcome = match problem.status_code() {
            StatusCode::PAYLOAD_TOO_LARGE => PublishOutcome::TooLarge,
            _ => PublishOutcome::Invalid,
        };
        self.telemetry().metrics().event_read(None, outcome);
        problem
    }

    /// What an event is counted as; nothing if nobody counts.
    pub(crate) fn type_counted(&self, event: &Value) -> Option<&'static str> {
        if !self.telemetry().metrics().is_on() {
            return None;
        }
        let event_type = event.get("eventType")?.as_str()?;
        Some(EventType::of(event_type).word())
    }

    /// Counts the values of an event that are not in its message.
    pub(crate) fn count_redacted(&self, redacted: &Redacted) {
        let metrics = self.telemetry().metrics();
        for (found, kind) in [
            (PersonalData::Email, RedactionKind::Email),
            (PersonalData::CardNumber, RedactionKind::Card),
            (PersonalData::PhoneNumber, RedactionKind::Phone),
        ] {
            metrics.redacted(kind, redacted.values(found));
        }
    }

    /// Begins an event's way to the bus, as part of its request.
    pub(crate) fn begin_sending(&self, update: &BackendUpdate, trace: TraceContext) -> Span {
        let topic = self.settings.topic.as_str();
        let start = SpanStart::send(topic).parent(Some(trace));
        let mut span = self.telemetry().tracer().start(start);
        if span.is_recording() {
            span.set(key::MESSAGING_SYSTEM, MESSAGING_SYSTEM);
            span.set(key::MESSAGING_OPERATION, "send");
            span.set(key::MESSAGING_TOPIC, topic);
        }
        describe_event(&mut span, update);
        span
    }

    fn telemetry(&self) -> &telemetry::Telemetry {
        &self.dependencies.telemetry
    }
}

/// Says what became of it.
pub(crate) fn end_sending(mut span: Span, message_id: Result<&str, &NotTaken>) {
    match message_id {
        Ok(message_id) => {
            span.set(key::MESSAGING_MESSAGE_ID, message_id);
            span.set(key::OUTCOME, PublishOutcome::Accepted.word());
        }
        Err(not_taken) => {
            span.set(key::OUTCOME, not_taken.outcome.word());
            span.fail(not_taken.outcome.word());
        }
    }
    span.end();
}
