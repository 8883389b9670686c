//! What is held: how much, how old, and whose trace it is worked in.

use std::time::Duration;

use testing::{MockAnswer, Recording};

use super::{SENT_SPAN_ID, TRACE_ID, answered, api, counts, push, world};

const MINUTE: Duration = Duration::from_secs(60);
const HELD: &str = "talaria.updater.held";
const AGE: &str = "talaria.updater.held.oldest.age";

#[tokio::test]
async fn the_level_of_what_is_held_rises_ages_and_falls_to_nothing() {
    let (recording, api) = (Recording::start().await, api().await);
    let world = world(&recording, &api);
    let updater = world.start();
    // From the start, without anybody who drains.
    recording.wait_for_level(HELD, "api", 0.0).await;
    for order in ["T1", "T2"] {
        assert_eq!(push(&updater, "api", &answered(order, "401")).await, 204);
    }
    world.clock.advance(Duration::from_secs(30));
    updater.drain().await;
    recording.wait_for_level(HELD, "api", 2.0).await;
    recording.wait_for_level(AGE, "api", 30.0).await;
    api.answer(MockAnswer::status(204));
    world.clock.advance(MINUTE);
    updater.drain().await;
    recording.wait_for_level(HELD, "api", 0.0).await;
    recording.wait_for_level(AGE, "api", 0.0).await;
    let sent = recording.end().await;
    let expected = counts([("api", 0), ("once", 0)]);
    assert_eq!(sent.counts(HELD), expected);
    let expected = counts([("api done", 2), ("api held", 2)]);
    assert_eq!(sent.counts("talaria.updater.effects"), expected);
}

#[tokio::test]
async fn a_held_message_is_worked_in_its_own_trace_and_the_drain_is_a_link() {
    let (recording, api) = (Recording::start().await, api().await);
    let world = world(&recording, &api);
    let updater = world.start();
    assert_eq!(push(&updater, "api", &answered("T1", "401")).await, 204);
    api.answer(MockAnswer::status(204));
    world.clock.advance(MINUTE);
    updater.drain().await;
    let seen = api.requests().remove(1);
    let sent = recording.end().await;
    let (process, drain) = (
        sent.span("process backend-updates.api"),
        sent.span("drain api"),
    );
    assert_eq!(process.attribute("talaria.outcome"), "held");
    assert_eq!(
        (drain.kind, drain.trace_id.as_str()),
        ("consumer", TRACE_ID)
    );
    assert_eq!(drain.parent_span_id, SENT_SPAN_ID);
    let asked = sent.span("POST /drain");
    let link = (asked.trace_id.clone(), asked.span_id.clone());
    assert_eq!(drain.links, [link]);
    for (key, value) in [
        ("talaria.destination", "api"),
        ("talaria.effects", "1"),
        ("talaria.event.id", "evt-T1"),
        ("talaria.event.type", "purchase"),
        ("talaria.outcome", "done"),
    ] {
        assert_eq!(drain.attribute(key), value, "{key}");
    }
    let calls = sent.spans_named("POST api");
    let parents = calls.iter().map(|call| call.parent_span_id.clone());
    let expected = [process.span_id.clone(), drain.span_id.clone()];
    assert_eq!(parents.collect::<Vec<_>>(), expected);
    let place = format!("00-{TRACE_ID}-{}-01", calls[1].span_id);
    assert_eq!(seen.header("traceparent"), place);
}
