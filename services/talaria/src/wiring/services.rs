//! The three services, each handed the one bus and the one store.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::Arc;

use anyhow::Context;
use bus::Bus;
use embedded::{EmbeddedBus, EmbeddedStore};
use events::Clock;
use store::tallies::Tallies;
use store::{DeadLetters, DestinationReports, HeldMessages, Ledger};
use telemetry::Telemetry;

use crate::settings::TalariaSettings;

/// What the services share.
#[derive(Clone, Copy)]
pub(super) struct Backends<'a> {
    pub(super) bus: &'a Arc<EmbeddedBus>,
    pub(super) store: &'a Arc<EmbeddedStore>,
    pub(super) clock: &'a Arc<dyn Clock>,
    pub(super) telemetry: &'a Telemetry,
}

impl Backends<'_> {
    pub(super) fn updater(
        self,
        settings: &TalariaSettings,
        environment: BTreeMap<String, String>,
    ) -> anyhow::Result<updater::Application> {
        let dependencies = updater::Dependencies {
            telemetry: self.telemetry.clone(),
            ledger: Arc::clone(self.store) as Arc<dyn Ledger>,
            dead_letters: Arc::clone(self.store) as Arc<dyn DeadLetters>,
            held_messages: Arc::clone(self.store) as Arc<dyn HeldMessages>,
            destination_reports: Arc::clone(self.store) as Arc<dyn DestinationReports>,
            clock: Arc::clone(self.clock),
            owner: format!("{}-{}", std::process::id(), self.clock.now().millis()),
            environment: Arc::new(environment),
            push_verifier: None,
            secret_manager: None,
            google_tokens: None,
        };
        let listener = listen(&settings.updater.listen, "UPDATER")?;
        updater::Application::build(listener, dependencies, settings.updater.clone())
    }

    pub(super) fn publisher(
        self,
        settings: &TalariaSettings,
    ) -> anyhow::Result<publisher::Application> {
        let dependencies = publisher::Dependencies {
            telemetry: self.telemetry.clone(),
            bus: Arc::clone(self.bus) as Arc<dyn Bus>,
            clock: Arc::clone(self.clock),
            trace_seed: web::process_seed(),
            token_verifier: None,
        };
        let listener = listen(&settings.publisher.listen, "PUBLISHER")?;
        publisher::Application::build(listener, dependencies, settings.publisher.clone())
    }

    pub(super) fn counter(
        self,
        settings: &TalariaSettings,
    ) -> anyhow::Result<counter::Application> {
        let replayer = counter::BusReplayer {
            ledger: Arc::clone(self.store) as Arc<dyn Ledger>,
            dead_letters: Arc::clone(self.store) as Arc<dyn DeadLetters>,
            bus: Arc::clone(self.bus) as Arc<dyn Bus>,
            clock: Arc::clone(self.clock),
            topic: settings.publisher.topic.clone(),
        };
        let dependencies = counter::Dependencies {
            telemetry: self.telemetry.clone(),
            tallies: Arc::clone(self.store) as Arc<dyn Tallies>,
            ledger: Arc::clone(self.store) as Arc<dyn Ledger>,
            dead_letters: Arc::clone(self.store) as Arc<dyn DeadLetters>,
            held_messages: Arc::clone(self.store) as Arc<dyn HeldMessages>,
            destination_reports: Arc::clone(self.store) as Arc<dyn DestinationReports>,
            clock: Arc::clone(self.clock),
            replayer: Some(Arc::new(replayer)),
            push_verifier: None,
        };
        let listener = listen(&settings.counter.listen, "COUNTER")?;
        counter::Application::build(listener, dependencies, settings.counter.clone())
    }
}

pub(super) fn listen(address: &str, part: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).with_context(|| {
        format!("can't listen on {address}: is another talaria running? Name another address with TALARIA_{part}__LISTEN")
    })
}
