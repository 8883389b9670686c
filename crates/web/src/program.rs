//! A service as a program of its own: its arguments, what the platform tells it, and an end in time.

mod refusal;

use std::collections::BTreeMap;
use std::future::Future;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::path::PathBuf;
use std::pin::pin;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{Context, anyhow};
use async_trait::async_trait;
use clap::{Arg, Command, value_parser};
use serde::Serialize;
use serde::de::DeserializeOwned;
use telemetry::{
    LogFormat, LogSettings, OtlpError, OtlpSettings, Process, Targets, Telemetry, TelemetryError,
    Transport,
};
use tokio::time::Instant;

use crate::settings::Faults;
use crate::{StopSignal, settings};

/// Container platforms kill after ten seconds.
const STOP_WITHIN: Duration = Duration::from_secs(9);
/// Spans and metrics get this at the end, and less where the work has taken long: the work comes first.
const FLUSH_WITHIN: Duration = Duration::from_secs(2);
/// When the last is sent, at the latest.
const END_WITHIN: Duration = Duration::from_millis(9500);

/// What `--help` and `--version` say of a program.
pub struct Program {
    /// As it is called.
    pub name: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// An example of how to start it.
    pub example: &'static str,
    /// Its version.
    pub version: &'static str,
}

/// What a program is started with.
pub struct Start {
    /// The environment as it was at the start.
    pub environment: BTreeMap<String, String>,
    /// `--config`.
    pub file: Option<PathBuf>,
    telemetry: Arc<OnceLock<Telemetry>>,
    /// As the settings have it, once they are known.
    log_format: Arc<OnceLock<LogFormat>>,
}

/// A service that serves.
#[async_trait]
pub trait Running: Send {
    /// Finishes what was accepted, and stops.
    async fn stop(self: Box<Self>) -> anyhow::Result<()>;
}

/// Runs a program until it is told to stop. The exit code is 0 if it started and finished what it had accepted, 2 for wrong
/// arguments, else 1.
pub fn run<F, Starting>(program: &Program, start: F) -> ExitCode
where
    F: FnOnce(Start) -> Starting,
    Starting: Future<Output = anyhow::Result<Box<dyn Running>>>,
{
    let mut call = Start {
        environment: settings::process_environment(),
        file: None,
        telemetry: Arc::default(),
        log_format: Arc::default(),
    };
    let usual_format = call.usual_log_format();
    match command(program).try_get_matches() {
        Ok(arguments) => call.file = arguments.get_one("config").cloned(),
        Err(error) => return refusal::of_arguments(&error, usual_format),
    }
    let (telemetry, format) = (Arc::clone(&call.telemetry), Arc::clone(&call.log_format));
    match run_to_the_end(start(call), &telemetry) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let format = format.get().copied().unwrap_or(usual_format);
            refusal::of_start(program, &error, format)
        }
    }
}

fn command(program: &Program) -> Command {
    Command::new(program.name)
        .about(program.about)
        .version(program.version)
        .after_help(format!("Example:\n  {}", program.example))
        .arg(
            Arg::new("config")
                .long("config")
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .help("The settings file; variables that begin with TALARIA_ speak over it"),
        )
}

fn run_to_the_end(
    start: impl Future<Output = anyhow::Result<Box<dyn Running>>>,
    telemetry: &OnceLock<Telemetry>,
) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Runtime::new().context("can't start the async runtime")?;
    let ended = runtime.block_on(async {
        let mut told = None;
        let ended = run_until_stopped(start, &mut told).await;
        // Also of a start that failed: its spans say how far it came.
        if let Some(telemetry) = telemetry.get() {
            flush(telemetry, told).await;
        }
        ended
    });
    // A look-up of a name that hangs must not hold up the end.
    runtime.shutdown_background();
    ended
}

/// Sends the last spans and metrics of a process that was told to stop at `told`, in what is left of its time.
pub async fn flush(telemetry: &Telemetry, told: Option<Instant>) {
    let left = told.map_or(FLUSH_WITHIN, |told| {
        END_WITHIN.saturating_sub(told.elapsed())
    });
    telemetry.stop(FLUSH_WITHIN.min(left)).await;
}

/// `told` becomes when it was told to stop.
async fn run_until_stopped(
    start: impl Future<Output = anyhow::Result<Box<dyn Running>>>,
    told: &mut Option<Instant>,
) -> anyhow::Result<()> {
    let mut stop = pin!(StopSignal::listen()?.received());
    let running = tokio::select! {
        running = start => running?,
        () = &mut stop => return Ok(()),
    };
    stop.await;
    *told = Some(Instant::now());
    tracing::info!("stopping: what was accepted is finished first");
    tokio::time::timeout(STOP_WITHIN, running.stop())
        .await
        .map_err(|_| {
            anyhow!("stopped after {STOP_WITHIN:?} with work under way; its senders send it again")
        })?
}

impl Start {
    /// A variable of the environment, unless it is empty: that is how compose files leave one out.
    pub fn variable(&self, name: &str) -> Option<&str> {
        let value = self.environment.get(name)?.trim();
        (!value.is_empty()).then_some(value)
    }

    /// How what is wrong with the settings themselves is written.
    fn usual_log_format(&self) -> LogFormat {
        match self.variable("TALARIA_LOG__FORMAT") {
            Some("json") => LogFormat::Json,
            Some("text") => LogFormat::Text,
            _ => self.log_settings().format,
        }
    }

    /// How the log is written unless settings say otherwise: as JSON on Cloud Run, which is known by `K_SERVICE`.
    pub fn log_settings(&self) -> LogSettings {
        let format = match self.variable("K_SERVICE") {
            Some(_) => LogFormat::Json,
            None => LogFormat::Text,
        };
        LogSettings {
            format,
            ..LogSettings::default()
        }
    }

    /// Starts the log. Its lines name the traces of `project`, unless they were told of another.
    pub fn start_log(
        &self,
        settings: &LogSettings,
        project: Option<&str>,
    ) -> Result<(), TelemetryError> {
        // Also where it can't be started, for what is said of that.
        let _ = self.log_format.set(settings.format);
        let mut settings = settings.clone();
        if settings.google_project.is_none() {
            settings.google_project = project.map(str::to_owned);
        }
        telemetry::start(&settings)
    }

    /// What is set about spans and metrics unless settings say otherwise: what OpenTelemetry's usual variables say.
    pub fn otlp_settings(&self) -> Result<OtlpSettings, OtlpError> {
        OtlpSettings::of_environment(&self.environment)
    }

    /// Starts spans and metrics, of the program that is known as `name`; they are off unless settings name who takes them.
    /// [`run`] sends the last of them at the end. `transport` knows the ways to receivers that this program can go.
    pub fn start_telemetry(
        &self,
        settings: &OtlpSettings,
        name: &str,
        project: Option<&str>,
        transport: impl FnOnce(&Targets) -> Result<Arc<dyn Transport>, OtlpError>,
    ) -> Result<Telemetry, OtlpError> {
        let process = self.process(name, project);
        let telemetry = Telemetry::start(settings, &process, transport)?;
        // Of two starts the first is flushed; no program starts it twice.
        Ok(self.telemetry.get_or_init(|| telemetry).clone())
    }

    fn process(&self, name: &str, project: Option<&str>) -> Process {
        let variable = |name| self.variable(name).map(str::to_owned);
        Process {
            cloud_run_service: variable("K_SERVICE"),
            cloud_run_revision: variable("K_REVISION"),
            ..process(name, project)
        }
    }

    /// The settings of a service and of what it is wired to, each over its defaults.
    pub fn settings<A, B>(&self, defaults: (&A, &B)) -> Result<(A, B), settings::SettingsError>
    where
        A: Serialize + DeserializeOwned,
        B: Serialize + DeserializeOwned,
    {
        settings::load_beside(defaults, self.file.as_deref(), &self.environment)
    }

    /// Where to listen: on all addresses at `PORT` where the platform gives one, else on `listen`.
    pub fn address(&self, listen: &str) -> Result<SocketAddr, Faults> {
        if let Some(port) = self.variable("PORT") {
            if self.variable("TALARIA_LISTEN").is_some() {
                tracing::warn!("TALARIA_LISTEN is not used, because PORT says where to listen");
            }
            return match port.parse() {
                Ok(port) => Ok(SocketAddr::from(([0, 0, 0, 0], port))),
                Err(_) => Err(Faults::of(format!(
                    "PORT is {port:?}: it must be a number from 0 to 65535"
                ))),
            };
        }
        let addresses = listen.to_socket_addrs();
        let reason = match addresses.map(|mut addresses| addresses.next()) {
            Ok(Some(address)) => return Ok(address),
            Ok(None) => "it has no address".to_owned(),
            Err(error) => error.to_string(),
        };
        Err(Faults::of(format!(
            "listen is {listen:?}, which can't be listened on ({reason}): set TALARIA_LISTEN to an address and port such as \
             127.0.0.1:8080"
        )))
    }
}

/// What a process of the program that is known as `name` says of itself.
pub fn process(name: &str, project: Option<&str>) -> Process {
    Process {
        name: name.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        instance: format!("{:016x}", crate::process_seed()),
        google_project: project.map(str::to_owned),
        ..Process::default()
    }
}

/// Listens on `address`.
pub fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).with_context(|| {
        format!(
            "can't listen on {address}: is another program there? Name another address and port with TALARIA_LISTEN, or a \
             port with PORT"
        )
    })
}
