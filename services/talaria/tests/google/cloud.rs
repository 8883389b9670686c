//! What is on Google Cloud in production: a project with topics and subscriptions, a database, and how the services that
//! run there are set.

use std::path::PathBuf;
use std::process::Output;

use google::firestore::{FirestoreSettings, FirestoreStore};
use serde_json::Value;
use store::HeldMessages;
use tempfile::TempDir;
use testing::{Proxy, RunningProgram, eventually, firestore_emulator, pubsub_emulator};

use crate::page::Page;
use crate::program::{Program, Service, lasting_port};
use crate::project::{Project, client};
use crate::support::BackOffice;
use crate::support::world::ROUTES;

pub struct Cloud {
    pub project: Project,
    pub client: reqwest::Client,
    directory: TempDir,
    /// What each service is told; the later word counts.
    environment: Vec<(Service, String, String)>,
    /// The variables of the routes file.
    office: Vec<(String, String)>,
    routes: PathBuf,
    /// Where each service listens whenever it is started.
    ports: [u16; 3],
}

impl Cloud {
    /// The default routes with the APIs of `office`.
    pub fn new(office: &BackOffice) -> Self {
        let client = client();
        let cloud = Self {
            project: Project::new(&client),
            client,
            directory: tempfile::tempdir().expect("a directory"),
            environment: Vec::new(),
            office: office.environment(),
            routes: ROUTES.into(),
            ports: [(); 3].map(|()| lasting_port()),
        };
        cloud
            .reached_through(&pubsub_emulator(), &firestore_emulator())
            .set(Service::Publisher, "TALARIA_BUS__BACKEND", "pubsub")
            .set(Service::Updater, "TALARIA_STORE__BACKEND", "firestore")
            // One clock on one machine.
            .set(Service::Updater, "TALARIA_LEASE_GRACE", "100ms")
            .set(Service::Updater, "TALARIA_HELD__SHORTEST_WAIT", "100ms")
            .set(Service::Updater, "TALARIA_HELD__LONGEST_WAIT", "1s")
            .set(Service::Updater, "TALARIA_HELD__DRAIN_INTERVAL", "250ms")
            .set(Service::Counter, "TALARIA_STORE__BACKEND", "firestore")
            .set(Service::Counter, "TALARIA_BUS__BACKEND", "pubsub")
    }

    /// The same with a variable of one service more.
    pub fn set(mut self, service: Service, name: &str, value: &str) -> Self {
        let variable = (service, name.to_owned(), value.to_owned());
        self.environment.push(variable);
        self
    }

    /// The same with services that reach the emulators through proxies.
    pub fn through(self, pubsub: &Proxy, firestore: &Proxy) -> Self {
        let quickly = "TALARIA_STORE__REQUEST_TIMEOUT";
        self.reached_through(&pubsub.address(), &firestore.address())
            .set(Service::Updater, quickly, "3s")
            .set(Service::Counter, quickly, "3s")
    }

    fn reached_through(self, pubsub: &str, firestore: &str) -> Self {
        let (bus, store) = ("PUBSUB_EMULATOR_HOST", "FIRESTORE_EMULATOR_HOST");
        self.set(Service::Publisher, bus, pubsub)
            .set(Service::Updater, store, firestore)
            .set(Service::Counter, bus, pubsub)
            .set(Service::Counter, store, firestore)
    }

    /// Commits that wait for each other a second would let the emulator, which pushes two at a time, push two a second.
    pub fn with_quick_commits(self) -> Self {
        let interval = "TALARIA_MIN_COMMIT_INTERVAL";
        self.set(Service::Counter, interval, "0s")
    }

    /// The same with routes of the test.
    pub fn with_routes(mut self, text: &str) -> Self {
        self.routes = self.directory.path().join("routes.yaml");
        std::fs::write(&self.routes, text).expect("written");
        self
    }

    /// Makes topics and subscriptions, and has refused messages come again soon.
    pub async fn provision(&self) {
        let output = self.talaria(&["provision", "--routes"]).await;
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{told}");
        self.project.redeliver_quickly().await;
        self.project.watch().await;
    }

    /// Runs `talaria` with these arguments, the routes file, and the services' addresses.
    pub async fn talaria(&self, arguments: &[&str]) -> Output {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_talaria"));
        command
            .args(arguments)
            .arg(&self.routes)
            .args(["--updater-url", &self.url(Service::Updater)])
            .args(["--counter-url", &self.url(Service::Counter)])
            .current_dir(self.directory.path())
            .env_clear()
            .envs(self.office.iter().cloned())
            .env("GOOGLE_CLOUD_PROJECT", &self.project.name)
            .env("PUBSUB_EMULATOR_HOST", pubsub_emulator())
            .kill_on_drop(true);
        command.output().await.expect("the program runs")
    }

    /// Starts a service where its subscriptions push to.
    pub async fn start(&self, service: Service) -> Program {
        let listen = format!("127.0.0.1:{}", self.port(service));
        self.start_with(service, &[("TALARIA_LISTEN", &listen)])
            .await
    }

    /// Starts another instance of the counter, which no subscription pushes to.
    pub async fn start_counter(&self, role: &str) -> Program {
        let variables = [("TALARIA_LISTEN", "127.0.0.1:0"), ("TALARIA_ROLE", role)];
        self.start_with(Service::Counter, &variables).await
    }

    async fn start_with(&self, service: Service, more: &[(&str, &str)]) -> Program {
        let routes = self.routes.display().to_string();
        let mut variables = vec![("GOOGLE_CLOUD_PROJECT", self.project.name.as_str())];
        if service == Service::Updater {
            variables.push(("TALARIA_ROUTES", &routes));
            let office = self.office.iter();
            variables.extend(office.map(|(name, value)| (name.as_str(), value.as_str())));
        }
        let of_service = self.environment.iter().filter(|(of, ..)| *of == service);
        variables.extend(of_service.map(|(_, name, value)| (name.as_str(), value.as_str())));
        variables.extend(more);
        let running = RunningProgram::start(&service.program(), &[], &variables);
        Program::listening(running, &self.client).await
    }

    fn port(&self, service: Service) -> u16 {
        self.ports[service as usize]
    }

    /// Where a service listens whenever it runs.
    pub fn url(&self, service: Service) -> String {
        format!("http://127.0.0.1:{}", self.port(service))
    }

    /// The page of the counter that subscriptions push to.
    pub fn page(&self) -> Page {
        self.page_at(&self.url(Service::Counter))
    }

    pub fn page_at(&self, url: &str) -> Page {
        Page {
            client: self.client.clone(),
            url: url.to_owned(),
        }
    }

    /// The database, to look at.
    pub fn store(&self) -> FirestoreStore {
        FirestoreStore::new(FirestoreSettings {
            emulator_host: Some(firestore_emulator()),
            ..FirestoreSettings::new(&self.project.name)
        })
    }

    /// Waits until every push is acknowledged and nothing is held any more.
    pub async fn all_settled(&self) {
        self.project.all_acknowledged().await;
        let (store, mut held) = (self.store(), u64::MAX);
        while held > 0 {
            held = eventually("fewer messages to be held", || async {
                let backlog = store.backlog().await.expect("a store");
                let now = backlog.iter().map(|backlog| backlog.count).sum();
                Some(now).filter(|now| *now < held)
            })
            .await;
        }
    }

    /// Posts an event to the publisher as the tag does; `None` if there is no answer.
    pub async fn try_publish(&self, event: &Value) -> Option<u16> {
        let request = self
            .client
            .post(format!("{}/publish-event", self.url(Service::Publisher)))
            .header("content-type", "application/json")
            .body(event.to_string());
        let answer = request.send().await.ok()?;
        Some(answer.status().as_u16())
    }
}
