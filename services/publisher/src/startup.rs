//! Builds the publisher from what it is handed.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use actix_web::web::Data;
use async_trait::async_trait;
use bus::Bus;
use events::Clock;
use web::{
    Admission, Readiness, Ready, RunningServer, health_endpoints, serve, warn_of_trusted_network,
};

use crate::callers::CallerCheck;
use crate::endpoints;
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
}

/// What every handler is given.
pub(crate) struct State {
    pub dependencies: Dependencies,
    pub settings: PublisherSettings,
    pub callers: CallerCheck,
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
        let callers = CallerCheck::from_settings(&settings, address)?;
        if settings.callers == Callers::TrustedNetwork {
            warn_of_trusted_network("publisher.callers", address);
        }
        let readiness = Readiness::new(Arc::new(BusReady(Arc::clone(&dependencies.bus))));
        let hosts = callers.hosts();
        let http = settings.http.clone();
        let admission = Admission::new(&settings.admission);
        let traces = Traces::seeded(dependencies.trace_seed);
        let state = Data::new(State {
            dependencies,
            settings,
            callers,
            admission,
            traces,
        });
        let server = serve(listener, &http, hosts, move |configuration| {
            configuration.app_data(state.clone());
            health_endpoints(configuration, readiness.clone());
            endpoints::configure(configuration);
        })?;
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

struct BusReady(Arc<dyn Bus>);

#[async_trait]
impl Ready for BusReady {
    async fn ready(&self) -> Result<(), String> {
        self.0.ready().await.map_err(|error| error.to_string())
    }
}
