//! `GET /openapi.json` describes what is there.

use serde_json::{Value, json};

use crate::helpers::{Answer, BusMood, TestPublisher};

#[tokio::test]
async fn every_address_exists_and_every_answer_is_described() {
    let publisher = TestPublisher::start(|settings| settings.event.max_body_bytes = 2000).await;
    let description = get(&publisher, "/openapi.json").await.json();
    let described = |path: &str, method: &str, status: u16| {
        let responses = &description["paths"][path][method]["responses"];
        assert!(
            responses.get(status.to_string()).is_some(),
            "{method} {path} answered {status}, which is not described"
        );
    };
    for path in ["/health/live", "/health/ready"] {
        described(path, "get", get(&publisher, path).await.status);
    }
    let event = json!({"eventType": "user_login", "eventId": "1"});
    let bodies = [
        event.to_string(),
        json!([event]).to_string(),
        "{".into(),
        "7".into(),
        " ".repeat(9_000_000),
    ];
    for path in ["/publish-event", "/publish-events"] {
        for content_type in ["application/json", "text/plain"] {
            for body in &bodies {
                described(
                    path,
                    "post",
                    publisher
                        .post(path, content_type, body.clone())
                        .await
                        .status,
                );
            }
        }
    }
    publisher.bus.mood.send_replace(BusMood::Refuses);
    described(
        "/publish-event",
        "post",
        publisher.publish(&event).await.status,
    );
    described(
        "/health/ready",
        "get",
        get(&publisher, "/health/ready").await.status,
    );
    let paths: Vec<&String> = description["paths"]
        .as_object()
        .expect("paths")
        .keys()
        .collect();
    assert_eq!(
        paths,
        [
            "/health/live",
            "/health/ready",
            "/publish-event",
            "/publish-events"
        ]
    );
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    let publisher = TestPublisher::start(|_| {}).await;
    let description = get(&publisher, "/openapi.json").await.json();
    let mut references = Vec::new();
    collect(&description, &mut references);
    assert!(references.len() > 10);
    for reference in references {
        let pointer = reference.trim_start_matches('#');
        assert!(
            description.pointer(pointer).is_some(),
            "{reference} leads nowhere"
        );
    }
}

async fn get(publisher: &TestPublisher, path: &str) -> Answer {
    Answer::read(
        publisher
            .client
            .get(publisher.url(path))
            .send()
            .await
            .expect("an answer"),
    )
    .await
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            references.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
            map.values().for_each(|value| collect(value, references));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, references)),
        _ => {}
    }
}
