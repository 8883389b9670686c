//! Protobuf over HTTP.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode};

use super::transport::{Authorization, MOST_ANSWER_BYTES, SendError, Signal, Transport};
use crate::{OtlpError, Protocol, Target, Targets};

/// The longest to wait for a connection.
const CONNECT_WITHIN: Duration = Duration::from_secs(3);

/// Sends protobuf over HTTP.
pub struct HttpTransport {
    client: Client,
    traces: Option<Target>,
    metrics: Option<Target>,
    headers: HeaderMap,
    authorization: Option<Arc<dyn Authorization>>,
}

/// The transport of a program without Google's clients: protobuf over HTTP, to any receiver but Google's own.
pub fn http_transport(targets: &Targets) -> Result<Arc<dyn Transport>, OtlpError> {
    if targets.protocol == Protocol::Grpc {
        return Err(OtlpError::Unsupported(
            "otlp.protocol is grpc (OTEL_EXPORTER_OTLP_PROTOCOL), which this program can't speak: set it to \
             http/protobuf and otlp.endpoint to the receiver's HTTP port, which is 4318 by custom"
                .into(),
        ));
    }
    if targets.need_google() {
        return Err(OtlpError::Unsupported(
            "otlp.endpoint is Google's own (OTEL_EXPORTER_OTLP_ENDPOINT), and this program can't get Google's tokens: name \
             a collector that forwards to it"
                .into(),
        ));
    }
    Ok(Arc::new(HttpTransport::new(targets)?))
}

impl HttpTransport {
    /// Connects when first used.
    pub fn new(targets: &Targets) -> Result<Self, OtlpError> {
        let client = Client::builder()
            // A redirect would take headers that are secrets to somebody else.
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT_WITHIN)
            .build()
            .map_err(|error| {
                OtlpError::Unsupported(format!("can't set up the client for OTLP: {error}"))
            })?;
        let mut headers = HeaderMap::new();
        for (name, value) in &targets.headers {
            let (name, mut value) =
                header(name, value.expose()).ok_or_else(|| OtlpError::Setting {
                    name: "headers",
                    fault: format!("has a value for {name} that is none"),
                    variable: "OTEL_EXPORTER_OTLP_HEADERS",
                })?;
            value.set_sensitive(true);
            headers.append(name, value);
        }
        Ok(Self {
            client,
            traces: targets.traces.clone(),
            metrics: targets.metrics.clone(),
            headers,
            authorization: None,
        })
    }

    /// The same, with headers that Google's own receiver is sent, and no other.
    pub fn with_google_authorization(mut self, authorization: Arc<dyn Authorization>) -> Self {
        self.authorization = Some(authorization);
        self
    }

    async fn headers(&self, target: &Target) -> Result<HeaderMap, SendError> {
        let mut headers = self.headers.clone();
        if let Some(authorization) = self.authorization.as_ref().filter(|_| target.is_google()) {
            for (name, value) in authorization.headers().await? {
                let header = header(&name, &value);
                let (name, mut value) = header.ok_or_else(|| SendError::Never {
                    reason: "what Google gave to prove who sends is no header".into(),
                })?;
                value.set_sensitive(true);
                headers.insert(name, value);
            }
        }
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/x-protobuf"),
        );
        Ok(headers)
    }
}

#[async_trait]
impl Transport for HttpTransport {
    async fn send(&self, signal: Signal, request: Bytes) -> Result<Bytes, SendError> {
        let target = match signal {
            Signal::Traces => &self.traces,
            Signal::Metrics => &self.metrics,
        };
        let Some(target) = target else {
            return Ok(Bytes::new());
        };
        let headers = self.headers(target).await?;
        let sent = self
            .client
            .post(target.url.clone())
            .headers(headers)
            .body(request)
            .send()
            .await;
        let answer = sent.map_err(|error| SendError::Later {
            reason: format!(
                "the receiver can't be reached ({})",
                innermost(&error.without_url())
            ),
            after: None,
        })?;
        match refusal(answer.status(), answer.headers()) {
            Some(refused) => Err(refused),
            None => Ok(body(answer).await),
        }
    }
}

/// The answer's body, as far as it is read. It was taken already, so a body that breaks off is no failure.
async fn body(mut answer: Response) -> Bytes {
    let mut body = BytesMut::new();
    while let Ok(Some(more)) = answer.chunk().await {
        if body.len() + more.len() > MOST_ANSWER_BYTES {
            break;
        }
        body.extend_from_slice(&more);
    }
    body.freeze()
}

/// What the standard has senders do about a status.
fn refusal(status: StatusCode, headers: &HeaderMap) -> Option<SendError> {
    if status.is_success() {
        return None;
    }
    let reason = format!("the receiver answered {}", status.as_u16());
    Some(match status.as_u16() {
        429 | 502 | 503 | 504 => SendError::Later {
            reason,
            after: headers
                .get(RETRY_AFTER)
                .and_then(|value| value.to_str().ok()?.trim().parse().ok())
                .map(Duration::from_secs),
        },
        401 | 403 => SendError::Never {
            reason: format!("{reason}: check otlp.headers, or what the service account may"),
        },
        404 | 405 => SendError::Never {
            reason: format!("{reason}: check the path of otlp.endpoint"),
        },
        _ => SendError::Never { reason },
    })
}

fn header(name: &str, value: &str) -> Option<(HeaderName, HeaderValue)> {
    Some((
        HeaderName::from_bytes(name.as_bytes()).ok()?,
        HeaderValue::from_str(value).ok()?,
    ))
}

/// The outer errors say that something went wrong, the inner one what.
fn innermost(error: &dyn Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OtlpSettings;

    struct Token;

    #[async_trait]
    impl Authorization for Token {
        async fn headers(&self) -> Result<Vec<(String, String)>, SendError> {
            Ok(vec![("authorization".into(), "Bearer google-token".into())])
        }
    }

    #[tokio::test]
    async fn google_s_token_goes_to_google_and_nowhere_else() {
        let settings = OtlpSettings {
            endpoint: Some("http://collector:4318".into()),
            traces_endpoint: Some("https://telemetry.googleapis.com/v1/traces".into()),
            ..OtlpSettings::default()
        };
        let targets = settings.targets().expect("good settings").expect("on");
        let transport = HttpTransport::new(&targets)
            .expect("a client")
            .with_google_authorization(Arc::new(Token));
        for (target, expected) in [
            (&targets.traces, Some("Bearer google-token")),
            (&targets.metrics, None),
        ] {
            let target = target.as_ref().expect("both go somewhere");
            let headers = transport.headers(target).await.expect("a token");
            let sent = headers.get("authorization");
            assert_eq!(sent.and_then(|value| value.to_str().ok()), expected);
            assert!(sent.is_none_or(HeaderValue::is_sensitive));
        }
    }
}
