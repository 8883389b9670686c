//! A receiver of OTLP: protobuf over HTTP on one port, gRPC on another. It keeps what it is sent, decoded.

mod decoded;
mod grpc;
mod http;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix_web::dev::ServerHandle;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::PATIENCE;
pub use decoded::{ReceivedPoint, ReceivedSpan};

/// A running receiver; it stops when dropped.
pub struct OtlpReceiver {
    http: SocketAddr,
    grpc: SocketAddr,
    kept: Arc<Kept>,
    http_server: ServerHandle,
    grpc_server: AbortHandle,
}

/// What came.
struct Kept {
    received: Mutex<Received>,
    count: watch::Sender<usize>,
}

#[derive(Default)]
struct Received {
    spans: Vec<ReceivedSpan>,
    points: Vec<ReceivedPoint>,
    headers: Vec<Vec<(String, String)>>,
    bodies: Vec<Vec<u8>>,
    connections: usize,
}

impl OtlpReceiver {
    /// Starts on two free ports of loopback.
    pub async fn start() -> Self {
        let kept = Arc::new(Kept {
            received: Mutex::default(),
            count: watch::channel(0).0,
        });
        let (http, http_server) = http::start(Arc::clone(&kept));
        let (grpc, grpc_server) = grpc::start(Arc::clone(&kept)).await;
        Self {
            http,
            grpc,
            kept,
            http_server,
            grpc_server,
        }
    }

    /// Its endpoint for `http/protobuf`.
    pub fn http_endpoint(&self) -> String {
        format!("http://{}", self.http)
    }

    /// Its endpoint for `grpc`.
    pub fn grpc_endpoint(&self) -> String {
        format!("http://{}", self.grpc)
    }

    /// The spans that came so far.
    pub fn spans(&self) -> Vec<ReceivedSpan> {
        self.kept.lock().spans.clone()
    }

    /// The latest of each series of metrics.
    pub fn metrics(&self) -> Vec<ReceivedPoint> {
        self.kept.lock().points.clone()
    }

    /// The headers of each request, names in lower case.
    pub fn headers(&self) -> Vec<Vec<(String, String)>> {
        self.kept.lock().headers.clone()
    }

    /// Whether `text` came anywhere, also in what isn't decoded.
    pub fn was_told(&self, text: &str) -> bool {
        let holds = |bytes: &[u8]| {
            bytes
                .windows(text.len())
                .any(|window| window == text.as_bytes())
        };
        let received = self.kept.lock();
        let mut headers = received.headers.iter().flatten();
        headers.any(|(name, value)| name.contains(text) || value.contains(text))
            || received.bodies.iter().any(|body| holds(body))
    }

    /// How often somebody connected.
    pub fn connections(&self) -> usize {
        self.kept.lock().connections
    }

    /// Waits until the spans so far satisfy `enough`, and returns them. Panics when that takes too long.
    pub async fn wait_for_spans(
        &self,
        what: &str,
        enough: impl Fn(&[ReceivedSpan]) -> bool,
    ) -> Vec<ReceivedSpan> {
        self.wait(what, || Some(self.spans()).filter(|spans| enough(spans)))
            .await
    }

    /// Waits until the latest metrics satisfy `enough`, and returns them. Panics when that takes too long.
    pub async fn wait_for_metrics(
        &self,
        what: &str,
        enough: impl Fn(&[ReceivedPoint]) -> bool,
    ) -> Vec<ReceivedPoint> {
        self.wait(what, || {
            Some(self.metrics()).filter(|points| enough(points))
        })
        .await
    }

    async fn wait<T>(&self, what: &str, ask: impl Fn() -> Option<T>) -> T {
        let mut count = self.kept.count.subscribe();
        let waiting = async {
            loop {
                count.borrow_and_update();
                if let Some(answer) = ask() {
                    return answer;
                }
                count
                    .changed()
                    .await
                    .expect("the sender lives as long as self");
            }
        };
        match tokio::time::timeout(PATIENCE, waiting).await {
            Ok(answer) => answer,
            Err(_) => {
                let received = self.kept.lock();
                let spans: Vec<&str> = received
                    .spans
                    .iter()
                    .map(|span| span.name.as_str())
                    .collect();
                let points: Vec<&str> = received
                    .points
                    .iter()
                    .map(|point| point.name.as_str())
                    .collect();
                panic!("waited {PATIENCE:?} for {what}; there are {spans:?} and {points:?}")
            }
        }
    }
}

impl Drop for OtlpReceiver {
    fn drop(&mut self) {
        // Sending the order is enough; nobody waits for a receiver to drain.
        drop(self.http_server.stop(false));
        self.grpc_server.abort();
    }
}

impl Kept {
    fn connected(&self) {
        self.lock().connections += 1;
    }

    /// Keeps a request; false if it is none.
    fn keep(&self, is_traces: bool, headers: Vec<(String, String)>, body: &[u8]) -> bool {
        let (mut spans, mut points) = (Vec::new(), Vec::new());
        if is_traces {
            let Ok(request) = ExportTraceServiceRequest::decode(body) else {
                return false;
            };
            spans = decoded::spans(request);
        } else {
            let Ok(request) = ExportMetricsServiceRequest::decode(body) else {
                return false;
            };
            points = decoded::points(request);
        }
        let mut received = self.lock();
        received.spans.append(&mut spans);
        for point in points {
            // Each report holds everything since the start.
            received.points.retain(|known| !known.is_of_series(&point));
            received.points.push(point);
        }
        received.headers.push(headers);
        received.bodies.push(body.to_vec());
        drop(received);
        self.count.send_modify(|count| *count += 1);
        true
    }

    /// A test that panicked while it held the lock has failed already.
    fn lock(&self) -> MutexGuard<'_, Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
