//! Builds the counter from what it is handed.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use anyhow::{anyhow, ensure};
use async_trait::async_trait;
use chrono_tz::Tz;
use events::{Clock, PurchaseIdentity};
use store::tallies::Tallies;
use store::{DeadLetters, DestinationReports, HeldMessages, Ledger};
use telemetry::{Metrics, Telemetry};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use web::{
    Admission, Observation, PushAcceptance, PushVerifier, Readiness, Ready, RunningServer,
    health_endpoints, serve_observed,
};

use crate::api::PageState;
use crate::commit::{CommitSettings, Committer};
use crate::cost_list::CostList;
use crate::replayer::Replayer;
use crate::settings::CounterSettings;
use crate::standing::Standing;
use crate::stream::Streams;
use crate::view::{LatestEvent, View};
use crate::{api, assets, endpoints};

/// What the counter works with.
#[derive(Clone)]
pub struct Dependencies {
    /// Keeps the tallies.
    pub tallies: Arc<dyn Tallies>,
    /// What the updater did, for the page alone.
    pub ledger: Arc<dyn Ledger>,
    /// Keeps what can't be counted; the page shows all letters.
    pub dead_letters: Arc<dyn DeadLetters>,
    /// What waits for destinations, for the page alone.
    pub held_messages: Arc<dyn HeldMessages>,
    /// How destinations fare, for the page alone.
    pub destination_reports: Arc<dyn DestinationReports>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Replays dead letters from the page; without one the page says to use the command line.
    pub replayer: Option<Arc<dyn Replayer>>,
    /// Checks who sent a push; needed by what takes pushes where `push_callers.mode` checks tokens.
    pub push_verifier: Option<Arc<dyn PushVerifier>>,
    /// Where spans and metrics go.
    pub telemetry: Telemetry,
}

/// What the push address is given.
pub(crate) struct Tallier {
    pub tallies: Arc<dyn Tallies>,
    pub committer: Committer,
    pub latest: Arc<LatestEvent>,
    pub dead_letters: Arc<dyn DeadLetters>,
    pub clock: Arc<dyn Clock>,
    pub costs: CostList,
    pub purchase_identity: PurchaseIdentity,
    pub marker_retention: Duration,
    pub dead_letter_retention: Duration,
    pub metrics: Metrics,
}

/// A counter that serves.
pub struct Application {
    server: RunningServer,
    streams: Option<Arc<Streams>>,
    commits: Option<JoinHandle<()>>,
    stop_timeout: Duration,
}

impl Application {
    /// Starts serving on `listener`, from a tokio runtime that outlives it. Fails if the settings can't be used, or
    /// would let strangers in.
    pub fn build(
        listener: TcpListener,
        dependencies: Dependencies,
        settings: CounterSettings,
    ) -> anyhow::Result<Self> {
        let address = listener.local_addr()?;
        check(&settings, address)?;
        let latest = Arc::new(LatestEvent::new());
        let (mut pushes, mut commits) = (None, None);
        if settings.role.tallies() {
            let acceptance = make_acceptance(&dependencies, &settings, address)?;
            let (tallier, task) = make_tallier(&dependencies, &settings, &latest)?;
            (pushes, commits) = (
                Some((Data::new(tallier), Data::new(acceptance))),
                Some(task),
            );
        }
        let (mut page, mut streams) = (None, None);
        if settings.role.serves_page() {
            let made = make_page(&dependencies, &settings, latest)?;
            streams = Some(Arc::clone(&made.streams));
            page = Some(Data::new(made));
        }
        settings.warn_if_trusted(address);
        let readiness = Readiness::new(Arc::new(TalliesReady(dependencies.tallies)));
        let observation = Observation {
            telemetry: dependencies.telemetry,
            push_paths: &["/tally"],
            // A stream lasts as long as somebody looks; streams are a metric of their own.
            silent_paths: &["/api/stream"],
        };
        let server = serve_observed(
            listener,
            &settings.http,
            settings.hosts(),
            observation,
            move |configuration| {
                health_endpoints(configuration, readiness.clone());
                if let Some((tallier, acceptance)) = &pushes {
                    configuration
                        .app_data(tallier.clone())
                        .app_data(acceptance.clone());
                    endpoints::configure(configuration);
                }
                if let Some(page) = &page {
                    configuration.app_data(page.clone());
                    api::configure(configuration);
                    assets::configure(configuration);
                }
            },
        )?;
        Ok(Self {
            server,
            streams,
            commits,
            stop_timeout: settings.http.stop_timeout,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Ends the live streams, finishes what was accepted, and stops.
    pub async fn stop(self) -> anyhow::Result<()> {
        if let Some(streams) = &self.streams {
            streams.stop();
        }
        self.server.stop().await?;
        if let Some(mut commits) = self.commits {
            // The server's workers hold the other end and are gone; a store that hangs must not hold up the stop.
            let ended = tokio::time::timeout(self.stop_timeout, &mut commits).await;
            if ended.is_err() {
                commits.abort();
                tracing::warn!(
                    "stopped before the last commit was answered; its messages come again"
                );
            }
        }
        Ok(())
    }
}

fn check(settings: &CounterSettings, address: SocketAddr) -> anyhow::Result<()> {
    settings.check_page_readers(address)?;
    ensure!(
        settings.marker_retention > settings.dead_letter_retention,
        "counter.marker_retention must be longer than counter.dead_letter_retention: a letter that is replayed after \
         its event was forgotten would be counted twice"
    );
    Ok(())
}

fn make_acceptance(
    dependencies: &Dependencies,
    settings: &CounterSettings,
    address: SocketAddr,
) -> anyhow::Result<PushAcceptance> {
    let handed = dependencies.push_verifier.clone();
    Ok(PushAcceptance {
        admission: Admission::new(&settings.admission),
        limits: Arc::new(settings.push.clone()),
        callers: settings.push_callers.verifier("counter", address, handed)?,
    })
}

fn make_tallier(
    dependencies: &Dependencies,
    settings: &CounterSettings,
    latest: &Arc<LatestEvent>,
) -> anyhow::Result<(Tallier, JoinHandle<()>)> {
    let costs = match &settings.cost_list {
        Some(path) => CostList::load(path)?,
        None => CostList::default(),
    };
    let (committer, task) = Committer::start(
        Arc::clone(&dependencies.tallies),
        CommitSettings {
            max_events: settings.max_batch.max(1),
            max_bytes: settings.max_batch_bytes,
            min_interval: settings.min_commit_interval,
            queue: settings.admission.max_requests,
        },
        dependencies.telemetry.clone(),
    );
    let tallier = Tallier {
        tallies: Arc::clone(&dependencies.tallies),
        committer,
        latest: Arc::clone(latest),
        dead_letters: Arc::clone(&dependencies.dead_letters),
        clock: Arc::clone(&dependencies.clock),
        costs,
        purchase_identity: settings.purchase_identity,
        marker_retention: settings.marker_retention,
        dead_letter_retention: settings.dead_letter_retention,
        metrics: dependencies.telemetry.metrics().clone(),
    };
    Ok((tallier, task))
}

fn make_page(
    dependencies: &Dependencies,
    settings: &CounterSettings,
    latest: Arc<LatestEvent>,
) -> anyhow::Result<PageState> {
    let zone: Tz = settings.time_zone.parse().map_err(|_| {
        anyhow!(
            "counter.time_zone is {:?}, which is no time zone: use an IANA name such as Europe/Berlin or UTC",
            settings.time_zone
        )
    })?;
    let view = Arc::new(View::new(
        Arc::clone(&dependencies.tallies),
        Arc::clone(&dependencies.clock),
        zone,
        latest,
    ));
    let metrics = dependencies.telemetry.metrics();
    metrics.observe_view_age(view.age());
    let streams = Streams::start(
        Arc::clone(&view),
        settings.max_streams,
        Handle::current(),
        metrics.clone(),
    );
    Ok(PageState {
        view,
        streams,
        tallies: Arc::clone(&dependencies.tallies),
        ledger: Arc::clone(&dependencies.ledger),
        dead_letters: Arc::clone(&dependencies.dead_letters),
        held_messages: Arc::clone(&dependencies.held_messages),
        standing: Standing::new(
            Arc::clone(&dependencies.dead_letters),
            Arc::clone(&dependencies.held_messages),
            Arc::clone(&dependencies.destination_reports),
            Arc::clone(&dependencies.clock),
        ),
        replayer: dependencies.replayer.clone(),
        // Its own counts: pushes that fill theirs keep no operator out.
        replays: Admission::new(&web::AdmissionSettings::default()),
    })
}

struct TalliesReady(Arc<dyn Tallies>);

#[async_trait]
impl Ready for TalliesReady {
    fn asks(&self) -> &'static str {
        "the store"
    }

    async fn ready(&self) -> Result<(), String> {
        self.0
            .version()
            .await
            .map(drop)
            .map_err(|error| error.to_string())
    }
}
