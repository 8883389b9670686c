//! The counter on Google's emulators: both roles as two processes, and a connection that can be cut.

use std::time::Duration;

use bus::{MessageId, PushEnvelope};
use events::{Clock, SystemClock};
use serde_json::{Value, json};
use testing::{
    Proxy, RunningProgram, eventually, firestore_emulator, pubsub_emulator, unique_project,
};
use tokio::task::JoinSet;

use crate::PROGRAM;

/// A counter behind a proxy.
struct Counter {
    url: String,
    program: RunningProgram,
    client: reqwest::Client,
}

impl Counter {
    async fn start(project: &str, proxy: &Proxy, variables: &[(&str, &str)]) -> Self {
        let (firestore, pubsub) = (proxy.address(), pubsub_emulator());
        let mut all = vec![
            ("FIRESTORE_EMULATOR_HOST", firestore.as_str()),
            ("GOOGLE_CLOUD_PROJECT", project),
            ("PUBSUB_EMULATOR_HOST", &pubsub),
            ("TALARIA_LISTEN", "127.0.0.1:0"),
            ("TALARIA_STORE__BACKEND", "firestore"),
            ("TALARIA_STORE__REQUEST_TIMEOUT", "3s"),
        ];
        all.extend(variables);
        let mut program = RunningProgram::start(PROGRAM, &[], &all);
        Self {
            url: format!("http://{}", program.address().await),
            program,
            client: reqwest::Client::builder().build().expect("a client"),
        }
    }

    fn request(&self, path: &str, body: Vec<u8>) -> reqwest::RequestBuilder {
        self.client
            .post(format!("{}{path}", self.url))
            .header("content-type", "application/json")
            .body(body)
    }

    async fn post(&self, path: &str, body: Vec<u8>) -> u16 {
        let request = self.request(path, body);
        request.send().await.expect("an answer").status().as_u16()
    }

    /// Pushes a purchase of one lamp as Pub/Sub does; the status.
    async fn push(&self, order: &str) -> u16 {
        let answer = self.push_of(order).send().await.expect("an answer");
        answer.status().as_u16()
    }

    fn push_of(&self, order: &str) -> reqwest::RequestBuilder {
        let item = json!({"item_id": "LAMP-07", "price": 10, "quantity": 1});
        let data = json!({"transactionId": order, "value": 10, "currency": "EUR", "items": [item]});
        let event = json!({"eventType": "purchase", "eventId": order, "data": data});
        let envelope = PushEnvelope::new(
            "projects/test/subscriptions/backend-updates.counter".into(),
            &MessageId(format!("message-{order}")),
            SystemClock.now().to_rfc3339(),
            event.to_string().as_bytes(),
        );
        let body = serde_json::to_vec(&envelope).expect("JSON");
        self.request("/tally", body)
    }

    async fn get(&self, path: &str) -> (u16, String) {
        let answer = self.client.get(format!("{}{path}", self.url)).send().await;
        let answer = answer.expect("an answer");
        let status = answer.status().as_u16();
        (status, answer.text().await.expect("a body"))
    }

    async fn becomes_ready(&self, expected: u16) {
        eventually(&format!("readiness {expected}"), || async {
            let (status, _) = self.get("/health/ready").await;
            (status == expected).then_some(())
        })
        .await;
    }

    /// Waits until the page shows so many orders, and no others with them.
    async fn shows_orders(&self, orders: u64) {
        eventually(&format!("{orders} orders on the page"), || async {
            let (status, text) = self.get("/api/summary?window=all").await;
            let summary: Value = serde_json::from_str(&text).ok()?;
            let shown = summary["now"]["orders"].as_u64().unwrap_or_default();
            assert!(shown <= orders, "{text}");
            (status == 200 && shown == orders).then_some(())
        })
        .await;
    }

    async fn ends_well(self) {
        let (ended, _) = self.program.terminate().await;
        assert_eq!(ended.code, Some(0), "{}", ended.log);
    }
}

const DRY_RUN: &str = r#"{"ids": ["no-such-letter"], "dryRun": true}"#;

#[tokio::test]
async fn two_processes_with_a_role_each_tally_and_show() {
    let project = format!("{}-counter", unique_project());
    let proxy = Proxy::start(&firestore_emulator()).await;
    let tally = Counter::start(&project, &proxy, &[("TALARIA_ROLE", "tally")]).await;
    let page = [("TALARIA_ROLE", "page"), ("TALARIA_BUS__BACKEND", "pubsub")];
    let page = Counter::start(&project, &proxy, &page).await;
    for order in ["A", "B", "A"] {
        assert_eq!(tally.push(order).await, 204, "{order}");
    }
    page.shows_orders(2).await;
    assert_eq!(page.push("C").await, 404, "the page takes no pushes");
    assert_eq!(
        page.post("/api/dead-letters/replay", DRY_RUN.into()).await,
        200
    );
    tally.ends_well().await;
    page.ends_well().await;
}

#[tokio::test]
async fn without_firestore_it_refuses_pushes_and_recovers_by_itself() {
    let project = format!("{}-counter", unique_project());
    let proxy = Proxy::start(&firestore_emulator()).await;
    let counter = Counter::start(&project, &proxy, &[("TALARIA_BUS__BACKEND", "none")]).await;
    assert_eq!(counter.push("A").await, 204);
    proxy.cut();
    assert_eq!(counter.push("B").await, 503);
    counter.becomes_ready(503).await;
    proxy.restore();
    counter.becomes_ready(200).await;
    assert_eq!(counter.push("B").await, 204);
    assert_eq!(counter.push("A").await, 204);
    counter.shows_orders(2).await;
    assert_eq!(
        counter
            .post("/api/dead-letters/replay", DRY_RUN.into())
            .await,
        501,
        "without a bus nothing is replayed"
    );
    counter.ends_well().await;
}

#[tokio::test]
async fn what_is_acknowledged_before_a_stop_under_load_is_counted() {
    let project = format!("{}-counter", unique_project());
    let proxy = Proxy::start(&firestore_emulator()).await;
    let bus = [("TALARIA_BUS__BACKEND", "none")];
    let first = Counter::start(&project, &proxy, &bus).await;
    assert_eq!(first.push("warm").await, 204);
    let orders: Vec<String> = (0..60).map(|order| format!("order-{order}")).collect();
    let mut pushes = JoinSet::new();
    for order in orders.clone() {
        let request = first.push_of(&order);
        pushes.spawn(async move { (order, request.send().await) });
    }
    let mut acknowledged = Vec::new();
    let mut note = |(order, answer): (String, Result<reqwest::Response, reqwest::Error>)| {
        if answer.is_ok_and(|answer| answer.status().as_u16() == 204) {
            acknowledged.push(order);
        }
    };
    note(pushes.join_next().await.expect("one").expect("no panic"));
    let (ended, took) = first.program.terminate().await;
    assert_eq!(ended.code, Some(0), "{}", ended.log);
    assert!(took < Duration::from_secs(10), "{took:?}");
    while let Some(pushed) = pushes.join_next().await {
        note(pushed.expect("no panic"));
    }
    assert!(!acknowledged.is_empty());
    // The bus brings the others again. Together they are all, and none twice.
    let second = Counter::start(&project, &proxy, &bus).await;
    for order in orders.iter().filter(|order| !acknowledged.contains(order)) {
        assert_eq!(second.push(order).await, 204, "{order}");
    }
    second.shows_orders(61).await;
    second.ends_well().await;
}
