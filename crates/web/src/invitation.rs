//! Who is invited to send a body, where a client asks first (`Expect: 100-continue`).
//!
//! actix-web's own server invites everybody before anything of the service is asked, and can't be told otherwise. So the
//! server is put together here as actix-web does it, with this one difference.

use std::fmt;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_http::body::BoxBody;
use actix_http::{HttpService, Request, Response};
use actix_service::{IntoServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::ResponseError;
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, RequestHead, Server, Service, ServiceFactory};
use async_trait::async_trait;

use crate::Problem;
use crate::server::HttpSettings;
use crate::unread::holding;

/// From the connection to the end of the first request's head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);
/// How long what is still sent after an answer is read and thrown away, so that the sender reads the answer.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// Decides from a request's head who is invited to send the body.
#[async_trait(?Send)]
pub trait Invitation: Send + Sync {
    /// The answer to who is not invited. Whoever is, is asked again by the endpoint.
    async fn invite(&self, head: &RequestHead) -> Result<(), Problem>;
}

/// A server of what `factory` makes, not yet running. Without `invitation` everybody is invited.
pub(crate) fn http_server<F, I, S, B>(
    listener: TcpListener,
    settings: &HttpSettings,
    invitation: Option<Arc<dyn Invitation>>,
    factory: F,
) -> io::Result<Server>
where
    F: Fn() -> I + Send + Clone + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig> + 'static,
    S::Error: Into<actix_web::Error> + 'static,
    S::InitError: fmt::Debug,
    S::Response: Into<Response<B>> + 'static,
    <S::Service as Service<Request>>::Future: 'static,
    S::Service: 'static,
    B: MessageBody + 'static,
{
    let address = listener.local_addr()?;
    let mut builder = Server::build()
        .disable_signals()
        .shutdown_timeout(settings.stop_timeout.as_secs().max(1));
    if settings.workers > 0 {
        builder = builder.workers(settings.workers);
    }
    let stopping = builder.graceful_shutdown_signal();
    let builder = builder.listen("http", listener, move || {
        let (stopping, invitation) = (stopping.clone(), invitation.clone());
        let app = factory()
            .into_factory()
            .map_err(|error| error.into().error_response());
        HttpService::build()
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .client_request_timeout(HEAD_TIMEOUT)
            .client_disconnect_timeout(CLOSE_TIMEOUT)
            .local_addr(address)
            .expect(fn_service(move |request: Request| {
                invited(request, invitation.clone())
            }))
            .finish(map_config(app, |()| AppConfig::default()))
            .tcp()
    })?;
    Ok(builder.run())
}

async fn invited(
    mut request: Request,
    invitation: Option<Arc<dyn Invitation>>,
) -> Result<Request, Response<BoxBody>> {
    let Some(invitation) = invitation else {
        return Ok(request);
    };
    match invitation.invite(request.head()).await {
        Ok(()) => Ok(request),
        Err(problem) => Err(holding(problem.error_response(), request.take_payload()).into()),
    }
}
