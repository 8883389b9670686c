//! One counter on Firestore: its program's settings, what it is handed, and an end. Part of the program, not of the library.

mod settings;

use std::sync::Arc;

use anyhow::Context;
use async_trait::async_trait;
use bus::Bus;
use counter::{Application, BusReplayer, Dependencies, Replayer};
use events::{Clock, SystemClock};
use google::firestore::FirestoreStore;
use google::pubsub::PubSubBus;
use google::settings::UsualVariables;
use store::tallies::Tallies;
use store::{DeadLetters, DestinationReports, HeldMessages, Ledger};
use web::program::{Running, Start, listen};

use settings::{Surroundings, check, counter_defaults};

/// Starts the counter. Firestore and Pub/Sub may still be away: readiness tells when the store is there.
pub(crate) async fn start(start: Start) -> anyhow::Result<Box<dyn Running>> {
    let usual = UsualVariables::of(&start.environment);
    let defaults = Surroundings::defaults(&start, &usual)?;
    let (settings, surroundings) = start.settings((&counter_defaults(), &defaults))?;
    start.start_log(&surroundings.log, surroundings.project.as_deref())?;
    let project = surroundings.project.as_deref();
    let telemetry =
        start.start_telemetry(&surroundings.otlp, "talaria-counter", project, |targets| {
            google::otlp::transport(targets, project)
        })?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let address = start.address(&settings.listen);
    let checked = check(&settings, &surroundings, &usual, address, &clock)?;
    let listener = listen(checked.address)?;
    let store = Arc::new(FirestoreStore::new(checked.firestore.clone()));
    let bus = match checked.pubsub.clone() {
        Some(pubsub) => Some(Arc::new(PubSubBus::connect(pubsub).await?)),
        None => None,
    };
    let replayer = bus.as_ref().map(|bus| {
        Arc::new(BusReplayer {
            ledger: Arc::clone(&store) as Arc<dyn Ledger>,
            dead_letters: Arc::clone(&store) as Arc<dyn DeadLetters>,
            bus: Arc::clone(bus) as Arc<dyn Bus>,
            clock: Arc::clone(&clock),
            topic: surroundings.topic.clone(),
        }) as Arc<dyn Replayer>
    });
    let dependencies = Dependencies {
        tallies: Arc::clone(&store) as Arc<dyn Tallies>,
        ledger: Arc::clone(&store) as Arc<dyn Ledger>,
        dead_letters: Arc::clone(&store) as Arc<dyn DeadLetters>,
        held_messages: Arc::clone(&store) as Arc<dyn HeldMessages>,
        destination_reports: store as Arc<dyn DestinationReports>,
        clock,
        replayer,
        push_verifier: checked.push_verifier,
        telemetry,
    };
    let role = settings.role;
    let application = Application::build(listener, dependencies, settings)?;
    tracing::info!(
        address = %application.address(),
        ?role,
        project = checked.firestore.project,
        database = checked.firestore.database,
        emulator = checked.firestore.emulator_host,
        replays_to = checked.pubsub.map(|_| surroundings.topic),
        "the counter is running on Firestore"
    );
    Ok(Box::new(RunningCounter { application, bus }))
}

struct RunningCounter {
    application: Application,
    bus: Option<Arc<PubSubBus>>,
}

#[async_trait]
impl Running for RunningCounter {
    async fn stop(self: Box<Self>) -> anyhow::Result<()> {
        let stopped = self.application.stop().await;
        if let Some(bus) = &self.bus {
            bus.stop().await;
        }
        stopped.context("stopping the counter")
    }
}
