//! One publisher on Pub/Sub: its program's settings, the bus, and an end. Part of the program, not of the library.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use async_trait::async_trait;
use bus::Bus;
use events::{Clock, SystemClock};
use google::pubsub::{PubSubBus, PubSubSettings};
use google::settings::{BusSettings, TokenVoucher, UsualVariables, check_topic, token_verifier};
use publisher::{Application, CallerCheck, Callers, Dependencies, PublisherSettings};
use serde::{Deserialize, Serialize};
use telemetry::{LogSettings, OtlpSettings};
use web::TokenVerifier;
use web::program::{Running, Start, listen};
use web::settings::Faults;

/// What is set beside the publisher's own settings.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Surroundings {
    project: Option<String>,
    bus: BusSettings,
    /// Where Google's public keys come from where its own address can't be reached, such as a mirror.
    google_keys_url: Option<String>,
    otlp: OtlpSettings,
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
        otlp: start.otlp_settings()?,
        log: start.log_settings(),
        ..Surroundings::default()
    };
    let (settings, surroundings) =
        start.settings((&PublisherSettings::default(), &surroundings))?;
    start.start_log(&surroundings.log, surroundings.project.as_deref())?;
    let project = surroundings.project.as_deref();
    let telemetry = start.start_telemetry(
        &surroundings.otlp,
        "talaria-publisher",
        project,
        |targets| google::otlp::transport(targets, project),
    )?;
    let address = start.address(&settings.listen);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let checked = check(&settings, &surroundings, &usual, address, &clock)?;
    let (address, pubsub) = (checked.address, checked.pubsub);
    let listener = listen(address)?;
    let bus = Arc::new(PubSubBus::connect(pubsub.clone()).await?);
    let dependencies = Dependencies {
        bus: Arc::clone(&bus) as Arc<dyn Bus>,
        clock,
        trace_seed: web::process_seed(),
        telemetry,
        token_verifier: checked.token_verifier,
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

/// What can be used of the settings.
struct Checked {
    address: SocketAddr,
    pubsub: PubSubSettings,
    token_verifier: Option<Arc<dyn TokenVerifier>>,
}

fn check(
    settings: &PublisherSettings,
    surroundings: &Surroundings,
    usual: &UsualVariables,
    address: Result<SocketAddr, Faults>,
    clock: &Arc<dyn Clock>,
) -> Result<Checked, Faults> {
    // A tenth less than the publisher's own patience, so that what Pub/Sub says is heard before that ends.
    let publish_timeout = settings.publish_timeout * 9 / 10;
    let bus = &surroundings.bus;
    let pubsub = bus.pubsub(surroundings.project.as_deref(), publish_timeout);
    let callers = address.and_then(|address| {
        let verifier = verifier(settings, surroundings, clock)?;
        if settings.callers == Callers::CloudRunIam {
            usual.check_cloud_run_vouches("publisher.callers", "google-id-token", address)?;
        }
        CallerCheck::from_settings(settings, address, verifier.clone()).map_err(Faults::of)?;
        Ok((address, verifier))
    });
    let credentials = usual.check_credentials_file(!bus.is_emulated());
    let named = Faults::join(check_topic(&settings.topic), check_room(settings, bus));
    let others = Faults::join(credentials, named);
    let ((pubsub, (address, token_verifier)), _) =
        Faults::join(Faults::join(pubsub, callers), others)?;
    let pubsub = PubSubSettings {
        ready_topic: Some(settings.topic.clone()),
        ..pubsub
    };
    Ok(Checked {
        address,
        pubsub,
        token_verifier,
    })
}

/// Refuses a bound under which an event could be right and yet never find room.
fn check_room(settings: &PublisherSettings, bus: &BusSettings) -> Result<(), Faults> {
    let (room, event) = (bus.max_bytes_in_flight, settings.event.max_body_bytes);
    match room < event {
        true => Err(Faults::of(format!(
            "bus.max_bytes_in_flight is {room}, and one event may have {event} bytes, as event.max_body_bytes says: those \
             in between would be refused for good; make room for one at least"
        ))),
        false => Ok(()),
    }
}

/// The check of callers' tokens, if the settings name one.
fn verifier(
    settings: &PublisherSettings,
    surroundings: &Surroundings,
    clock: &Arc<dyn Clock>,
) -> Result<Option<Arc<dyn TokenVerifier>>, Faults> {
    let voucher = match settings.callers {
        Callers::GoogleIdToken => TokenVoucher::Signature(surroundings.google_keys_url.as_deref()),
        Callers::CloudRunIam => TokenVoucher::CloudRunIam,
        _ => return Ok(None),
    };
    let id_token = &settings.id_token;
    token_verifier(
        voucher,
        &id_token.audience,
        &id_token.service_account,
        clock,
    )
    .map(Some)
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
