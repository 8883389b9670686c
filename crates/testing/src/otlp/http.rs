//! Protobuf over HTTP.

use std::net::SocketAddr;
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use bytes::Bytes;

use super::Kept;

pub(super) fn start(kept: Arc<Kept>) -> (SocketAddr, ServerHandle) {
    let data = web::Data::from(Arc::clone(&kept));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(data.clone())
            .app_data(web::PayloadConfig::new(16 << 20))
            .route("/v1/traces", web::post().to(take))
            .route("/v1/metrics", web::post().to(take))
    })
    .on_connect(move |_, _| kept.connected())
    .workers(1)
    .disable_signals()
    .bind(("127.0.0.1", 0))
    .expect("a free port on loopback");
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    tokio::spawn(server);
    (address, handle)
}

async fn take(request: HttpRequest, body: Bytes, kept: web::Data<Kept>) -> HttpResponse {
    let pair = |(name, value): (
        &actix_web::http::header::HeaderName,
        &actix_web::http::header::HeaderValue,
    )| {
        (
            name.as_str().to_owned(),
            String::from_utf8_lossy(value.as_bytes()).into_owned(),
        )
    };
    let headers = request.headers().iter().map(pair).collect();
    match kept.keep(request.path() == "/v1/traces", headers, &body) {
        true => HttpResponse::Ok()
            .content_type("application/x-protobuf")
            .finish(),
        false => HttpResponse::BadRequest().finish(),
    }
}
