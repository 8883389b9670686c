//! The live stream as a browser reads it.

use std::time::Duration;

use serde_json::{Value, json};
use testing::PATIENCE;

use crate::helpers::{Counter, World, event};

/// An open stream.
pub struct Reader {
    response: reqwest::Response,
    text: String,
}

impl Reader {
    pub async fn open(counter: &Counter, query: &str) -> Self {
        let url = counter.url(&format!("/api/stream?{query}"));
        let response = counter.client.get(url).send().await.expect("an answer");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let text = String::new();
        Self { response, text }
    }

    /// The next frame; `None` at the stream's clean end.
    async fn frame(&mut self) -> Option<String> {
        loop {
            if let Some((frame, rest)) = self.text.split_once("\n\n") {
                let (frame, rest) = (frame.to_owned(), rest.to_owned());
                self.text = rest;
                return Some(frame);
            }
            let chunk = tokio::time::timeout(PATIENCE, self.response.chunk()).await;
            let chunk = chunk.expect("in time").expect("no broken transfer")?;
            self.text
                .push_str(std::str::from_utf8(&chunk).expect("UTF-8"));
        }
    }

    /// Id and data of the next frame of that event.
    pub async fn next(&mut self, event: &str) -> (Option<u64>, Value) {
        loop {
            let frame = self.frame().await.expect("the stream goes on");
            let field = |name: &str| {
                let start = format!("{name}: ");
                frame
                    .lines()
                    .find_map(|line| line.strip_prefix(&start))
                    .map(str::to_owned)
            };
            if field("event").as_deref() == Some(event) {
                let data = field("data").expect("data");
                let id = field("id").map(|id| id.parse().expect("a number"));
                return (id, serde_json::from_str(&data).expect("JSON"));
            }
        }
    }

    /// Reads to the end, which must be clean.
    pub async fn end(mut self) {
        while self.frame().await.is_some() {}
    }
}

fn sale(id: &str, item: &str) -> Value {
    let data = json!({"currency": "EUR", "items": [{"item_id": item, "price": 5}]});
    event("purchase", id, data)
}

#[tokio::test]
async fn a_reader_gets_a_snapshot_and_then_what_changed() {
    let world = World::new();
    let counter = world.start();
    counter.push(&sale("1", "A")).await;
    counter.push(&sale("2", "B")).await;
    let mut reader = Reader::open(&counter, "window=30m").await;
    assert_eq!(reader.frame().await.as_deref(), Some("retry: 2000"));
    let (id, snapshot) = reader.next("snapshot").await;
    assert_eq!(snapshot["summary"]["now"]["orders"], 2);
    assert_eq!(
        snapshot["summary"]["series"]["points"]
            .as_array()
            .map(Vec::len),
        Some(30)
    );
    assert_eq!(snapshot["items"]["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(snapshot["items"]["version"].as_u64(), id);
    let (_, status) = reader.next("status").await;
    assert_eq!(
        (&status["store"], &status["streams"]),
        (&json!("ok"), &json!(1))
    );
    world.clock.advance(Duration::from_secs(5));
    counter.push(&sale("3", "B")).await;
    let (newer, delta) = reader.next("delta").await;
    assert!(newer > id);
    assert_eq!(delta["summary"]["now"]["orders"], 3);
    assert_eq!(delta["summary"].get("series"), None);
    let points = delta["summary"]["point"].as_array().expect("points");
    assert_eq!((points.len(), &points[0]["orders"]), (1, &json!(3)));
    assert_eq!(delta["items"]["order"], json!(["B", "A"]));
    // A fell to the second place, so it changed too.
    let changed = delta["items"]["changed"].as_array().expect("rows");
    assert_eq!(changed[0]["now"]["revenue"], json!({"EUR": "10.00"}));
    assert_eq!((changed.len(), &changed[1]["rank"]), (2, &json!(2)));
}

#[tokio::test]
async fn windows_that_move_are_told_although_nothing_is_counted() {
    let world = World::new();
    let counter = world.start();
    counter.push(&sale("1", "A")).await;
    let mut reader = Reader::open(&counter, "window=5m").await;
    reader.next("snapshot").await;
    world.clock.advance(Duration::from_secs(5 * 60));
    let (_, delta) = reader.next("delta").await;
    assert_eq!(delta["summary"]["now"]["orders"], 0);
    assert_eq!(delta["items"]["order"], json!([]));
}

#[tokio::test]
async fn a_reader_is_told_that_the_store_is_away_and_back() {
    let world = World::new();
    let counter = world.start();
    world.tallies.set_down(true);
    let mut reader = Reader::open(&counter, "").await;
    let (_, status) = reader.next("status").await;
    assert_eq!(status["store"], "unavailable");
    world.tallies.set_down(false);
    reader.next("snapshot").await;
    let (_, status) = reader.next("status").await;
    assert_eq!(status["store"], "ok");
}

#[tokio::test]
async fn there_are_so_many_streams_and_no_more_and_a_place_is_given_back() {
    let mut world = World::new();
    world.settings.max_streams = 1;
    let counter = world.start();
    let mut reader = Reader::open(&counter, "").await;
    reader.next("snapshot").await;
    let refused = counter
        .client
        .get(counter.url("/api/stream"))
        .send()
        .await
        .expect("an answer");
    assert_eq!(refused.status(), 503);
    assert!(refused.headers().contains_key("retry-after"));
    drop(reader);
    testing::eventually("the place", || async {
        let answer = counter
            .client
            .get(counter.url("/api/stream"))
            .send()
            .await
            .expect("an answer");
        (answer.status() == 200).then_some(())
    })
    .await;
}
