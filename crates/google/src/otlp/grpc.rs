//! gRPC. Requests come encoded, so the codec only passes them on.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Buf, BufMut, Bytes};
use http::uri::PathAndQuery;
use telemetry::{
    Authorization, MOST_ANSWER_BYTES, OtlpError, SendError, Signal, Target, Targets, Transport,
};
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::metadata::{AsciiMetadataKey, AsciiMetadataValue, MetadataMap};
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};
use tonic::{Code, Request, Status};

const TRACES: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
const METRICS: &str = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
/// The longest to wait for a connection.
const CONNECT_WITHIN: Duration = Duration::from_secs(3);

/// Sends over gRPC.
pub(super) struct GrpcTransport {
    traces: Option<Lane>,
    metrics: Option<Lane>,
    headers: MetadataMap,
    google: Option<Arc<dyn Authorization>>,
}

/// One signal's receiver.
struct Lane {
    channel: Channel,
    is_google: bool,
}

impl GrpcTransport {
    /// Connects when first used. `google` is asked for headers where the receiver is Google's.
    pub(super) fn new(
        targets: &Targets,
        google: Option<Arc<dyn Authorization>>,
    ) -> Result<Self, OtlpError> {
        let mut headers = MetadataMap::new();
        for (name, value) in &targets.headers {
            add(&mut headers, name, value.expose()).ok_or_else(|| OtlpError::Setting {
                name: "headers",
                fault: format!("has a value for {name} that is none"),
                variable: "OTEL_EXPORTER_OTLP_HEADERS",
            })?;
        }
        let lane = |target: &Option<Target>| target.as_ref().map(Lane::open).transpose();
        Ok(Self {
            traces: lane(&targets.traces)?,
            metrics: lane(&targets.metrics)?,
            headers,
            google,
        })
    }

    async fn headers(&self, lane: &Lane) -> Result<MetadataMap, SendError> {
        let mut headers = self.headers.clone();
        if let Some(google) = self.google.as_ref().filter(|_| lane.is_google) {
            for (name, value) in google.headers().await? {
                add(&mut headers, &name, &value).ok_or_else(|| SendError::Never {
                    reason: "what Google gave to prove who sends is no header".into(),
                })?;
            }
        }
        Ok(headers)
    }
}

impl Lane {
    fn open(target: &Target) -> Result<Self, OtlpError> {
        let unusable = |error: tonic::transport::Error| {
            OtlpError::Unsupported(format!(
                "otlp.endpoint can't be spoken to over gRPC: {error}"
            ))
        };
        let mut endpoint = Endpoint::from_shared(target.url.to_string())
            .map_err(unusable)?
            .connect_timeout(CONNECT_WITHIN);
        if target.url.scheme() == "https" {
            let tls = ClientTlsConfig::new().with_webpki_roots();
            endpoint = endpoint.tls_config(tls).map_err(unusable)?;
        }
        Ok(Self {
            channel: endpoint.connect_lazy(),
            is_google: target.is_google(),
        })
    }
}

#[async_trait]
impl Transport for GrpcTransport {
    async fn send(&self, signal: Signal, request: Bytes) -> Result<Bytes, SendError> {
        let (lane, path) = match signal {
            Signal::Traces => (&self.traces, TRACES),
            Signal::Metrics => (&self.metrics, METRICS),
        };
        let Some(lane) = lane else {
            return Ok(Bytes::new());
        };
        let mut call = Request::new(request);
        *call.metadata_mut() = self.headers(lane).await?;
        let mut client = tonic::client::Grpc::new(lane.channel.clone());
        client.ready().await.map_err(|_| SendError::Later {
            reason: "the receiver can't be reached".into(),
            after: None,
        })?;
        let path = PathAndQuery::from_static(path);
        match client.unary(call, path, Encoded).await {
            Ok(answer) => Ok(answer.into_inner()),
            Err(status) => Err(refusal(&status)),
        }
    }
}

/// What the standard has senders do about a status. Its text is the receiver's, so it isn't repeated.
fn refusal(status: &Status) -> SendError {
    let reason = format!("the receiver answered {:?}", status.code());
    match status.code() {
        Code::Cancelled
        | Code::DeadlineExceeded
        | Code::Aborted
        | Code::OutOfRange
        | Code::ResourceExhausted
        | Code::Unavailable
        | Code::DataLoss => SendError::Later {
            reason,
            after: None,
        },
        Code::Unauthenticated | Code::PermissionDenied => SendError::Never {
            reason: format!("{reason}: check otlp.headers, or what the service account may"),
        },
        _ => SendError::Never { reason },
    }
}

fn add(headers: &mut MetadataMap, name: &str, value: &str) -> Option<()> {
    let name = AsciiMetadataKey::from_bytes(name.as_bytes()).ok()?;
    let mut value = AsciiMetadataValue::try_from(value).ok()?;
    value.set_sensitive(true);
    headers.insert(name, value);
    Some(())
}

/// A request is encoded already, and an answer is read by who sent it.
struct Encoded;

impl Codec for Encoded {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Encoded {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, request: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(request);
        Ok(())
    }
}

impl Decoder for Encoded {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        let answer = buffer.copy_to_bytes(buffer.remaining().min(MOST_ANSWER_BYTES));
        buffer.advance(buffer.remaining());
        Ok(Some(answer))
    }
}

#[cfg(test)]
mod tests {
    use telemetry::OtlpSettings;

    use super::*;

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
            endpoint: Some("http://collector:4317".into()),
            traces_endpoint: Some("https://telemetry.googleapis.com".into()),
            protocol: telemetry::Protocol::Grpc,
            ..OtlpSettings::default()
        };
        let targets = settings.targets().expect("good settings").expect("on");
        let transport = GrpcTransport::new(&targets, Some(Arc::new(Token))).expect("channels");
        for (lane, expected) in [
            (&transport.traces, Some("Bearer google-token")),
            (&transport.metrics, None),
        ] {
            let lane = lane.as_ref().expect("both go somewhere");
            let headers = transport.headers(lane).await.expect("a token");
            let sent = headers.get("authorization");
            assert_eq!(sent.and_then(|value| value.to_str().ok()), expected);
        }
    }

    #[test]
    fn what_may_work_later_is_told_from_what_never_will() {
        for (code, is_for_later) in [
            (Code::Unavailable, true),
            (Code::ResourceExhausted, true),
            (Code::PermissionDenied, false),
            (Code::InvalidArgument, false),
            (Code::Unimplemented, false),
        ] {
            let refused = refusal(&Status::new(code, "what was sent"));
            assert_eq!(
                matches!(refused, SendError::Later { .. }),
                is_for_later,
                "{code:?}"
            );
            assert!(!refused.to_string().contains("what was sent"), "{refused}");
        }
    }
}
