//! One publisher on Pub/Sub: its program's settings, the bus, and an end. Part of the program, not of the library.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use async_trait::async_trait;
use bus::Bus;
use events::SystemClock;
use google::pubsub::{PubSubBus, PubSubSettings};
use google::settings::{BusSettings, UsualVariables};
use publisher::{Application, CallerCheck, Dependencies, PublisherSettings};
use serde::{Deserialize, Serialize};
use telemetry::LogSettings;
use web::program::{Running, Start, listen};
use web::settings::Faults;

/// What is set beside the publisher's own settings.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Surroundings {
    project: Option<String>,
    bus: BusSettings,
    log: LogSettings,
}

/// Starts the publisher. Pub/Sub may still be away: readiness tells when it is there.
pub(crate) async fn start(start: Start) -> anyhow::Result<Box<dyn Running>> {
    let usual = UsualVariables::of(&start.environment);
    let surroundings = Surroundings {
        project: usual.project.clone(),
        bus: BusSettings {
            emulator_host: usual.pubsub_emulator.clone(),
            ..BusSettings::default()
        },
        log: start.log_settings(),
    };
    let (settings, surroundings) =
        start.settings((&PublisherSettings::default(), &surroundings))?;
    start.start_log(&surroundings.log, surroundings.project.as_deref())?;
    let address = start.address(&settings.listen);
    let (address, pubsub) = check(&settings, &surroundings, &usual, address)?;
    let listener = listen(address)?;
    let bus = Arc::new(PubSubBus::connect(pubsub.clone()).await?);
    let dependencies = Dependencies {
        bus: Arc::clone(&bus) as Arc<dyn Bus>,
        clock: Arc::new(SystemClock),
        trace_seed: web::process_seed(),
    };
    let topic = settings.topic.clone();
    let application = Application::build(listener, dependencies, settings)?;
    tracing::info!(
        address = %application.address(),
        topic,
        project = pubsub.project,
        emulator = pubsub.emulator_host,
        "the publisher is running on Pub/Sub"
    );
    Ok(Box::new(RunningPublisher { application, bus }))
}

fn check(
    settings: &PublisherSettings,
    surroundings: &Surroundings,
    usual: &UsualVariables,
    address: Result<SocketAddr, Faults>,
) -> Result<(SocketAddr, PubSubSettings), Faults> {
    // A tenth less than the publisher's own patience, so that what Pub/Sub says is heard before that ends.
    let publish_timeout = settings.publish_timeout * 9 / 10;
    let bus = &surroundings.bus;
    let pubsub = bus.pubsub(surroundings.project.as_deref(), publish_timeout);
    let address = address.and_then(|address| {
        CallerCheck::from_settings(settings, address).map_err(Faults::of)?;
        Ok(address)
    });
    let credentials = usual.check_credentials_file(bus.emulator_host.is_none());
    let (pubsub, (address, ())) = Faults::join(pubsub, Faults::join(address, credentials))?;
    let pubsub = PubSubSettings {
        ready_topic: Some(settings.topic.clone()),
        ..pubsub
    };
    Ok((address, pubsub))
}

struct RunningPublisher {
    application: Application,
    bus: Arc<PubSubBus>,
}

#[async_trait]
impl Running for RunningPublisher {
    async fn stop(self: Box<Self>) -> anyhow::Result<()> {
        let stopped = self.application.stop().await;
        self.bus.stop().await;
        stopped.context("stopping the publisher")
    }
}
