//! Personal data in clear does not get past the publisher: not into messages, not into answers.

use events::Treatment;
use serde_json::{Value, json};

use crate::helpers::TestPublisher;

fn lead(id: &str, data: Value) -> Value {
    json!({"eventType": "generate_lead", "eventId": id, "userId": "jane@example.com", "data": data})
}

fn personal() -> Value {
    json!({
        "leadFormId": "contact", "note": "write to Jane.Doe@example.com", "phone": "+49 171 1234567",
        "payment": {"cards": ["4111 1111 1111 1111"]}, "sku": "4111111111111111", "number": 4111111111111111_u64,
    })
}

#[tokio::test]
async fn addresses_and_cards_are_redacted_by_default_and_the_answer_says_where() {
    let publisher = TestPublisher::start(|_| {}).await;
    let answer = publisher.publish(&lead("e", personal())).await;
    assert_eq!(answer.status, 202);
    let expected = json!({
        "eventId": "e", "messageId": "1", "redacted": ["/data/note", "/data/payment/cards/0"],
    });
    assert_eq!(answer.json(), expected);
    let published = &publisher.published()[0];
    assert_eq!(published["userId"], "jane@example.com");
    let expected = json!({
        "leadFormId": "contact", "note": "write to [e-mail]", "phone": "+49 171 1234567",
        "payment": {"cards": ["[card number]"]}, "sku": "4111111111111111", "number": 4111111111111111_u64,
    });
    assert_eq!(published["data"], expected);
}

#[tokio::test]
async fn an_event_without_personal_data_is_answered_as_ever() {
    let publisher = TestPublisher::start(|_| {}).await;
    let answer = publisher
        .publish(&lead("e", json!({"leadFormId": "1"})))
        .await;
    assert_eq!(answer.json(), json!({"eventId": "e", "messageId": "1"}));
}

#[tokio::test]
async fn each_way_does_what_it_says() {
    let jane = "86e0b9e56c17cc4d12387e1949b85053fbe73bc3ce5a1188713a9d300cc6133d";
    for (emails, becomes) in [
        (Treatment::Redact, "[e-mail]"),
        (Treatment::Hash, jane),
        (Treatment::Off, " Jane.Doe@Example.com "),
    ] {
        let publisher = TestPublisher::start(|settings| settings.redaction.emails = emails).await;
        let email = json!({"email": " Jane.Doe@Example.com "});
        assert_eq!(publisher.publish(&lead("e", email)).await.status, 202);
        let published = publisher.published()[0]["data"]["email"].clone();
        assert_eq!(
            published.as_str().map(str::trim),
            Some(becomes.trim()),
            "{emails:?}"
        );
    }
}

#[tokio::test]
async fn what_is_refused_is_named_by_its_place_and_nothing_of_it_is_shown_or_published() {
    let publisher = TestPublisher::start(|settings| {
        settings.redaction.emails = Treatment::Refuse;
        settings.redaction.card_numbers = Treatment::Refuse;
    })
    .await;
    let mut data = personal();
    data["by"] = json!({"joe@example.org": true});
    let answer = publisher.publish(&lead("e", data)).await;
    assert_eq!(
        (answer.status, answer.content_type.as_str()),
        (422, "application/problem+json")
    );
    let pointers: Vec<Value> = answer.json()["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|error| error["pointer"].clone())
        .collect();
    assert_eq!(
        pointers,
        ["/data/by/[e-mail]", "/data/note", "/data/payment/cards/0"]
    );
    for value in ["jane", "Jane", "joe", "4111"] {
        assert!(!answer.text.contains(value), "{}", answer.text);
    }
    assert!(publisher.published().is_empty());
}

#[tokio::test]
async fn kept_paths_pass_as_they_are() {
    let publisher = TestPublisher::start(|settings| {
        settings.redaction.keep = vec!["/data/payment".parse().expect("a path")];
    })
    .await;
    let answer = publisher.publish(&lead("e", personal())).await;
    assert_eq!(answer.json()["redacted"], json!(["/data/note"]));
    let published = &publisher.published()[0]["data"];
    assert_eq!(published["payment"]["cards"][0], "4111 1111 1111 1111");
}

#[tokio::test]
async fn each_event_of_a_batch_is_told_its_own_places() {
    let publisher = TestPublisher::start(|_| {}).await;
    let body = json!([lead("a", json!({})), lead("b", personal()), {"eventType": "x"}]);
    let answer = publisher
        .post("/publish-events", "application/json", body.to_string())
        .await;
    let results = answer.json()["results"].clone();
    let of = |index: usize| results[index]["redacted"].clone();
    let pointers = json!(["/data/note", "/data/payment/cards/0"]);
    assert_eq!((of(0), of(1), of(2)), (Value::Null, pointers, Value::Null));
    assert!(!publisher.published()[1].to_string().contains("Jane"));
}

#[tokio::test]
async fn an_answer_stays_small_however_many_places_there_are() {
    let publisher = TestPublisher::start(|_| {}).await;
    let answer = publisher
        .publish(&lead("e", json!({"all": vec!["a@b.cc"; 5000]})))
        .await;
    let told = answer.json();
    assert_eq!(told["redacted"].as_array().map(Vec::len), Some(100));
    assert_eq!(told["redactedMore"], 4900);
    let published = publisher.published()[0]["data"].to_string();
    assert!(!published.contains('@'));
}

#[tokio::test]
async fn a_refused_event_of_a_batch_leaves_the_others_alone() {
    let publisher = TestPublisher::start(|settings| {
        settings.redaction.emails = Treatment::Refuse;
    })
    .await;
    let body = json!([
        lead("a", json!({})),
        lead(
            "b",
            json!({"by": {"joe@example.org": "x"}, "card": "4111111111111111"})
        ),
        lead("c", json!({"card": "4111111111111111"})),
    ]);
    let answer = publisher
        .post("/publish-events", "application/json", body.to_string())
        .await;
    let results = answer.json()["results"].clone();
    let statuses: Vec<&Value> = (0..3).map(|index| &results[index]["status"]).collect();
    assert_eq!(statuses, [202, 422, 202]);
    let errors = results[1]["problem"]["errors"].as_array().expect("errors");
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert_eq!(errors[0]["pointer"], "/data/by/[e-mail]");
    assert_eq!(results[2]["redacted"], json!(["/data/card"]));
    assert!(!answer.text.contains("joe") && !answer.text.contains("4111"));
    assert_eq!(publisher.published().len(), 2);
}
