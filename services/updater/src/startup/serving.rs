//! Taking requests: what handlers are handed, and whether the updater can do its work.

use std::net::TcpListener;
use std::sync::Arc;

use actix_web::web::{Data, ServiceConfig};
use async_trait::async_trait;
use store::{EventQuery, Ledger};
use telemetry::Telemetry;
use web::{
    Admission, Observation, PushAcceptance, PushVerifier, Readiness, Ready, RunningServer,
    health_endpoints, serve_observed,
};

use crate::drain::Drainer;
use crate::endpoints;
use crate::processing::Processor;
use crate::settings::UpdaterSettings;
use crate::tasks::Tasks;

/// The addresses that take pushes.
const PUSH_PATHS: [&str; 2] = ["/process-backend-update", "/dead-letter"];

/// What every handler is given.
pub(crate) struct State {
    pub processor: Arc<Processor>,
    pub drainer: Arc<Drainer>,
    pub tasks: Tasks,
}

/// Begins to take requests.
pub(super) fn serve(
    listener: TcpListener,
    settings: &UpdaterSettings,
    telemetry: Telemetry,
    (state, callers, readiness): (State, Arc<dyn PushVerifier>, Data<Readiness>),
) -> anyhow::Result<RunningServer> {
    let acceptance = Data::new(PushAcceptance {
        admission: Admission::new(&settings.admission),
        limits: Arc::new(settings.push.clone()),
        callers,
    });
    let state = Data::new(state);
    let configure = move |configuration: &mut ServiceConfig| {
        configuration
            .app_data(state.clone())
            .app_data(acceptance.clone());
        health_endpoints(configuration, readiness.clone());
        endpoints::configure(configuration);
    };
    let observation = Observation {
        telemetry,
        push_paths: &PUSH_PATHS,
        ..Observation::default()
    };
    let hosts = settings.push_callers.hosts();
    serve_observed(listener, &settings.http, hosts, observation, configure)
}

/// Asks the ledger.
pub(super) fn readiness(ledger: &Arc<dyn Ledger>) -> Data<Readiness> {
    Readiness::new(Arc::new(LedgerReady(Arc::clone(ledger))))
}

struct LedgerReady(Arc<dyn Ledger>);

#[async_trait]
impl Ready for LedgerReady {
    fn asks(&self) -> &'static str {
        "the store"
    }

    async fn ready(&self) -> Result<(), String> {
        let question = EventQuery::Identity("readiness".into());
        self.0
            .find(&question)
            .await
            .map(drop)
            .map_err(|error| error.to_string())
    }
}
