//! Builds the publisher from what it is handed.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use actix_web::web::{Data, ServiceConfig};
use async_trait::async_trait;
use bus::Bus;
use events::Clock;
use telemetry::Telemetry;
use web::{
    Admission, Invitation, Observation, Readiness, Ready, RunningServer, TokenVerifier,
    health_endpoints, serve_invited, warn_of_trusted_network,
};

use crate::callers::{CallerCheck, unused};
use crate::endpoints;
use crate::rate_limit::RateLimits;
use crate::settings::{Callers, PublisherSettings};
use crate::traces::Traces;

/// What the publisher works with.
#[derive(Clone)]
pub struct Dependencies {
    /// Where events go.
    pub bus: Arc<dyn Bus>,
    /// Stamps the time of receipt.
    pub clock: Arc<dyn Clock>,
    /// What new traces' ids are made from; see [`web::process_seed`]. No other process has it.
    pub trace_seed: u64,
    /// Where spans and metrics go.
    pub telemetry: Telemetry,
    /// Checks callers' Google identity tokens; needed where `callers` is `google-id-token` or `cloud-run-iam`.
    pub token_verifier: Option<Arc<dyn TokenVerifier>>,
}

/// What every handler is given.
pub(crate) struct State {
    pub dependencies: Dependencies,
    pub settings: PublisherSettings,
    pub callers: CallerCheck,
    pub rate_limits: RateLimits,
    pub admission: Admission,
    pub traces: Traces,
}

/// A publisher that serves.
pub struct Application {
    server: RunningServer,
}

impl Application {
    /// Starts serving on `listener`. Fails if the settings would let strangers in.
    pub fn build(
        listener: TcpListener,
        dependencies: Dependencies,
        settings: PublisherSettings,
    ) -> anyhow::Result<Self> {
        let address = listener.local_addr()?;
        let handed = dependencies.token_verifier.clone();
        let callers = CallerCheck::from_settings(&settings, address, handed)?;
        if settings.callers == Callers::TrustedNetwork {
            warn_of_trusted_network("publisher.callers", address);
        }
        warn_of_unused(&settings);
        let readiness = Readiness::new(Arc::new(BusReady(Arc::clone(&dependencies.bus))));
        let hosts = callers.hosts();
        let observation = Observation {
            telemetry: dependencies.telemetry.clone(),
            ..Observation::default()
        };
        let http = settings.http.clone();
        let admission = Admission::new(&settings.admission);
        let clock = Arc::clone(&dependencies.clock);
        let rate_limits = RateLimits::new(&settings.rate_limit, callers.callers(), clock);
        let traces = Traces::seeded(dependencies.trace_seed);
        let state = Data::new(State {
            dependencies,
            settings,
            callers,
            rate_limits,
            admission,
            traces,
        });
        let invitation = Arc::new(endpoints::KnownCallers(state.clone()));
        let configure = move |configuration: &mut ServiceConfig| {
            configuration.app_data(state.clone());
            health_endpoints(configuration, readiness.clone());
            endpoints::configure(configuration);
        };
        let invitation = Some(invitation as Arc<dyn Invitation>);
        let server = serve_invited(listener, &http, hosts, observation, invitation, configure)?;
        Ok(Self { server })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Finishes what was accepted and stops.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.server.stop().await
    }
}

/// Not a refusal: `talaria send` reads the same settings, and they may be for a publisher that runs elsewhere.
fn warn_of_unused(settings: &PublisherSettings) {
    let callers = settings.callers.name();
    for setting in unused(settings) {
        tracing::warn!(
            setting,
            "publisher.{setting} is set and nobody is asked for it, because publisher.callers is {callers}"
        );
    }
    if settings.rate_limit.burst.is_some() && settings.rate_limit.rate.is_none() {
        tracing::warn!(
            "publisher.rate_limit.burst is set and limits nothing, because there is no publisher.rate_limit.rate"
        );
    }
}

struct BusReady(Arc<dyn Bus>);

#[async_trait]
impl Ready for BusReady {
    fn asks(&self) -> &'static str {
        "the bus"
    }

    async fn ready(&self) -> Result<(), String> {
        self.0.ready().await.map_err(|error| error.to_string())
    }
}
