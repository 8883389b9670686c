use serde_json::json;

use super::*;

/// Whether `value` fits `schema`, for the keywords that the schema uses; an unknown keyword fails the test.
fn fits(root: &Value, schema: &Value, value: &Value) -> bool {
    schema
        .as_object()
        .expect("a schema is an object")
        .iter()
        .all(|(keyword, rule)| match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" | "then" => true,
            "$ref" => {
                let pointer = rule
                    .as_str()
                    .and_then(|text| text.strip_prefix('#'))
                    .expect("local");
                fits(root, root.pointer(pointer).expect("a definition"), value)
            }
            "type" => match rule {
                Value::Array(types) => types.iter().any(|name| is_of_type(value, name)),
                name => is_of_type(value, name),
            },
            "required" => {
                let mut names = rule.as_array().expect("names").iter();
                names.all(|name| value.get(name.as_str().expect("text")).is_some())
            }
            "properties" => rule
                .as_object()
                .expect("properties")
                .iter()
                .all(|(name, schema)| {
                    value
                        .get(name)
                        .is_none_or(|value| fits(root, schema, value))
                }),
            "items" => value
                .as_array()
                .is_none_or(|all| all.iter().all(|v| fits(root, rule, v))),
            "maxItems" => value
                .as_array()
                .is_none_or(|all| all.len() as u64 <= number(rule)),
            "minLength" => value
                .as_str()
                .is_none_or(|text| text.len() as u64 >= number(rule)),
            "maxLength" => value
                .as_str()
                .is_none_or(|text| text.len() as u64 <= number(rule)),
            "minimum" => value
                .as_f64()
                .is_none_or(|n| n >= rule.as_f64().expect("a number")),
            "pattern" => {
                assert_eq!(rule, "^[A-Za-z][A-Za-z0-9_.-]{0,63}$");
                let text = value.as_str().unwrap_or("a");
                let rest = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
                text.len() <= 64
                    && text.starts_with(|c: char| c.is_ascii_alphabetic())
                    && text.chars().all(rest)
            }
            "const" => value == rule,
            "if" => !fits(root, rule, value) || fits(root, &schema["then"], value),
            "allOf" => rule
                .as_array()
                .expect("schemas")
                .iter()
                .all(|s| fits(root, s, value)),
            other => panic!("the test doesn't know the keyword {other}"),
        })
}

fn number(rule: &Value) -> u64 {
    rule.as_u64().expect("a whole number")
}

fn is_of_type(value: &Value, name: &Value) -> bool {
    match name.as_str().expect("a type's name") {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("no type {other}"),
    }
}

fn accepts(event: &Value) -> (bool, bool) {
    let schema = event_schema().expect("a schema");
    let received = events::Timestamp::from_millis(1_764_060_000_000);
    (
        fits(&schema, &schema, event),
        events::from_publisher(event, received).is_ok(),
    )
}

#[test]
fn every_sample_fits_the_schema_and_is_accepted() {
    for name in ["purchase", "generate_lead", "user_login"] {
        let path = format!(
            "{}/../../crates/events/tests/samples/publisher_{name}.jsonl",
            env!("CARGO_MANIFEST_DIR")
        );
        let text = std::fs::read_to_string(&path).expect("samples");
        assert!(text.lines().count() > 5, "{path}");
        for line in text.lines() {
            let event = serde_json::from_str(line).expect("JSON");
            assert_eq!(accepts(&event), (true, true), "{line}");
        }
    }
}

#[test]
fn every_demo_event_fits_the_schema() {
    let start = events::Timestamp::from_millis(1_764_060_000_000);
    let demo = crate::demo::Demo::new(1, "a", start, std::time::Duration::ZERO);
    for event in demo.take(500) {
        assert_eq!(accepts(&event), (true, true), "{event}");
    }
}

#[test]
fn what_the_schema_refuses_the_publisher_refuses() {
    let purchase = |data: Value| json!({"eventType": "purchase", "eventId": "e", "data": data});
    let cases = [
        json!([]),
        json!({"eventType": "purchase"}),
        json!({"eventType": "1st", "eventId": "e"}),
        json!({"eventType": "purchase", "eventId": ""}),
        json!({"eventType": "purchase", "eventId": "e", "data": []}),
        purchase(json!({"value": -1})),
        purchase(json!({"value": true})),
        purchase(json!({"items": {}})),
        purchase(json!({"items": [7]})),
        purchase(json!({"items": [{"quantity": -1}]})),
        purchase(json!({"items": [{"quantity": 1.5}]})),
    ];
    for event in cases {
        assert_eq!(accepts(&event), (false, false), "{event}");
    }
}

#[test]
fn the_routes_schema_describes_destinations_and_routes() {
    let schema = updater::routes::routes_schema().to_value();
    assert!(schema["properties"]["destinations"].is_object(), "{schema}");
    assert!(schema["properties"]["routes"].is_object(), "{schema}");
}
