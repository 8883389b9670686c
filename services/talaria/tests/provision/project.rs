//! A project of its own on the emulator, a routes file, and the program run on both.

use std::path::PathBuf;
use std::process::Output;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;

pub const ROUTES: &str = "\
destinations:
  crm: { url: https://crm.example, repeat: safe, timeout: 40s }
  mail: { url: https://mail.example, repeat: unsafe }
routes:
  - { name: leads, when: event.eventType == \"generate_lead\", to: crm, body: '{ \"a\": 1 }' }
  - { name: thanks, when: event.eventType == \"purchase\", to: mail, body: '{ \"a\": 1 }' }
";

/// The subscriptions that they need.
pub const ALL: [&str; 4] = [
    "backend-updates-dead-letter.updater",
    "backend-updates.counter",
    "backend-updates.crm",
    "backend-updates.mail",
];

pub struct Project {
    pub name: String,
    /// Where the program finds the emulator.
    pub emulator: String,
    directory: TempDir,
    http: reqwest::Client,
}

impl Project {
    pub fn new() -> Self {
        let project = Self {
            name: testing::unique_project(),
            emulator: testing::pubsub_emulator(),
            directory: tempfile::tempdir().expect("a directory"),
            http: reqwest::Client::builder()
                .no_proxy()
                .build()
                .expect("a client"),
        };
        project.write_routes(ROUTES);
        project
    }

    pub fn write_routes(&self, text: &str) {
        std::fs::write(self.routes(), text).expect("written");
    }

    pub fn routes(&self) -> PathBuf {
        self.directory.path().join("routes.yaml")
    }

    pub async fn provision(&self, more: &[&str]) -> Output {
        let routes = self.routes().display().to_string();
        let mut arguments = vec!["provision", "--routes", &routes];
        arguments.extend(more);
        self.run(&arguments).await
    }

    pub async fn check(&self, more: &[&str]) -> Output {
        let routes = self.routes().display().to_string();
        let mut arguments = vec!["check", &routes, "--subscriptions"];
        arguments.extend(more);
        self.run(&arguments).await
    }

    pub async fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_talaria"));
        command
            .args(arguments)
            .current_dir(self.directory.path())
            .env_clear()
            .env("GOOGLE_CLOUD_PROJECT", &self.name)
            .env("PUBSUB_EMULATOR_HOST", &self.emulator)
            .kill_on_drop(true);
        command.output().await.expect("the program runs")
    }

    /// The subscription as the emulator has it.
    pub async fn subscription(&self, name: &str) -> Value {
        let url = self.url(&format!("subscriptions/{name}"));
        let answer = self.http.get(url).send().await.expect("an answer");
        serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON")
    }

    /// Changes one field of a subscription.
    pub async fn change(&self, name: &str, field: &str, value: Value) {
        let mut subscription = self.subscription(name).await;
        subscription[field] = value;
        let body = json!({"subscription": subscription, "updateMask": field}).to_string();
        let url = self.url(&format!("subscriptions/{name}"));
        let request = self
            .http
            .patch(url)
            .header("Content-Type", "application/json");
        let answer = request.body(body).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
    }

    pub async fn delete(&self, name: &str) {
        let url = self.url(&format!("subscriptions/{name}"));
        let answer = self.http.delete(url).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
    }

    /// Makes a subscription of the topic as it is described.
    pub async fn make(&self, name: &str, mut description: Value) {
        description["topic"] = json!(format!("projects/{}/topics/backend-updates", self.name));
        let url = self.url(&format!("subscriptions/{name}"));
        let request = self
            .http
            .put(url)
            .header("Content-Type", "application/json");
        let answer = request
            .body(description.to_string())
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), 200);
    }

    /// Short names of all subscriptions.
    pub async fn subscriptions(&self) -> Vec<String> {
        let answer = self
            .http
            .get(self.url("subscriptions"))
            .send()
            .await
            .expect("an answer");
        let body = answer.bytes().await.expect("a body");
        let listed: Value = serde_json::from_slice(&body).expect("JSON");
        let listed = listed["subscriptions"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let mut names: Vec<String> = listed
            .iter()
            .filter_map(|one| one["name"].as_str()?.rsplit('/').next().map(str::to_owned))
            .collect();
        names.sort();
        names
    }

    /// Leaves nothing behind that the emulator would push.
    pub async fn end(self) {
        for name in self.subscriptions().await {
            self.delete(&name).await;
        }
    }

    fn url(&self, path: &str) -> String {
        format!(
            "http://{}/v1/projects/{}/{path}",
            testing::pubsub_emulator(),
            self.name
        )
    }
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

/// What was printed, if the exit code is this.
#[track_caller]
pub fn printed(output: &Output, code: i32) -> String {
    let all = format!("{}{}", stdout(output), stderr(output));
    assert_eq!(output.status.code(), Some(code), "{all}");
    stdout(output)
}
