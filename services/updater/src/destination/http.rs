//! One call to an HTTP API.

use std::sync::Arc;
use std::time::Duration;

use events::{Clock, Timestamp};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, Response};
use store::{Answer, Outcome};
use uuid::Uuid;
use web::TraceContext;

use super::AddressGuard;
use super::answer::{classify, may_be_done};
use super::credentials::{Credentials, header_of};
use super::failure::{NoAnswer, failure};
use super::redaction::keepable;
use super::retry_after::not_before;
use crate::effect::PlannedCall;
use crate::routes::{self, Destination};
use crate::secret::SecretText;

/// The most that is read of an answer; it is only classified and, when it is bad, kept in part.
const ANSWER_BYTES_READ: usize = 64 << 10;

/// Makes calls.
pub struct HttpCaller {
    client: Client,
    credentials: Arc<Credentials>,
    clock: Arc<dyn Clock>,
}

/// What a call came to.
#[derive(Clone, Debug)]
pub struct CallResult {
    /// Its class.
    pub outcome: Outcome,
    /// The answer, if one came: its body shortened and redacted, or empty where everything is done.
    pub answer: Option<Answer>,
    /// Why none came.
    pub no_answer: Option<NoAnswer>,
    /// The API's own wish when to be called again.
    pub not_before: Option<Timestamp>,
    /// False only if it is certain that the destination didn't do it: refused, or never sent.
    pub may_be_done: bool,
    /// What happened, in words without content.
    pub note: String,
}

/// The client for calls to destinations: guarded addresses, no redirects, no proxy from the environment.
pub fn client(connect_timeout: Duration) -> reqwest::Result<Client> {
    Client::builder()
        .dns_resolver(Arc::new(AddressGuard))
        .redirect(Policy::none())
        .no_proxy()
        .connect_timeout(connect_timeout)
        .user_agent(concat!("Talaria/", env!("CARGO_PKG_VERSION")))
        .build()
}

impl HttpCaller {
    /// Calls through `client` with secrets and tokens from `credentials`.
    pub fn new(client: Client, credentials: Arc<Credentials>, clock: Arc<dyn Clock>) -> Self {
        Self {
            client,
            credentials,
            clock,
        }
    }

    /// Makes the call and says what it came to. Takes no longer than the destination's timeout, once there is a secret or token
    /// to make it with; a call that could be sent without one's full time would be one of unknown outcome too easily. The API
    /// is told of `trace`, so that its log can be joined with the tag's.
    pub async fn call(
        &self,
        destination: &Destination,
        call: &PlannedCall,
        key: Uuid,
        trace: Option<TraceContext>,
    ) -> CallResult {
        let secret = match self.credentials.get(&destination.auth).await {
            Ok(secret) => secret,
            Err(reason) => {
                return CallResult::unsent(Outcome::Setup, NoAnswer::NoCredentials, reason);
            }
        };
        let mut request = match self.request(destination, call, key, secret.as_ref()) {
            Ok(request) => request,
            Err(reason) => {
                return CallResult::unsent(Outcome::Setup, NoAnswer::Unbuildable, reason);
            }
        };
        if let Some(trace) = trace {
            request = request.header("traceparent", trace.to_string());
        }
        let sent = request.timeout(destination.timeout).send().await;
        let result = match sent {
            Ok(response) => self.read(destination, response, secret.as_ref()).await,
            Err(error) => failure(destination, &error),
        };
        if let (Some(401), Some(secret)) = (result.status(), &secret) {
            self.credentials.refused(&destination.auth, secret);
        }
        result
    }

    fn request(
        &self,
        destination: &Destination,
        call: &PlannedCall,
        key: Uuid,
        secret: Option<&SecretText>,
    ) -> Result<RequestBuilder, String> {
        let method = method(call.method);
        let address = destination
            .address(&call.path_and_query)
            .map_err(|error| format!("the address is none: {error}"))?;
        let mut headers = HeaderMap::new();
        let fixed = destination.headers.iter();
        let computed = call
            .headers
            .iter()
            .map(|header| (&header.name, &header.value));
        for (name, value) in fixed.chain(computed) {
            headers.insert(header_name(name)?, header_value(name, value)?);
        }
        headers.insert(
            "idempotency-key",
            header_value("Idempotency-Key", &key.to_string())?,
        );
        if call.body.is_some() {
            headers
                .entry(CONTENT_TYPE)
                .or_insert(HeaderValue::from_static("application/json"));
        }
        if let Some(secret) = secret
            && let Some((name, value)) = header_of(&destination.auth, secret)?
        {
            headers.insert(name, value);
        }
        let request = self.client.request(method, address).headers(headers);
        Ok(match &call.body {
            Some(body) => request.body(body.clone()),
            None => request,
        })
    }

    async fn read(
        &self,
        destination: &Destination,
        mut response: Response,
        secret: Option<&SecretText>,
    ) -> CallResult {
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let mut body = Vec::new();
        let mut broken = None;
        while body.len() < ANSWER_BYTES_READ {
            match response.chunk().await {
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => break,
                Err(error) => {
                    broken = Some(error);
                    break;
                }
            }
        }
        let is_whole = broken.is_none();
        // A status has come, so the API has decided; that the rest of its answer got lost changes nothing, unless
        // a rule looks into the body.
        if let Some(error) =
            broken.filter(|_| destination.responses.iter().any(|rule| rule.body.is_some()))
        {
            return failure(destination, &error);
        }
        let header = |name: &str| {
            headers
                .get(name)
                .and_then(|value| Some(value.to_str().ok()?.to_owned()))
        };
        let outcome = classify(
            destination,
            status,
            &header,
            &String::from_utf8_lossy(&body),
        );
        let wished =
            header(RETRY_AFTER.as_str()).and_then(|value| not_before(&value, self.clock.now()));
        let body = match outcome {
            // The usual answer, which nobody keeps.
            Outcome::Done => String::new(),
            _ => keepable(&body, secret.map(SecretText::expose), is_whole),
        };
        CallResult {
            outcome,
            answer: Some(Answer { status, body }),
            no_answer: None,
            not_before: wished.filter(|_| outcome == Outcome::Retry),
            may_be_done: may_be_done(status),
            note: format!("answered {status}"),
        }
    }
}

impl CallResult {
    pub(super) fn unsent(outcome: Outcome, class: NoAnswer, note: String) -> Self {
        Self {
            outcome,
            answer: None,
            no_answer: Some(class),
            not_before: None,
            may_be_done: false,
            note,
        }
    }

    /// The answer's status, if one came.
    pub fn status(&self) -> Option<u16> {
        self.answer.as_ref().map(|answer| answer.status)
    }
}

fn method(method: routes::Method) -> Method {
    match method {
        routes::Method::Get => Method::GET,
        routes::Method::Post => Method::POST,
        routes::Method::Put => Method::PUT,
        routes::Method::Patch => Method::PATCH,
        routes::Method::Delete => Method::DELETE,
    }
}

pub(super) fn header_name(name: &str) -> Result<HeaderName, String> {
    name.parse()
        .map_err(|_| format!("{name} is no header name"))
}

pub(super) fn header_value(name: &str, value: &str) -> Result<HeaderValue, String> {
    HeaderValue::from_str(value)
        .map_err(|_| format!("the value of {name} can't be sent in a header"))
}
