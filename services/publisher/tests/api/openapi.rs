//! `GET /openapi.json` describes what is there.

use publisher::{Callers, Secret};
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
            "/openapi.json",
            "/publish-event",
            "/publish-events"
        ]
    );
}

#[tokio::test]
async fn what_callers_are_refused_with_is_described_with_its_headers() {
    let publisher = TestPublisher::start(|settings| {
        settings.callers = Callers::SharedSecret;
        settings.shared_secret = Some(Secret::new("0123456789abcdef"));
        settings.rate_limit.rate = Some("1/m".parse().expect("a rate"));
    })
    .await;
    let description = get(&publisher, "/openapi.json").await.json();
    let event = json!({"eventType": "user_login", "eventId": "1"}).to_string();
    for (path, body) in [
        ("/publish-event", event.clone()),
        ("/publish-events", format!("[{event}]")),
    ] {
        let mut seen = Vec::new();
        for (method, key, coding) in [
            ("POST", "wrong", "identity"),
            ("PUT", "0123456789abcdef", "identity"),
            ("POST", "0123456789abcdef", "gzip"),
            ("POST", "0123456789abcdef", "identity"),
            ("POST", "0123456789abcdef", "identity"),
        ] {
            let method = method.parse().expect("a method");
            let request = publisher
                .client
                .request(method, publisher.url(path))
                .header("content-type", "application/json")
                .header("content-encoding", coding)
                .header("x-talaria-key", key)
                .body(body.clone());
            let answer = Answer::read(request.send().await.expect("an answer")).await;
            let described =
                &description["paths"][path]["post"]["responses"][answer.status.to_string()];
            let reference = described["$ref"].as_str().unwrap_or_default();
            let response = description.pointer(reference.trim_start_matches('#'));
            let headers = response.and_then(|response| response["headers"].as_object());
            for name in headers.into_iter().flat_map(|headers| headers.keys()) {
                assert!(
                    answer.headers.contains_key(name.as_str()),
                    "{name} in {}",
                    answer.status
                );
            }
            seen.push((answer.status, headers.map_or(0, |headers| headers.len())));
        }
        // The caller's one event of the minute went to the first address.
        let refused = [(401, 1), (405, 1), (415, 1)];
        let rest = match path {
            "/publish-event" => vec![(202, 0), (429, 1)],
            _ => vec![(429, 1), (429, 1)],
        };
        assert!(seen[..2] == refused[..2] && seen[3..] == rest, "{seen:?}");
        assert!(matches!(seen[2], (415 | 429, 1)), "{seen:?}");
    }
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
