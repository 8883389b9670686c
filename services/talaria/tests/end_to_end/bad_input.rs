//! Bad input through the front door: a clear answer, nothing lost, nothing looping, nothing half done.

use serde_json::{Value, json};

use crate::support::{BackOffice, Shopper, World, envelope, envelope_of_base64, sample};

const JSON: &str = "application/json";

/// What is posted to the publisher, as what type; the answer's status, and words that tell what to do.
fn refused_events() -> Vec<(
    &'static str,
    &'static str,
    String,
    u16,
    &'static [&'static str],
)> {
    let (event, _) = Shopper::new(0).purchase(1, false);
    let with = |pointer: &str, value: Value| {
        let mut event = event.clone();
        *event.pointer_mut(pointer).expect("it is there") = value;
        event.to_string()
    };
    let deep = format!("{}1{}", "[".repeat(38), "]".repeat(38));
    let deep = serde_json::from_str(&deep).expect("JSON");
    vec![
        (
            "not JSON",
            JSON,
            "{\"eventType\":".into(),
            400,
            &["not JSON", "line 1"],
        ),
        ("nothing", JSON, String::new(), 400, &["not JSON"]),
        (
            "another shape",
            JSON,
            json!({"name": "x"}).to_string(),
            422,
            &["/eventType", "/eventId"],
        ),
        ("a number", JSON, "7".into(), 422, &["object"]),
        (
            "an array for the event",
            JSON,
            format!("[{event}]"),
            422,
            &["object"],
        ),
        (
            "an array for data",
            JSON,
            with("/data", json!([])),
            422,
            &["/data", "object"],
        ),
        (
            "40 levels",
            JSON,
            with("/data/items/0/price", deep),
            400,
            &["32 levels"],
        ),
        (
            "2 MiB",
            JSON,
            with("/data/currency", "x".repeat(2 << 20).into()),
            413,
            &["1048576"],
        ),
        (
            "another type",
            "text/plain",
            event.to_string(),
            415,
            &["application/json"],
        ),
        (
            "no eventId",
            JSON,
            with("/eventId", Value::Null),
            422,
            &["/eventId"],
        ),
        (
            "no amount",
            JSON,
            with("/data/value", "much".into()),
            422,
            &["/data/value"],
        ),
        (
            "no currency",
            JSON,
            with("/data/currency", "EURO".into()),
            422,
            &["/data/currency"],
        ),
    ]
}

#[tokio::test]
async fn the_publisher_refuses_what_is_no_event_and_says_what_to_do() {
    let office = BackOffice::open().await;
    let world = World::new(&office);
    let process = world.start().await;
    for (what, content_type, body, status, says) in refused_events() {
        let url = format!("{}/publish-event", process.publisher);
        let (answered, text) = process.post(url, content_type, body).await;
        assert_eq!(answered, status, "{what}: {text}");
        let problem: Value = serde_json::from_str(&text).expect("problem+json");
        assert_eq!(problem["status"], status, "{what}: {text}");
        for word in says {
            assert!(text.contains(word), "{what}: {word:?} is not in {text}");
        }
    }
    let (event, _) = Shopper::new(0).purchase(1, false);
    process.publish(&event).await;
    world.all_acknowledged().await;
    assert_eq!(office.calls().len(), 4, "the one good event's");
    assert_eq!(world.reasons().await, [""; 0]);
    process.stop().await;
}

#[tokio::test]
async fn the_updater_keeps_what_it_can_not_use_and_acknowledges_it() {
    let lead = &sample("publisher_generate_lead")[0];
    let mut without_data = envelope("m-1", lead);
    without_data["message"]
        .as_object_mut()
        .expect("an object")
        .remove("data");
    let cases = [
        ("no data", "", without_data, "unreadable"),
        (
            "no base64",
            "",
            envelope_of_base64("m-2", "%%%"),
            "unreadable",
        ),
        (
            "no JSON",
            "",
            envelope_of_base64("m-3", "eyJl"),
            "unreadable",
        ),
        ("a number", "", envelope("m-4", &json!(7)), "unreadable"),
        (
            "no destination",
            "/nowhere",
            envelope("m-5", lead),
            "unknown-destination",
        ),
        (
            "no amount",
            "",
            envelope(
                "m-6",
                &json!({"eventType": "refund", "eventId": "e", "data": {"value": "x"}}),
            ),
            "invalid",
        ),
        (
            "no type",
            "",
            envelope("m-7", &json!({"item_id": "A"})),
            "no-event-type",
        ),
    ];
    let office = BackOffice::open().await;
    let world = World::new(&office);
    let process = world.start().await;
    let mut expected = Vec::new();
    for (what, address, push, reason) in cases {
        for _ in 0..2 {
            assert_eq!(process.push(address, &push).await, 204, "{what}");
        }
        expected.push(reason);
        assert_eq!(world.reasons().await, expected, "{what}");
    }
    assert!(office.calls().is_empty(), "{:?}", office.calls());
    process.stop().await;
}

#[tokio::test]
async fn what_is_no_push_is_refused_so_that_the_bus_keeps_it() {
    let office = BackOffice::open().await;
    let world = World::new(&office);
    let process = world.start().await;
    let url = format!("{}/process-backend-update", process.updater);
    for body in ["", "[]", "{}", "not JSON", "{\"eventType\":\"purchase\"}"] {
        let (status, text) = process.post(url.clone(), JSON, body).await;
        assert_eq!(status, 400, "{body}");
        assert!(text.contains("not a Pub/Sub push"), "{text}");
    }
    assert_eq!(world.reasons().await, [""; 0]);
    process.stop().await;
}
