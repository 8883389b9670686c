//! gRPC, as little of it as two unary calls need.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use h2::RecvStream;
use h2::server::SendResponse;
use http::{HeaderMap, HeaderValue, Request, Response};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

use super::Kept;

/// Before each message: whether it is compressed, and its length.
const PREFIX: usize = 5;

pub(super) async fn start(kept: Arc<Kept>) -> (SocketAddr, AbortHandle) {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port on loopback");
    let address = listener
        .local_addr()
        .expect("a bound listener has an address");
    let accepting = async move {
        while let Ok((socket, _)) = listener.accept().await {
            kept.connected();
            tokio::spawn(serve(socket, Arc::clone(&kept)));
        }
    };
    (address, tokio::spawn(accepting).abort_handle())
}

/// Until the client goes, or breaks the protocol.
async fn serve(socket: TcpStream, kept: Arc<Kept>) {
    let Ok(mut connection) = h2::server::handshake(socket).await else {
        return;
    };
    while let Some(Ok((request, answer))) = connection.accept().await {
        tokio::spawn(call(request, answer, Arc::clone(&kept)));
    }
}

/// A call that breaks off is answered nothing: its client is gone.
async fn call(request: Request<RecvStream>, answer: SendResponse<Bytes>, kept: Arc<Kept>) {
    let (head, mut body) = request.into_parts();
    let mut message = BytesMut::new();
    while let Some(Ok(part)) = body.data().await {
        let _ = body.flow_control().release_capacity(part.len());
        message.extend_from_slice(&part);
    }
    let pair = |(name, value): (&http::HeaderName, &HeaderValue)| {
        (
            name.as_str().to_owned(),
            String::from_utf8_lossy(value.as_bytes()).into_owned(),
        )
    };
    let headers = head.headers.iter().map(pair).collect();
    let is_traces =
        head.uri.path() == "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
    let taken = message.len() >= PREFIX && kept.keep(is_traces, headers, &message[PREFIX..]);
    let _ = reply(answer, if taken { "0" } else { "3" });
}

fn reply(mut answer: SendResponse<Bytes>, status: &'static str) -> Result<(), h2::Error> {
    let mut head = Response::new(());
    let content_type = HeaderValue::from_static("application/grpc");
    head.headers_mut()
        .insert(http::header::CONTENT_TYPE, content_type);
    let mut body = answer.send_response(head, false)?;
    body.send_data(Bytes::from_static(&[0; PREFIX]), false)?;
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static(status));
    body.send_trailers(trailers)
}
