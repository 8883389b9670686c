//! One call of a destination, and everything that is noted of it: attempt, statistics, breaker, log, span and metrics.

use store::{Attempt, Outcome};
use telemetry::{CallClass, Span, SpanStart, key};
use tokio::time::Instant;
use uuid::Uuid;

use super::session::{Due, Session};
use crate::destination::CallResult;

impl<'a> Session<'a> {
    pub(super) async fn call(&self, due: &Due<'a>) -> (CallResult, Attempt) {
        let at = self.deliverer.clock.now();
        let began = Instant::now();
        let key = due.effect.idempotency_key_for(due.work.generation);
        let statistics = &self.deliverer.statistics;
        let under_way = statistics.begin(&self.destination.id);
        let span = self.begin_span(due, key);
        let timer = self.deliverer.telemetry.metrics().timer();
        let result = self
            .deliverer
            .caller
            .call(self.destination, due.call, key, span.context())
            .await;
        let metrics = self.deliverer.telemetry.metrics();
        metrics.called(timer, &self.destination.id, class(result.outcome));
        end_span(span, &result);
        let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let attempt = Attempt {
            number: due.work.attempts + 1,
            generation: due.work.generation,
            may_be_done: result.may_be_done,
            at,
            took_ms,
            outcome: result.outcome,
            status: result.status(),
            note: result.note.clone(),
        };
        drop(under_way);
        self.note_attempt(due, &attempt);
        (result, attempt)
    }

    fn note_attempt(&self, due: &Due<'_>, attempt: &Attempt) {
        let (deliverer, destination) = (self.deliverer, self.destination.id.as_str());
        let now = deliverer.clock.now();
        deliverer.statistics.note(destination, attempt, now);
        deliverer.breakers.note(destination, attempt.outcome);
        deliverer.evidence.note(destination, attempt);
        if attempt.outcome == Outcome::Done {
            let since_event = now.since(self.event.received.update.event_time());
            let metrics = deliverer.telemetry.metrics();
            metrics.delivered(destination, since_event);
        }
        self.log_call(due, attempt);
    }

    /// What worked is told in detail only when asked; the ledger has it.
    fn log_call(&self, due: &Due<'_>, attempt: &Attempt) {
        let (destination, route) = (&self.destination.id, &due.effect.route.name);
        let (identity, number, took_ms) = (self.event.identity(), attempt.number, attempt.took_ms);
        if attempt.outcome == Outcome::Done {
            tracing::debug!(
                destination,
                route,
                identity,
                number,
                took_ms,
                "{}",
                attempt.note
            );
        } else {
            tracing::warn!(destination, route, identity, number, took_ms, outcome = ?attempt.outcome, "{}", attempt.note);
        }
    }

    /// Who is called and why. Not with what: paths and queries hold ids of items and users.
    fn begin_span(&self, due: &Due<'_>, effect_key: Uuid) -> Span {
        let (method, destination) = (due.call.method.as_str(), self.destination);
        let start = SpanStart::call(method, &destination.id).parent(self.event.trace);
        let mut span = self.deliverer.telemetry.tracer().start(start);
        if !span.is_recording() {
            return span;
        }
        span.set(key::HTTP_METHOD, method);
        span.set(key::URL_SCHEME, destination.url.scheme());
        if let Some(host) = destination.url.host_str() {
            span.set(key::SERVER_ADDRESS, host);
        }
        if let Some(port) = destination.url.port_or_known_default() {
            span.set(key::SERVER_PORT, port);
        }
        span.set(key::DESTINATION, destination.id.as_str());
        span.set(key::ROUTE, due.effect.route.name.as_str());
        span.set(key::EFFECT_KEY, effect_key.to_string());
        span
    }
}

fn end_span(mut span: Span, result: &CallResult) {
    span.set(key::OUTCOME, class(result.outcome).word());
    if let Some(status) = result.status() {
        span.set(key::HTTP_STATUS, status);
    }
    if result.outcome != Outcome::Done {
        span.fail(match (result.status(), result.no_answer) {
            (Some(status), _) => status_class(status),
            (None, Some(no_answer)) => no_answer.word(),
            (None, None) => "_OTHER",
        });
    }
    span.end();
}

fn class(outcome: Outcome) -> CallClass {
    match outcome {
        Outcome::Done => CallClass::Done,
        Outcome::Retry => CallClass::Retry,
        Outcome::Setup => CallClass::Setup,
        Outcome::Reject => CallClass::Reject,
        Outcome::Unknown => CallClass::Unknown,
    }
}

/// The statuses that operators look for by themselves; the others by their hundred. The span has the exact one as well.
fn status_class(status: u16) -> &'static str {
    match status {
        400 => "400",
        401 => "401",
        403 => "403",
        404 => "404",
        408 => "408",
        409 => "409",
        422 => "422",
        429 => "429",
        500 => "500",
        502 => "502",
        503 => "503",
        504 => "504",
        _ => match status / 100 {
            2 => "2xx",
            3 => "3xx",
            4 => "4xx",
            5 => "5xx",
            _ => "_OTHER",
        },
    }
}
