//! A data directory, routes and settings, on which the program can be started again and again.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use embedded::{BusSettings, EmbeddedBus, EmbeddedStore, StoreSettings};
use events::SystemClock;
use serde_json::Value;
use store::{DeadLetterSummary, EventQuery, Ledger, LedgerRecord};
use tempfile::TempDir;
use testing::eventually;

use super::back_office::BackOffice;
use super::books::letters_of;
use super::process::TalariaProcess;

/// The default routes.
pub const ROUTES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/routes.yaml");

/// The settings of all addresses, as `config/local.yaml` lists them: no test may take a port that another wants.
fn listening_parts() -> Vec<String> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/local.yaml");
    let text = std::fs::read_to_string(file).expect("the settings file");
    let (mut part, mut names) = ("", Vec::new());
    for line in text.lines() {
        if let Some((name, _)) = line.split_once(':').filter(|_| !line.starts_with(' ')) {
            part = name;
        }
        if line.trim_start().starts_with("listen:") {
            names.push(format!("TALARIA_{}__LISTEN", part.to_ascii_uppercase()));
        }
    }
    names
}

/// The default routes, where every call has this long.
pub fn routes_with_timeouts(timeout: &str) -> String {
    let routes = std::fs::read_to_string(ROUTES).expect("the default routes");
    let is_timeout = |line: &&str| line.trim_start().starts_with("timeout:");
    let lines = routes.lines().filter(|line| !is_timeout(line));
    let lines = lines.map(|line| match line.trim_start().starts_with("repeat:") {
        true => format!("{line}\n    timeout: {timeout}\n"),
        false => format!("{line}\n"),
    });
    lines.collect()
}

/// What a command printed, and its exit code.
pub struct Output {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Output {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}{}", self.stdout, self.stderr))
    }
}

/// Everything that outlives one run of the program.
pub struct World {
    directory: TempDir,
    environment: BTreeMap<String, String>,
    arguments: Vec<String>,
    pub client: reqwest::Client,
}

impl World {
    /// The default routes with the APIs of `back_office`, and quick redelivery.
    pub fn new(back_office: &BackOffice) -> Self {
        let mut world = Self::with_sandbox();
        world.arguments.push("--no-sandbox".into());
        back_office
            .environment()
            .iter()
            .fold(world, |world, (name, value)| world.set(name, value))
    }

    /// The default routes as they are, which leads to the sandbox.
    pub fn with_sandbox() -> Self {
        let world = Self {
            directory: tempfile::tempdir().expect("a directory"),
            environment: BTreeMap::new(),
            arguments: vec!["up".into()],
            client: reqwest::Client::builder()
                .no_proxy()
                .build()
                .expect("a client"),
        };
        let settings = [
            ("TALARIA_UPDATER__ROUTES", ROUTES),
            ("TALARIA_UPDATER__ROUTES_POLL", "50ms"),
            ("TALARIA_BUS__RETRY_MIN", "100ms"),
            ("TALARIA_BUS__RETRY_MAX", "1s"),
            // With redelivery that quick, a hundred attempts would be over within two minutes.
            ("TALARIA_BUS__MAX_DELIVERY_ATTEMPTS", "10000"),
            // Ten attempts are over soon as well; what is held then goes on as quickly.
            ("TALARIA_UPDATER__HELD__SHORTEST_WAIT", "100ms"),
            ("TALARIA_UPDATER__HELD__LONGEST_WAIT", "1s"),
            ("TALARIA_UPDATER__HELD__DRAIN_INTERVAL", "100ms"),
        ];
        let world = listening_parts()
            .iter()
            .fold(world, |world, name| world.set(name, "127.0.0.1:0"));
        settings
            .into_iter()
            .fold(world, |world, (name, value)| world.set(name, value))
    }

    /// The same with a variable of the environment more.
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    /// The same without a variable.
    pub fn unset(mut self, name: &str) -> Self {
        self.environment.remove(name);
        self
    }

    /// The same with an argument more.
    pub fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// The same with routes of the test.
    pub fn with_routes(self, text: &str) -> Self {
        let path = self.write("routes.yaml", text).display().to_string();
        self.set("TALARIA_UPDATER__ROUTES", &path)
    }

    /// The default routes, where every call has this long.
    pub fn with_timeouts(self, timeout: &str) -> Self {
        self.with_routes(&routes_with_timeouts(timeout))
    }

    /// Writes a file beside the data directory, whole or not at all.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.directory.path().join(name);
        let draft = path.with_extension("draft");
        std::fs::write(&draft, text).expect("written");
        std::fs::rename(&draft, &path).expect("renamed");
        path
    }

    pub fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// Starts `up` and waits until it listens.
    pub async fn start(&self) -> TalariaProcess {
        let addresses = self.data().join("addresses.json");
        // Those of an earlier run lead nowhere.
        let _ = std::fs::remove_file(&addresses);
        self.spawn().listening(&addresses).await
    }

    /// Starts `up`.
    pub fn spawn(&self) -> TalariaProcess {
        let log = self.directory.path().join("log");
        let file = std::fs::File::options()
            .create(true)
            .append(true)
            .open(&log)
            .expect("a log");
        let mut command = self.command();
        command
            .args(&self.arguments)
            .stdin(Stdio::null())
            .stdout(file.try_clone().expect("the log"))
            .stderr(file);
        TalariaProcess::spawn(&mut command, log, self.client.clone())
    }

    /// Runs another command on the data directory to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        let output = self.command().args(arguments).output().expect("it runs");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Output {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_talaria"));
        command
            .current_dir(self.directory.path())
            .env_clear()
            .envs(&self.environment)
            .arg("--data")
            .arg(self.data());
        command
    }

    /// What the program keeps, to look at beside it or after it.
    pub fn store(&self) -> EmbeddedStore {
        let file = self.data().join("store.sqlite");
        EmbeddedStore::open(&file, StoreSettings::default()).expect("a store")
    }

    /// The bus, to look at.
    pub fn bus(&self) -> EmbeddedBus {
        let (file, clock) = (self.data().join("bus.sqlite"), Arc::new(SystemClock));
        EmbeddedBus::open(&file, clock, self.client.clone(), BusSettings::default()).expect("a bus")
    }

    /// Waits until every subscription has acknowledged everything and nothing is held any more.
    pub async fn all_acknowledged(&self) {
        self.all_acknowledged_while(|| {}).await;
    }

    /// The same, calling `look` now and then. A busy machine gets all the time it needs as long as it gets on.
    pub async fn all_acknowledged_while(&self, mut look: impl FnMut()) {
        let (bus, store, mut waiting) = (&self.bus(), &self.store(), u64::MAX);
        while waiting > 0 {
            waiting = eventually("fewer messages to wait", || {
                look();
                async move {
                    // First what moves from here to there.
                    let backlog = bus.backlog().await.expect("a bus");
                    let waiting_there = backlog.iter().map(|subscription| subscription.waiting);
                    let held = store.counts().await.expect("a store").held_messages;
                    Some(waiting_there.sum::<u64>() + held).filter(|now| *now < waiting)
                }
            })
            .await;
        }
    }

    /// All dead letters, oldest first.
    pub async fn letters(&self) -> Vec<DeadLetterSummary> {
        letters_of(&self.store()).await
    }

    /// The names of their reasons.
    pub async fn reasons(&self) -> Vec<&'static str> {
        let letters = self.letters().await;
        letters.iter().map(|letter| letter.reason.name()).collect()
    }

    /// The ledger's records of an event.
    pub async fn records(&self, identity: &str) -> Vec<LedgerRecord> {
        let query = EventQuery::Identity(identity.to_owned());
        self.store().find(&query).await.expect("a store")
    }

    /// `destination/effect: state` of an event, in alphabetic order.
    pub async fn states(&self, identity: &str) -> Vec<String> {
        let mut states = Vec::new();
        for record in self.records(identity).await {
            for (key, effect) in &record.effects {
                let effect_name = key.split_once('/').map_or(key.as_str(), |(_, name)| name);
                states.push(format!(
                    "{}/{effect_name}: {}",
                    record.destination,
                    effect.state.name()
                ));
            }
        }
        states.sort();
        states
    }
}
