//! Serving on a listener that was bound outside, and stopping when told.

use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::dev::{ServerHandle, Service, ServiceResponse};
use actix_web::{App, ResponseError, web};
use anyhow::Context;
use futures_util::future::{Either, ready};
use serde::{Deserialize, Serialize};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;
use tracing::Instrument;

use crate::invitation::{Invitation, http_server};
use crate::observed::Observed;
use crate::trace::{request_span, trace_of_head};
use crate::unread::Chunked;
use crate::{Hosts, Observation};

/// How a server is run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HttpSettings {
    /// Worker threads; 0 takes one a core.
    pub workers: usize,
    /// How long requests in flight may take once the server is told to stop.
    #[serde(with = "crate::duration")]
    pub stop_timeout: Duration,
    /// The host names under which it answers, without ports, where it would answer under any; all if none is named. A list,
    /// or one text with commas. They keep a foreign page from reading this server through its own name.
    #[serde(deserialize_with = "crate::texts::deserialize")]
    pub hosts: Vec<String>,
}

impl Default for HttpSettings {
    fn default() -> Self {
        // Below Cloud Run's ten seconds, so that there is time left to flush.
        Self {
            workers: 0,
            stop_timeout: Duration::from_secs(8),
            hosts: Vec::new(),
        }
    }
}

/// A server that accepts requests.
pub struct RunningServer {
    address: SocketAddr,
    handle: ServerHandle,
    task: JoinHandle<std::io::Result<()>>,
}

/// Serves the endpoints that `configure` adds, on `listener`, in a task of its own, to requests for `hosts`.
pub fn serve<F>(
    listener: TcpListener,
    settings: &HttpSettings,
    hosts: Hosts,
    configure: F,
) -> anyhow::Result<RunningServer>
where
    F: Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
{
    serve_observed(listener, settings, hosts, Observation::default(), configure)
}

/// The same, and records what `observation` says of the requests.
pub fn serve_observed<F>(
    listener: TcpListener,
    settings: &HttpSettings,
    hosts: Hosts,
    observation: Observation,
    configure: F,
) -> anyhow::Result<RunningServer>
where
    F: Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
{
    serve_invited(listener, settings, hosts, observation, None, configure)
}

/// The same, and of those who ask before they send a body invites those alone whom `invitation` does.
pub fn serve_invited<F>(
    listener: TcpListener,
    settings: &HttpSettings,
    hosts: Hosts,
    observation: Observation,
    invitation: Option<Arc<dyn Invitation>>,
    configure: F,
) -> anyhow::Result<RunningServer>
where
    F: Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
{
    let address = listener
        .local_addr()
        .context("the listener has no address")?;
    let named: Arc<[String]> = settings.hosts.clone().into();
    let application = move || {
        let (named, observation) = (Arc::clone(&named), observation.clone());
        App::new()
            .configure(configure.clone())
            .wrap_fn(move |mut request, service| {
                let observed = observation.begin(&request);
                let trace = observed
                    .trace()
                    .or_else(|| trace_of_head(request.headers()));
                let span = request_span(&request, trace);
                let body = Chunked::of(&mut request);
                let checked = hosts.check(request.headers(), address.port(), &named);
                let answer = span.in_scope(|| match checked {
                    Ok(()) => Either::Left(service.call(request)),
                    Err(problem) => {
                        Either::Right(ready(Ok(request.into_response(problem.error_response()))))
                    }
                });
                let answered = told(answer, observed).instrument(span);
                async move {
                    let answer = answered.await?;
                    Ok(match body {
                        Some(body) => body.hold(answer),
                        None => answer,
                    })
                }
            })
    };
    let server = http_server(listener, settings, invitation, application)
        .with_context(|| format!("can't serve on {address}"))?;
    let handle = server.handle();
    Ok(RunningServer {
        address,
        handle,
        task: tokio::spawn(server),
    })
}

/// Waits for the answer to a request and tells of it to who asks for such detail.
async fn told<B>(
    answer: impl Future<Output = Result<ServiceResponse<B>, actix_web::Error>>,
    observed: Observed,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let began = Instant::now();
    let answered = answer.await;
    observed.answered(&answered);
    let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    if let Ok(response) = &answered {
        let request = response.request();
        tracing::debug!(
            method = request.method().as_str(),
            path = request.path(),
            status = response.status().as_u16(),
            took_ms,
            "answered"
        );
    }
    answered
}

impl RunningServer {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops accepting, lets requests in flight finish within the stop timeout, and returns when all is closed.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.handle.stop(true).await;
        self.task
            .await
            .context("the server's task broke off")?
            .context("the server failed")
    }
}

/// The orders to stop: SIGTERM and Ctrl-C. From the moment it exists they no longer kill the process, so it is made before
/// anything that wants to be finished.
pub struct StopSignal {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignal {
    /// Begins to listen.
    pub fn listen() -> anyhow::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate()).context("can't listen for SIGTERM")?,
            interrupt: signal(SignalKind::interrupt()).context("can't listen for Ctrl-C")?,
        })
    }

    /// Returns once the process was told to stop, also if that was before the call.
    pub async fn received(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
