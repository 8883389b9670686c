//! What a look at the destinations costs where there is much to look at.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use counter::{ReplayError, ReplayRequest, Replayed, Replayer};
use events::Timestamp;
use serde_json::{Value, json};
use store::{DestinationReport, DestinationReports};

use crate::helpers::{Counter, NOW_MS, World};

fn reports(numbers: std::ops::Range<usize>) -> Vec<DestinationReport> {
    let report = |number| DestinationReport {
        destination: format!("api-{number}"),
        instance: "one".into(),
        since: Timestamp::from_millis(NOW_MS),
        at: Timestamp::from_millis(NOW_MS),
        calls: BTreeMap::new(),
        latency_ms: None,
        in_flight: 0,
        last_done: None,
        last_failure: None,
    };
    numbers.map(report).collect()
}

async fn shown(counter: &Counter) -> usize {
    // Not by the helper, whose clock goes on with each question.
    let asking = counter.client.get(counter.url("/api/destinations"));
    let answer = asking.send().await.expect("an answer");
    let shown: Value = answer.json().await.expect("JSON");
    shown["destinations"].as_array().expect("a list").len()
}

struct ReplaysNothing;

#[async_trait]
impl Replayer for ReplaysNothing {
    async fn replay(&self, _request: ReplayRequest) -> Result<Vec<Replayed>, ReplayError> {
        Ok(Vec::new())
    }
}

#[tokio::test]
async fn an_answer_of_few_documents_is_always_new() {
    let world = World::new();
    let counter = world.start();
    for count in [1, 100] {
        world
            .store
            .report(reports(0..count))
            .await
            .expect("a store");
        assert_eq!(shown(&counter).await, count);
    }
    world
        .store
        .report(reports(100..101))
        .await
        .expect("a store");
    assert_eq!(shown(&counter).await, 101);
}

/// 300 documents at 20 a second, of which the first hundred are free.
#[tokio::test]
async fn an_answer_of_many_documents_is_kept_until_it_has_paid_for_itself_or_somebody_replays() {
    let mut world = World::new();
    world.replayer = Some(Arc::new(ReplaysNothing));
    let counter = world.start();
    world.store.report(reports(0..300)).await.expect("a store");
    assert_eq!(shown(&counter).await, 300);
    world
        .store
        .report(reports(300..301))
        .await
        .expect("a store");
    world.clock.advance(Duration::from_millis(9_999));
    assert_eq!(shown(&counter).await, 300);
    world.clock.advance(Duration::from_millis(1));
    assert_eq!(shown(&counter).await, 301);

    world
        .store
        .report(reports(301..302))
        .await
        .expect("a store");
    assert_eq!(shown(&counter).await, 301);
    let body = json!({"ids": ["L1"]}).to_string().into_bytes();
    let (status, _) = counter.post("/api/dead-letters/replay", body).await;
    assert_eq!(status, 200);
    assert_eq!(shown(&counter).await, 302);

    world
        .store
        .report(reports(302..303))
        .await
        .expect("a store");
    world.clock.set(Timestamp::from_millis(NOW_MS));
    assert_eq!(
        shown(&counter).await,
        303,
        "a clock that was set back keeps nothing for long"
    );
}
