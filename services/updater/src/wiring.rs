//! One updater on Firestore: its program's settings, what it is handed, and an end. Part of the program, not of the library.

mod google_parts;
mod settings;

use std::sync::Arc;

use async_trait::async_trait;
use events::{Clock, SystemClock};
use google::firestore::FirestoreStore;
use google::settings::UsualVariables;
use store::{DeadLetters, DestinationReports, HeldMessages, Ledger};
use updater::{Application, Dependencies};
use web::program::{Running, Start, listen};

use google_parts::{Tokens, secret_manager};
use settings::{Surroundings, check, updater_defaults};

/// Starts the updater. Firestore may still be away: readiness tells when it is there.
pub(crate) async fn start(start: Start) -> anyhow::Result<Box<dyn Running>> {
    let usual = UsualVariables::of(&start.environment);
    let defaults = Surroundings::defaults(&start, &usual)?;
    let (settings, surroundings) = start.settings((&updater_defaults(&start), &defaults))?;
    start.start_log(&surroundings.log, surroundings.project.as_deref())?;
    let project = surroundings.project.as_deref();
    let telemetry =
        start.start_telemetry(&surroundings.otlp, "talaria-updater", project, |targets| {
            google::otlp::transport(targets, project)
        })?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let address = start.address(&settings.listen);
    let checked = check(&settings, &surroundings, &usual, address, &clock)?;
    let listener = listen(checked.address)?;
    let store = Arc::new(FirestoreStore::new(checked.firestore.clone()));
    let secret_manager = match checked.secret_manager {
        Some(settings) => Some(secret_manager(settings).await?),
        None => None,
    };
    let dependencies = Dependencies {
        ledger: Arc::clone(&store) as Arc<dyn Ledger>,
        held_messages: Arc::clone(&store) as Arc<dyn HeldMessages>,
        dead_letters: Arc::clone(&store) as Arc<dyn DeadLetters>,
        destination_reports: store as Arc<dyn DestinationReports>,
        owner: owner(&start, clock.as_ref()),
        clock,
        environment: Arc::new(start.environment),
        push_verifier: checked.push_verifier,
        telemetry,
        secret_manager,
        google_tokens: Some(Arc::new(Tokens::default())),
    };
    let routes = settings.routes.display().to_string();
    let application = Application::build(listener, dependencies, settings)?;
    tracing::info!(
        address = %application.address(),
        routes,
        project = checked.firestore.project,
        database = checked.firestore.database,
        emulator = checked.firestore.emulator_host,
        "the updater is running on Firestore"
    );
    Ok(Box::new(RunningUpdater(application)))
}

/// A name in leases that no other process has. In containers every process has the same number, so it holds a random one.
fn owner(start: &Start, clock: &dyn Clock) -> String {
    let revision = start.variable("K_REVISION").unwrap_or("updater");
    let (random, now) = (web::process_seed(), clock.now().millis());
    format!("{revision}-{random:016x}-{now}")
}

struct RunningUpdater(Application);

#[async_trait]
impl Running for RunningUpdater {
    async fn stop(self: Box<Self>) -> anyhow::Result<()> {
        self.0.stop().await
    }
}
