//! The program, asked for its figures.

use serde_json::Value;
use testing::eventually;

use crate::page::Page;
use crate::support::{TalariaProcess, World};

/// These tests are about the counter; no event is to be called out.
const ROUTES: &str = r#"
destinations:
  nobody:
    url: http://127.0.0.1:9
    repeat: safe
routes:
  - name: nothing
    when: event.eventType == "nothing_that_is_sent"
    to: nobody
    body: |
      {"eventId": event.eventId}
"#;

/// The most events of one request.
const BATCH: usize = 1000;

/// A data directory for [`Counter::start`].
pub fn world() -> World {
    World::with_sandbox()
        .argument("--no-sandbox")
        .with_routes(ROUTES)
}

/// The running program.
pub struct Counter {
    pub process: TalariaProcess,
    pub page: Page,
}

impl Counter {
    pub async fn start(world: &World) -> Self {
        let process = world.start().await;
        let text = std::fs::read_to_string(world.data().join("addresses.json"));
        let addresses: Value = serde_json::from_str(&text.expect("addresses")).expect("JSON");
        let page = Page {
            client: world.client.clone(),
            url: addresses["counter"].as_str().expect("a counter").to_owned(),
        };
        Self { process, page }
    }

    /// Posts an event as the tag does; `None` if there is no answer.
    pub async fn try_publish(&self, text: &str) -> Option<u16> {
        let request = self
            .page
            .client
            .post(format!("{}/publish-event", self.process.publisher))
            .header("content-type", "application/json")
            .body(text.to_owned());
        request
            .send()
            .await
            .ok()
            .map(|answer| answer.status().as_u16())
    }

    /// Posts an event that must be accepted.
    pub async fn publish(&self, text: &str) {
        assert_eq!(self.try_publish(text).await, Some(202), "{text}");
    }

    /// Posts many, and those again that a busy machine had no time for.
    pub async fn publish_all(&self, texts: &[String]) {
        for batch in texts.chunks(BATCH) {
            let waiting = &std::sync::Mutex::new(batch.to_vec());
            eventually("a batch to be accepted", || async {
                let sent = waiting.lock().expect("no panic").clone();
                let refused = self.publish_batch(sent).await;
                let done = refused.is_empty();
                *waiting.lock().expect("no panic") = refused;
                done.then_some(())
            })
            .await;
        }
    }

    /// Those that were told to come again.
    async fn publish_batch(&self, texts: Vec<String>) -> Vec<String> {
        let url = format!("{}/publish-events", self.process.publisher);
        let post = self
            .process
            .post(url, "application/x-ndjson", texts.join("\n"));
        let (status, body) = post.await;
        assert_eq!(status, 200, "{body}");
        let answer: Value = serde_json::from_str(&body).expect("JSON");
        let results = answer["results"].as_array().expect("results");
        assert_eq!(results.len(), texts.len());
        let refused = texts.into_iter().zip(results).filter(|(text, result)| {
            let status = result["status"].as_u64();
            assert!(matches!(status, Some(202 | 503)), "{result} for {text}");
            status == Some(503)
        });
        refused.map(|(text, _)| text).collect()
    }

    /// Pushes to `/tally` and what follows, as Pub/Sub does; it must be acknowledged.
    pub async fn push(&self, address: &str, envelope: &Value) {
        let url = format!("{}/tally{address}", self.page.url);
        let post = self
            .process
            .post(url, "application/json", envelope.to_string());
        let (status, body) = post.await;
        assert_eq!(status, 204, "{envelope}: {body}");
    }
}
