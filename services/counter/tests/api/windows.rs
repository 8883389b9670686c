//! Figures move out of their windows as time goes by.

use std::time::Duration;

use serde_json::json;

use crate::helpers::{NOW_MS, World, event};

#[tokio::test]
async fn an_event_is_in_the_window_then_in_the_span_before_then_in_neither() {
    let world = World::new();
    let counter = world.start();
    let view = event("view_item", "1", json!({"items": [{"item_id": "A"}]}));
    counter.push(&view).await;
    for (minutes, now, before) in [(0, 1, 0), (4, 1, 0), (5, 0, 1), (9, 0, 1), (10, 0, 0)] {
        let moment = events::Timestamp::from_millis(NOW_MS);
        world
            .clock
            .set(moment.plus(Duration::from_secs(minutes * 60)));
        let summary = counter.get_json("/api/summary?window=5m").await;
        let found = (&summary["now"]["views"], &summary["before"]["views"]);
        assert_eq!(
            found,
            (&json!(now), &json!(before)),
            "after {minutes} minutes"
        );
        let points = summary["series"]["points"].as_array().expect("points");
        assert_eq!(
            (points.len(), &summary["series"]["step"]),
            (5, &json!("minute"))
        );
        let drawn: i64 = points
            .iter()
            .filter_map(|point| point["views"].as_i64())
            .sum();
        assert_eq!(drawn, now, "the series holds what the window holds");
    }
    let all = counter.get_json("/api/summary?window=all").await;
    assert_eq!(
        (&all["now"]["views"], &all["before"]),
        (&json!(1), &json!(null))
    );
    assert_eq!(all["series"]["points"].as_array().map(Vec::len), Some(96));
    assert_eq!(all["lastEventAt"], "2025-11-25T08:47:00.000Z");
}

#[tokio::test]
async fn today_is_the_shops_day() {
    let mut world = World::new();
    world.settings.time_zone = "Asia/Tokyo".into();
    let counter = world.start();
    counter
        .push(&event(
            "view_item",
            "1",
            json!({"items": [{"item_id": "A"}]}),
        ))
        .await;
    let summary = counter.get_json("/api/summary?window=today").await;
    assert_eq!(summary["from"], "2025-11-24T15:00:00.000Z");
    assert_eq!(
        (&summary["timeZone"], &summary["now"]["views"]),
        (&json!("Asia/Tokyo"), &json!(1))
    );
    // Midnight in Tokyo: today's views are yesterday's.
    world.clock.advance(Duration::from_secs(6 * 3600 + 13 * 60));
    let summary = counter.get_json("/api/summary?window=today").await;
    assert_eq!(summary["from"], "2025-11-25T15:00:00.000Z");
    assert_eq!(summary["now"]["views"], 0);
}

#[tokio::test]
async fn settings_that_can_not_be_used_say_what_would_be_right() {
    let mut world = World::new();
    world.settings.time_zone = "Mars/Olympus".into();
    let error = world.try_start().err().expect("no such zone").to_string();
    assert!(error.contains("IANA"), "{error}");
    world.settings.time_zone = "UTC".into();
    world.settings.cost_list = Some("no/such/file.yaml".into());
    let error = world.try_start().err().expect("no such file").to_string();
    assert!(error.contains("no/such/file.yaml"), "{error}");
    world.settings.cost_list = None;
    world.settings.marker_retention = Duration::from_secs(60);
    let error = world.try_start().err().expect("too short").to_string();
    assert!(error.contains("counted twice"), "{error}");
}
