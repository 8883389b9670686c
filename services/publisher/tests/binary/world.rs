//! A publisher on Google's Pub/Sub emulator, and what comes to its topic.

use serde_json::{Value, json};
use testing::{PATIENCE, RunningProgram, eventually, pubsub_emulator, unique_project};

use crate::platform::PROGRAM;

/// A topic with a subscription that is pulled, and a publisher on it.
pub struct World {
    pub program: RunningProgram,
    pub publisher: String,
    pub subscription: Subscription,
    pub client: reqwest::Client,
}

impl World {
    /// The publisher finds the emulator at `host`.
    pub async fn start(host: &str) -> Self {
        let world = Self::without_topic(host).await;
        world.subscription.make().await;
        world
    }

    /// Neither topic nor subscription is there yet.
    pub async fn without_topic(host: &str) -> Self {
        let client = reqwest::Client::builder().build().expect("a client");
        let project = format!("{}-publisher", unique_project());
        let mut program = RunningProgram::start(
            PROGRAM,
            &[],
            &[
                ("TALARIA_BUS__BACKEND", "pubsub"),
                ("TALARIA_LISTEN", "127.0.0.1:0"),
                ("TALARIA_PROJECT", &project),
                ("PUBSUB_EMULATOR_HOST", host),
            ],
        );
        let publisher = format!("http://{}", program.address().await);
        Self {
            program,
            publisher,
            subscription: Subscription {
                project,
                client: client.clone(),
            },
            client,
        }
    }

    /// A request that publishes.
    pub fn event(&self, id: &str) -> reqwest::RequestBuilder {
        let event = json!({"eventType": "user_login", "eventId": id});
        self.client
            .post(format!("{}/publish-event", self.publisher))
            .header("content-type", "application/json")
            .body(event.to_string())
    }

    pub async fn publish(&self, id: &str) -> (u16, Value) {
        let answer = self.event(id).send().await.expect("an answer");
        let status = answer.status().as_u16();
        let text = answer.text().await.expect("a body");
        (status, serde_json::from_str(&text).expect("JSON"))
    }

    pub async fn becomes_ready(&self, expected: u16) {
        let url = format!("{}/health/ready", self.publisher);
        eventually(&format!("readiness {expected}"), || async {
            let answer = self.client.get(&url).send().await.expect("an answer");
            (answer.status().as_u16() == expected).then_some(())
        })
        .await;
    }
}

/// A subscription that is pulled.
pub struct Subscription {
    project: String,
    client: reqwest::Client,
}

impl Subscription {
    /// Makes it, and its topic.
    pub async fn make(&self) {
        let topic = format!("projects/{}/topics/backend-updates", self.project);
        let of_topic = format!("http://{}/v1/{topic}", pubsub_emulator());
        put(&self.client, &of_topic, json!({})).await;
        put(&self.client, &self.url(), json!({"topic": topic})).await;
    }

    fn url(&self) -> String {
        let (emulator, project) = (pubsub_emulator(), &self.project);
        format!("http://{emulator}/v1/projects/{project}/subscriptions/pulled")
    }

    /// Waits until messages with these event ids have been pulled.
    pub async fn brings(&self, ids: &[String]) {
        let mut pulled = Vec::new();
        while !ids.iter().all(|id| pulled.contains(id)) {
            let more = tokio::time::timeout(PATIENCE, self.pull()).await;
            pulled.extend(more.unwrap_or_else(|_| panic!("{ids:?} are not all in {pulled:?}")));
        }
    }

    /// The event ids of the next messages.
    async fn pull(&self) -> Vec<String> {
        let request = self
            .client
            .post(format!("{}:pull", self.url()))
            .body(json!({"maxMessages": 100}).to_string());
        let text = request.send().await.expect("an answer").text().await;
        let pulled: Value = serde_json::from_str(&text.expect("a body")).expect("JSON");
        let messages = pulled["receivedMessages"].as_array();
        let id = |message: &Value| message["message"]["attributes"]["eventId"].clone();
        messages
            .into_iter()
            .flatten()
            .map(|message| id(message).as_str().expect("an event id").to_owned())
            .collect()
    }
}

async fn put(client: &reqwest::Client, url: &str, body: Value) {
    let answer = client.put(url).body(body.to_string()).send().await;
    let answer = answer.expect("the emulator answers");
    assert_eq!(answer.status().as_u16(), 200, "{url}");
}
