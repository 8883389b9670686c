//! One embedded bus, one embedded store, and the services on them. Nowhere else are the embedded backends made for a
//! service.

mod housekeeping;
mod retentions;
mod services;
mod subscriptions;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use embedded::{EmbeddedBus, EmbeddedStore, Ownership, StoreSettings};
use events::Clock;
use telemetry::Telemetry;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::commands::up::Addresses;
use crate::sandbox::{APIS, RunningSandbox, Sandbox};
use crate::settings::TalariaSettings;
use services::{Backends, listen};
use subscriptions::Subscriptions;

/// What the sandbox is sent instead of a secret that nobody has set.
const SANDBOX_SECRET: &str = "sandbox-key";
/// Container platforms kill after ten seconds.
const STOP_WITHIN: Duration = Duration::from_secs(9);
/// Of these, so many for deliveries under way; the rest is for writing down what became of them.
const DELIVERIES_STOP_WITHIN: Duration = Duration::from_secs(6);

/// All parts, running in this process.
pub(crate) struct Running {
    publisher: publisher::Application,
    updater: updater::Application,
    counter: counter::Application,
    sandbox: Option<RunningSandbox>,
    bus: Arc<EmbeddedBus>,
    store: Arc<EmbeddedStore>,
    housekeeping: JoinHandle<()>,
    _ownership: Ownership,
}

impl Running {
    /// Starts everything. Consumers come before the publisher, because a message reaches only the subscriptions that
    /// exist when it is published.
    pub(crate) async fn start(
        settings: &TalariaSettings,
        environment: &BTreeMap<String, String>,
        clock: &Arc<dyn Clock>,
        telemetry: &Telemetry,
    ) -> anyhow::Result<Self> {
        retentions::check(settings)?;
        let ownership = Ownership::take(&settings.data)?;
        forget_addresses(settings)?;
        let store = Arc::new(EmbeddedStore::open(
            &settings.store_file(),
            StoreSettings::default(),
        )?);
        let released = store.release_claims_of_earlier_process().await?;
        if released > 0 {
            tracing::info!(
                released,
                "an earlier process left claims behind; they are worked again or reviewed"
            );
        }
        let bus = Arc::new(open_bus(settings, clock)?);
        let sandbox = match settings.sandbox.enabled {
            true => Some(Sandbox::start(
                listen(&settings.sandbox.listen, "SANDBOX")?,
                Arc::clone(clock),
                settings.sandbox.callers,
            )?),
            false => None,
        };
        let environment = with_sandbox(environment, sandbox.as_ref().map(RunningSandbox::address));
        let backends = Backends {
            bus: &bus,
            store: &store,
            clock,
            telemetry,
        };
        let updater = backends.updater(settings, environment)?;
        let counter = backends.counter(settings)?;
        let subscriptions = Subscriptions {
            bus: Arc::clone(&bus),
            topic: settings.publisher.topic.clone(),
            updater: updater.address(),
            counter: counter.address(),
            defaults: settings.bus.to_embedded(0),
        };
        subscriptions.make_topics().await?;
        subscriptions
            .bring_in_line(&updater.routes().current())
            .await?;
        let publisher = backends.publisher(settings)?;
        let housekeeping = tokio::spawn(housekeeping::run(
            subscriptions,
            Arc::clone(updater.routes()),
            Arc::clone(&store),
            Arc::clone(clock),
        ));
        Ok(Self {
            publisher,
            updater,
            counter,
            sandbox,
            bus,
            store,
            housekeeping,
            _ownership: ownership,
        })
    }

    /// Where the parts listen.
    pub(crate) fn addresses(&self) -> Addresses {
        let url = |address: SocketAddr| format!("http://{address}");
        Addresses {
            publisher: url(self.publisher.address()),
            updater: url(self.updater.address()),
            counter: url(self.counter.address()),
            sandbox: self.sandbox.as_ref().map(|sandbox| url(sandbox.address())),
        }
    }

    /// The routes in use.
    pub(crate) fn routes(&self) -> Arc<updater::routes::Routes> {
        self.updater.routes().current()
    }

    /// Finishes what was accepted, in the order in which events walk, and stops.
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        let deadline = Instant::now() + STOP_WITHIN;
        self.housekeeping.abort();
        self.publisher
            .stop()
            .await
            .context("stopping the publisher")?;
        self.bus
            .stop(DELIVERIES_STOP_WITHIN)
            .await
            .context("stopping the bus")?;
        if tokio::time::timeout_at(deadline, self.updater.stop())
            .await
            .is_err()
        {
            tracing::warn!(
                "stopped before every call had its answer; the calls' messages come again"
            );
        }
        if tokio::time::timeout_at(deadline, self.counter.stop())
            .await
            .is_err()
        {
            tracing::warn!("stopped before the page's last answers were sent");
        }
        self.store.close().await.context("closing the store")?;
        match self.sandbox {
            Some(sandbox) => sandbox.stop().await.context("stopping the sandbox"),
            None => Ok(()),
        }
    }
}

/// Those of an earlier run lead nowhere, and who waits for the file waits for this run's.
fn forget_addresses(settings: &TalariaSettings) -> anyhow::Result<()> {
    let file = settings.addresses_file();
    match std::fs::remove_file(&file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("can't remove {}", file.display()))
        }
        _ => Ok(()),
    }
}

fn open_bus(settings: &TalariaSettings, clock: &Arc<dyn Clock>) -> anyhow::Result<EmbeddedBus> {
    // Pushes go to the services of this process.
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(Duration::from_secs(3))
        .build()
        .context("can't set up the client for pushes")?;
    let jitter_seed = clock.now().millis().unsigned_abs();
    Ok(EmbeddedBus::open(
        &settings.bus_file(),
        Arc::clone(clock),
        client,
        settings.bus.to_embedded(jitter_seed),
    )?)
}

/// The environment with the sandbox' addresses for APIs that have none, and with stand-ins for the secrets of the
/// default routes where they would go to the sandbox. A real API never gets a stand-in.
fn with_sandbox(
    environment: &BTreeMap<String, String>,
    sandbox: Option<SocketAddr>,
) -> BTreeMap<String, String> {
    let mut environment = environment.clone();
    let Some(sandbox) = sandbox else {
        return environment;
    };
    for api in APIS {
        let name = api.to_ascii_uppercase();
        let address = environment
            .entry(format!("{name}_API_URL"))
            .or_insert_with(|| format!("http://{sandbox}/{api}"));
        if address.starts_with(&format!("http://{sandbox}/")) {
            environment
                .entry(format!("{name}_API_KEY"))
                .or_insert_with(|| SANDBOX_SECRET.to_owned());
        }
    }
    environment
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_goes_to_the_sandbox_gets_a_stand_in() {
        let set = BTreeMap::from([
            ("CRM_API_URL".to_owned(), "https://crm.example".to_owned()),
            ("ERP_API_KEY".to_owned(), "mine".to_owned()),
        ]);
        let environment = with_sandbox(&set, Some(([127, 0, 0, 1], 8090).into()));
        assert_eq!(environment["CRM_API_URL"], "https://crm.example");
        assert_eq!(environment.get("CRM_API_KEY"), None);
        assert_eq!(
            environment["LOYALTY_API_URL"],
            "http://127.0.0.1:8090/loyalty"
        );
        assert_eq!(environment["LOYALTY_API_KEY"], SANDBOX_SECRET);
        assert_eq!(environment["ERP_API_KEY"], "mine");
        assert_eq!(with_sandbox(&set, None), set);
    }
}
