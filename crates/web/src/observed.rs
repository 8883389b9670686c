//! A request as spans and metrics see it: most are a server span each, pushes are counted and are the span of their
//! message instead, and health is nothing at all.

#[cfg(test)]
mod tests;

use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::{Error, HttpMessage, HttpRequest};
use bus::Push;
use telemetry::{Moment, PushAnswer, Span, SpanStart, Telemetry, TraceContext, key};

use crate::trace::{note_message, trace_of_head, trace_of_message};

/// Asked too often to be worth a span.
const HEALTH: &str = "/health";
/// What pushes come from. The embedded bus speaks the same.
const MESSAGING_SYSTEM: &str = "gcp_pubsub";

/// What a server records of its requests.
#[derive(Clone, Default)]
pub struct Observation {
    /// Where it is recorded.
    pub telemetry: Telemetry,
    /// The addresses that take pushes, and everything below them.
    pub push_paths: &'static [&'static str],
    /// Addresses whose requests are no spans, beside those of health.
    pub silent_paths: &'static [&'static str],
}

/// One request, from its head to the head of its answer.
pub(crate) enum Observed {
    Nothing,
    Request(Span),
    Push {
        telemetry: Telemetry,
        began: Moment,
        parent: Option<TraceContext>,
    },
}

/// What is known to the handlers of a request; kept with it.
struct Known {
    trace: Option<TraceContext>,
    telemetry: Telemetry,
    began: Moment,
    /// Of a push, as soon as it was read.
    subscription: Option<String>,
}

/// The trace that a request belongs to: this server's span of it where spans are on, else what its head names.
pub fn trace_of_request(request: &HttpRequest) -> Option<TraceContext> {
    match request.extensions().get::<Known>() {
        Some(known) => known.trace,
        None => trace_of_head(request.headers()),
    }
}

/// Begins the span of a push that was read, as part of its message's trace, and puts it on the log's lines. The trace that
/// the delivery's head names is a link; the message's parent where it has none itself.
pub(crate) fn begin_push(request: &HttpRequest, push: &Push) -> Span {
    let (message, delivery) = (trace_of_message(push), trace_of_head(request.headers()));
    let mut extensions = request.extensions_mut();
    let Some(known) = extensions.get_mut::<Known>() else {
        let off = Telemetry::off();
        let span = off.tracer().start(SpanStart::process("").parent(message));
        note_message(push, message);
        return span;
    };
    let subscription = push.subscription.rsplit('/').next().unwrap_or_default();
    known.subscription = Some(subscription.to_owned());
    let start = SpanStart::process(subscription)
        .parent(message.or(delivery))
        .link(message.and(delivery))
        .began(known.began);
    let mut span = known.telemetry.tracer().start(start);
    span.set(key::MESSAGING_SYSTEM, MESSAGING_SYSTEM);
    span.set(key::MESSAGING_OPERATION, "process");
    span.set(key::MESSAGING_SUBSCRIPTION, subscription);
    span.set(key::MESSAGING_MESSAGE_ID, push.message_id.0.as_str());
    if let Some(attempt) = push.delivery_attempt {
        span.set(key::DELIVERY_ATTEMPT, attempt);
    }
    note_message(push, span.context());
    span
}

impl Observation {
    /// Begins to observe a request. Off, and for health, that is nothing.
    pub(crate) fn begin(&self, request: &ServiceRequest) -> Observed {
        let is_silent = || is_below(request.path(), HEALTH) || self.has(self.silent_paths, request);
        if !self.telemetry.is_on() || is_silent() {
            return Observed::Nothing;
        }
        let parent = trace_of_head(request.headers());
        let began = self.telemetry.tracer().now();
        let observed = match self.has(self.push_paths, request) {
            true => Observed::Push {
                telemetry: self.telemetry.clone(),
                began,
                parent,
            },
            false => Observed::Request(server_span(
                &self.telemetry,
                request.request(),
                parent,
                began,
            )),
        };
        let known = Known {
            trace: observed.trace().or(parent),
            telemetry: self.telemetry.clone(),
            began,
            subscription: None,
        };
        request.extensions_mut().insert(known);
        observed
    }

    fn has(&self, paths: &[&str], request: &ServiceRequest) -> bool {
        paths.iter().any(|path| is_below(request.path(), path))
    }
}

impl Observed {
    /// Where it is in its trace, if that is known already and other than what its head names.
    pub(crate) fn trace(&self) -> Option<TraceContext> {
        match self {
            Self::Request(span) => span.context(),
            Self::Push { .. } | Self::Nothing => None,
        }
    }

    /// It was answered.
    pub(crate) fn answered<B>(self, answer: &Result<ServiceResponse<B>, Error>) {
        let status = match answer {
            Ok(response) => response.status(),
            Err(error) => error.as_response_error().status_code(),
        };
        match self {
            Self::Nothing => {}
            Self::Request(span) => end(span, status),
            Self::Push {
                telemetry,
                began,
                parent,
            } => {
                let request = answer.as_ref().ok().map(ServiceResponse::request);
                let subscription = request.and_then(read_subscription);
                telemetry
                    .metrics()
                    .push_answered(subscription.as_deref(), push_answer(status));
                // It never got as far as its message: then the request itself is what can be looked for.
                if let (Some(request), None) = (request, subscription) {
                    end(server_span(&telemetry, request, parent, began), status);
                }
            }
        }
    }
}

fn is_below(path: &str, address: &str) -> bool {
    path.strip_prefix(address)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn read_subscription(request: &HttpRequest) -> Option<String> {
    request.extensions().get::<Known>()?.subscription.clone()
}

/// By the pattern of its address, never the address itself, which holds ids.
fn server_span(
    telemetry: &Telemetry,
    request: &HttpRequest,
    parent: Option<TraceContext>,
    began: Moment,
) -> Span {
    let (method, route) = (known_method(request), request.match_pattern());
    let start = SpanStart::request(method, route.as_deref())
        .parent(parent)
        .began(began);
    let mut span = telemetry.tracer().start(start);
    if !span.is_recording() {
        return span;
    }
    span.set(key::HTTP_METHOD, method);
    if let Some(route) = route {
        span.set(key::HTTP_ROUTE, route);
    }
    let is_https = request.connection_info().scheme() == "https";
    span.set(key::URL_SCHEME, if is_https { "https" } else { "http" });
    span
}

/// Anybody can send any word as a method.
fn known_method(request: &HttpRequest) -> &'static str {
    let known = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
    let is = |method: &&str| *method == request.method().as_str();
    known.into_iter().find(is).unwrap_or("_OTHER")
}

fn end(mut span: Span, status: StatusCode) {
    span.set(key::HTTP_STATUS, status.as_u16());
    if status.is_server_error() {
        span.fail(match status.as_u16() {
            500 => "500",
            502 => "502",
            503 => "503",
            504 => "504",
            _ => "5xx",
        });
    }
    span.end();
}

fn push_answer(status: StatusCode) -> PushAnswer {
    match status.as_u16() {
        401 | 403 => PushAnswer::Unauthenticated,
        429 | 500.. => PushAnswer::Refused,
        400.. => PushAnswer::Invalid,
        _ => PushAnswer::Acknowledged,
    }
}
