//! Builds the updater from what it is handed.

mod credentials;
mod routes_watch;
mod serving;

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use anyhow::ensure;
use events::Clock;
use store::{DeadLetters, DestinationReports, HeldMessages, Ledger};
use telemetry::Telemetry;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use web::{PushVerifier, RunningServer};

use crate::delivery::{Deliverer, DeliverySettings};
use crate::destination::{Breakers, Credentials, Evidence, HttpCaller, Limiters, client};
use crate::drain::{Drainer, drain_every};
use crate::held_levels::HeldLevels;
use crate::processing::Processor;
use crate::reporter::Reporter;
use crate::routes::RoutesHandle;
use crate::secret::SecretSource;
use crate::settings::UpdaterSettings;
use crate::statistics::Statistics;
use crate::tasks::Tasks;
use crate::tokens::OutgoingTokens;

pub use routes_watch::{RoutesFileError, load_routes};
pub(crate) use serving::State;

/// What the updater works with.
#[derive(Clone)]
pub struct Dependencies {
    /// Remembers what was done.
    pub ledger: Arc<dyn Ledger>,
    /// Keeps what waits for a destination.
    pub held_messages: Arc<dyn HeldMessages>,
    /// Keeps what was given up.
    pub dead_letters: Arc<dyn DeadLetters>,
    /// Where the destinations' state is written down for the operators' page.
    pub destination_reports: Arc<dyn DestinationReports>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// This process' name in leases; no other process has it.
    pub owner: String,
    /// For `${…}` in the routes file and for secrets.
    pub environment: Arc<BTreeMap<String, String>>,
    /// Checks who sent a push; needed where `push_callers.mode` checks tokens.
    pub push_verifier: Option<Arc<dyn PushVerifier>>,
    /// Where spans and metrics go.
    pub telemetry: Telemetry,
    /// For `secrets.source: secret-manager`, which is refused without one.
    pub secret_manager: Option<Arc<dyn SecretSource>>,
    /// For destinations that want Google's tokens. Without one they can't be called, which is said at the start; the routes
    /// file may be the same where there is one.
    pub google_tokens: Option<Arc<dyn OutgoingTokens>>,
}

/// An updater that serves.
pub struct Application {
    server: RunningServer,
    tasks: Tasks,
    routes: Arc<RoutesHandle>,
    drainer: Arc<Drainer>,
    reporter: Arc<Reporter>,
    /// Ends with the application: following the routes file, reporting, counting what is held, draining.
    background: [JoinHandle<()>; 4],
    stop_timeout: std::time::Duration,
}

impl Application {
    /// Starts serving on `listener`, from a tokio runtime that outlives it. Fails if the routes file has mistakes, or
    /// if the settings would let strangers in or forget too early.
    pub fn build(
        listener: TcpListener,
        dependencies: Dependencies,
        settings: UpdaterSettings,
    ) -> anyhow::Result<Self> {
        check(&settings)?;
        let (address, handed) = (listener.local_addr()?, dependencies.push_verifier.clone());
        let callers = settings.push_callers.verifier("updater", address, handed)?;
        settings.push_callers.warn_if_trusted("updater", address);
        let credentials = credentials::credentials(&dependencies, &settings)?;
        let (routes, loaded) = load_routes(&settings.routes, &dependencies.environment)?;
        let routes = Arc::new(routes);
        let statistics = Arc::new(Statistics::new(
            dependencies.owner.clone(),
            dependencies.clock.now(),
        ));
        let following = follow(&settings, loaded, &routes, &dependencies);
        let reporter = Arc::new(Reporter::of(&dependencies, Arc::clone(&statistics)));
        let reporting =
            Handle::current().spawn(Arc::clone(&reporter).watch(settings.report_interval));
        let (held, clock) = (
            Arc::clone(&dependencies.held_messages),
            Arc::clone(&dependencies.clock),
        );
        let levels = Arc::new(HeldLevels::of(&dependencies, &routes));
        let counting = Handle::current().spawn(Arc::clone(&levels).watch());
        let tasks = Tasks::new(Handle::current());
        let readiness = serving::readiness(&dependencies.ledger);
        let telemetry = dependencies.telemetry.clone();
        let processor = Arc::new(processor(
            dependencies,
            &settings,
            statistics,
            credentials,
            Arc::clone(&routes),
        )?);
        let stored = (held, levels);
        let drainer = Drainer::new(Arc::clone(&processor), stored, clock, settings.held.clone());
        let drainer = Arc::new(drainer);
        let draining = Handle::current().spawn(drain_every(
            settings.held.drain_interval,
            Arc::clone(&drainer),
            tasks.clone(),
        ));
        let state = State {
            processor,
            drainer: Arc::clone(&drainer),
            tasks: tasks.clone(),
        };
        let handed = (state, callers, readiness);
        let server = serving::serve(listener, &settings, telemetry, handed)?;
        Ok(Self {
            server,
            tasks,
            routes,
            drainer,
            reporter,
            background: [following, reporting, counting, draining],
            stop_timeout: settings.http.stop_timeout,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// The routes in use.
    pub fn routes(&self) -> &Arc<RoutesHandle> {
        &self.routes
    }

    /// Finishes what was accepted, as far as the stop timeout allows, and stops.
    pub async fn stop(self) -> anyhow::Result<()> {
        let began = Instant::now();
        for task in &self.background {
            task.abort();
        }
        self.drainer.stop();
        self.server.stop().await?;
        // The server has waited for the same calls: twice as long would leave no time for the last report.
        let left = self.stop_timeout.saturating_sub(began.elapsed());
        if !self.tasks.finished(left).await {
            tracing::warn!(
                "stopped before every call had its answer; the calls' messages come again"
            );
        }
        self.reporter.finish().await;
        Ok(())
    }
}

fn check(settings: &UpdaterSettings) -> anyhow::Result<()> {
    ensure!(
        settings.dedupe_retention > settings.dead_letter_retention,
        "updater.dedupe_retention must be longer than updater.dead_letter_retention: a letter that is replayed after \
         its event was forgotten would be done twice"
    );
    ensure!(
        settings.dedupe_retention > settings.held.retention,
        "updater.dedupe_retention must be longer than updater.held.retention: a message that is held for longer than its \
         event is remembered would be done twice"
    );
    Ok(())
}

/// Follows the routes file as it changes.
fn follow(
    settings: &UpdaterSettings,
    loaded: String,
    routes: &Arc<RoutesHandle>,
    dependencies: &Dependencies,
) -> JoinHandle<()> {
    Handle::current().spawn(routes_watch::watch(
        settings.routes.clone(),
        loaded,
        settings.routes_poll,
        Arc::clone(routes),
        Arc::clone(&dependencies.environment),
    ))
}

fn processor(
    dependencies: Dependencies,
    settings: &UpdaterSettings,
    statistics: Arc<Statistics>,
    credentials: Arc<Credentials>,
    routes: Arc<RoutesHandle>,
) -> anyhow::Result<Processor> {
    Handle::current().spawn(credentials::warn_of_missing(
        Arc::clone(&routes),
        Arc::clone(&credentials),
    ));
    let caller = HttpCaller::new(
        client(settings.connect_timeout)?,
        credentials,
        Arc::clone(&dependencies.clock),
    );
    let deliverer = Deliverer {
        ledger: dependencies.ledger,
        held_messages: dependencies.held_messages,
        dead_letters: dependencies.dead_letters,
        caller,
        limiters: Limiters::new(settings.max_instances),
        breakers: Breakers::new(
            settings.held.failures_in_a_row,
            settings.held.shortest_wait,
            Arc::clone(&dependencies.clock),
        ),
        evidence: Evidence::default(),
        statistics,
        telemetry: dependencies.telemetry,
        clock: Arc::clone(&dependencies.clock),
        owner: dependencies.owner,
        settings: DeliverySettings {
            calls_at_once: settings.calls_at_once.max(1),
            lease_grace: settings.lease_grace,
            dedupe_retention: settings.dedupe_retention,
            dead_letter_retention: settings.dead_letter_retention,
            held: settings.held.clone(),
        },
    };
    let purchase_identity = settings.purchase_identity;
    Ok(Processor {
        routes,
        deliverer,
        clock: dependencies.clock,
        purchase_identity,
    })
}
