//! The publisher on Google's Pub/Sub emulator, through a connection that can be cut.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testing::{PATIENCE, Proxy, RunningProgram, eventually, pubsub_emulator, unique_project};

use crate::platform::PROGRAM;

/// The tag waits so long.
const TAG_WAITS: Duration = Duration::from_secs(3);

/// A topic with a subscription that is pulled, and a publisher on it behind a proxy.
struct World {
    program: RunningProgram,
    publisher: String,
    proxy: Proxy,
    subscription: Subscription,
    client: reqwest::Client,
}

impl World {
    async fn start() -> Self {
        let client = reqwest::Client::builder().build().expect("a client");
        let project = format!("{}-publisher", unique_project());
        let emulator = pubsub_emulator();
        let topic = format!("projects/{project}/topics/backend-updates");
        let subscription = format!("http://{emulator}/v1/projects/{project}/subscriptions/pulled");
        put(&client, &format!("http://{emulator}/v1/{topic}"), json!({})).await;
        put(&client, &subscription, json!({"topic": topic})).await;
        let proxy = Proxy::start(&emulator).await;
        let mut program = RunningProgram::start(
            PROGRAM,
            &[],
            &[
                ("TALARIA_BUS__BACKEND", "pubsub"),
                ("TALARIA_LISTEN", "127.0.0.1:0"),
                ("TALARIA_PROJECT", &project),
                ("PUBSUB_EMULATOR_HOST", &proxy.address()),
            ],
        );
        let publisher = format!("http://{}", program.address().await);
        Self {
            program,
            publisher,
            proxy,
            subscription: Subscription {
                url: subscription,
                client: client.clone(),
            },
            client,
        }
    }

    async fn publish(&self, id: &str) -> (u16, Value) {
        let event = json!({"eventType": "user_login", "eventId": id});
        let request = self
            .client
            .post(format!("{}/publish-event", self.publisher))
            .header("content-type", "application/json")
            .body(event.to_string());
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        let text = answer.text().await.expect("a body");
        (status, serde_json::from_str(&text).expect("JSON"))
    }

    async fn becomes_ready(&self, expected: u16) {
        let url = format!("{}/health/ready", self.publisher);
        eventually(&format!("readiness {expected}"), || async {
            let answer = self.client.get(&url).send().await.expect("an answer");
            (answer.status().as_u16() == expected).then_some(())
        })
        .await;
    }
}

/// A subscription that is pulled.
struct Subscription {
    url: String,
    client: reqwest::Client,
}

impl Subscription {
    /// Waits until messages with these event ids have been pulled.
    async fn brings(&self, ids: &[String]) {
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
            .post(format!("{}:pull", self.url))
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

#[tokio::test]
async fn what_is_answered_202_is_on_the_topic() {
    let world = World::start().await;
    let (status, answer) = world.publish("event-1").await;
    assert_eq!(status, 202, "{answer}");
    assert!(
        answer["messageId"]
            .as_str()
            .is_some_and(|id| !id.is_empty())
    );
    world.subscription.brings(&["event-1".into()]).await;
    let (ended, _) = world.program.terminate().await;
    assert_eq!(ended.code, Some(0), "{}", ended.log);
}

#[tokio::test]
async fn what_is_answered_202_before_a_stop_under_load_is_on_the_topic() {
    let world = World::start().await;
    assert_eq!(world.publish("warm").await.0, 202);
    let url = format!("{}/publish-event", world.publisher);
    let mut answers = tokio::task::JoinSet::new();
    for id in 0..60 {
        let id = format!("event-{id}");
        let event = json!({"eventType": "user_login", "eventId": id});
        let request = world
            .client
            .post(&url)
            .header("content-type", "application/json")
            .body(event.to_string());
        answers.spawn(async move { (id, request.send().await) });
    }
    let mut taken = Vec::new();
    let mut note = |(id, answer): (String, Result<reqwest::Response, reqwest::Error>)| {
        if answer.is_ok_and(|answer| answer.status().as_u16() == 202) {
            taken.push(id);
        }
    };
    note(answers.join_next().await.expect("one").expect("no panic"));
    let (ended, _) = world.program.terminate().await;
    assert_eq!(ended.code, Some(0), "{}", ended.log);
    while let Some(answer) = answers.join_next().await {
        note(answer.expect("no panic"));
    }
    assert!(!taken.is_empty());
    world.subscription.brings(&taken).await;
}

#[tokio::test]
async fn without_pubsub_it_refuses_in_time_and_recovers_by_itself() {
    let world = World::start().await;
    world.becomes_ready(200).await;
    assert_eq!(world.publish("before").await.0, 202);
    world.proxy.cut();
    let began = Instant::now();
    assert_eq!(world.publish("during").await.0, 503);
    assert!(began.elapsed() < TAG_WAITS, "{:?}", began.elapsed());
    world.becomes_ready(503).await;
    world.proxy.restore();
    world.becomes_ready(200).await;
    assert_eq!(world.publish("after").await.0, 202);
    let published = ["before".into(), "after".into()];
    world.subscription.brings(&published).await;
}
