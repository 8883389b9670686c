//! The sandbox back office: stand-ins for a shop's CRM, loyalty, ERP, mail, customer data and shop APIs.
//!
//! They take any method on any path, show what they were sent, and can be told to fail, stall or ask for patience, so that
//! retries and dead letters can be seen before a real API is at stake. All is kept in memory, within bounds, and gone
//! when the process ends. They honour `Idempotency-Key` as a good API does, so effects and repeats are told apart.

mod behaviour;
mod console;
mod journal;
mod page;
mod settings;
mod stand_in;

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ::web::{
    Admission, AdmissionSettings, HttpSettings, JsonLimits, RunningServer, TRUSTED_NETWORK_WAY,
    UncheckedCallers,
};
use actix_web::web::{self, Data};
use anyhow::{Context, ensure};
use events::Clock;

use behaviour::Behaviours;
use journal::Journal;
pub use settings::SandboxSettings;

/// Names of the APIs; each answers below a path of its name.
pub const APIS: [&str; 6] = ["crm", "loyalty", "erp", "mail", "cdp", "shop"];

/// The most bytes of one request's body.
pub const MAX_BODY_BYTES: usize = 64 << 10;

/// Starts stand-ins.
pub struct Sandbox;

/// Stand-ins that answer.
pub struct RunningSandbox {
    server: RunningServer,
}

/// What every handler is given.
pub(crate) struct State {
    clock: Arc<dyn Clock>,
    limits: JsonLimits,
    admission: Admission,
    journal: Mutex<Journal>,
    behaviours: Mutex<Behaviours>,
}

impl State {
    fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn behaviours(&self) -> MutexGuard<'_, Behaviours> {
        self.behaviours
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sandbox {
    /// Serves on `listener`, which must be on loopback unless `callers` trust the network: the sandbox asks nobody who they
    /// are and shows what it was sent.
    pub fn start(
        listener: TcpListener,
        clock: Arc<dyn Clock>,
        callers: UncheckedCallers,
    ) -> anyhow::Result<RunningSandbox> {
        let address = listener
            .local_addr()
            .context("the sandbox's listener has no address")?;
        ensure!(
            callers.allow(address),
            "sandbox.callers is none and the sandbox would listen on {address}, which others can reach, and it asks nobody \
             who they are: set sandbox.listen to an address such as 127.0.0.1:8090, start `talaria up` with --no-sandbox, or \
             set sandbox.callers to {TRUSTED_NETWORK_WAY}"
        );
        callers.warn_if_trusted("sandbox.callers", address);
        let state = Data::new(State {
            clock,
            limits: JsonLimits {
                max_body_bytes: MAX_BODY_BYTES,
                ..JsonLimits::default()
            },
            admission: Admission::new(&AdmissionSettings::default()),
            journal: Mutex::default(),
            behaviours: Mutex::default(),
        });
        // A stalled answer is of no use to anybody once the process stops.
        let http = HttpSettings {
            workers: 1,
            stop_timeout: Duration::from_secs(1),
            ..HttpSettings::default()
        };
        let server = ::web::serve(listener, &http, callers.hosts(), move |configuration| {
            configuration.app_data(state.clone());
            endpoints(configuration);
        })?;
        Ok(RunningSandbox { server })
    }
}

impl RunningSandbox {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Stops answering.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.server.stop().await
    }
}

fn endpoints(configuration: &mut web::ServiceConfig) {
    configuration
        .route("/", web::get().to(page::page))
        .route("/requests", web::get().to(console::list))
        .route("/requests", web::delete().to(console::clear))
        .route("/behaviour", web::get().to(console::behaviour))
        .route("/behaviour", web::post().to(console::behave))
        .route("/health/live", web::get().to(console::live))
        .default_service(web::to(stand_in::answer));
}
