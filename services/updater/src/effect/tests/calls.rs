//! Calls, silences and failures.

use std::time::Duration;

use serde_json::json;

use super::super::{Age, SilenceReason, plan, plan_generations};
use super::{IDENTITY, NOW_MS, call, plan_for, purchase, routes, shown};
use crate::routes::Mode;

const STOCK: &str = "  - name: stock\n    when: event.eventType == \"purchase\"\n    to: erp\n";

#[test]
fn a_call_is_complete_and_encoded() {
    let event = purchase(
        json!({"b": 2, "a": {"d": [1.0, 2.5], "c": "é\"/"}, "sku": "SETS/DINNER-4 煎", "none": []}),
    );
    for (rest, expected) in [
        (
            "    body: event.data.a",
            "POST  {\"c\":\"é\\\"/\",\"d\":[1,2.5]}",
        ),
        (
            "    body: '{\"z\": 1, \"a\": event.data.b, \"m\": null}'",
            "POST  {\"a\":2,\"m\":null,\"z\":1}",
        ),
        ("    method: DELETE", "DELETE  "),
        (
            "    method: PUT\n    path: '\"/stock/\" + event.data.sku'",
            "PUT /stock/SETS%2FDINNER-4%20%E7%85%8E ",
        ),
        (
            "    method: GET\n    path: '\"/find\"'\n    query:\n      sku: event.data.sku\n      a&b: '[1.5, true, \"x=y\"]'\n      \
             gone: event.data.none",
            "GET /find?sku=SETS%2FDINNER-4%20%E7%85%8E&a%26b=1.5&a%26b=true&a%26b=x%3Dy ",
        ),
        ("    method: GET\n    query: { n: 1 }", "GET ?n=1 "),
    ] {
        assert_eq!(
            call(&format!("{STOCK}{rest}\n"), &event),
            expected,
            "{rest}"
        );
    }
    let with_headers =
        format!("{STOCK}    headers: {{ X-Count: event.data.b, X-Key: effect.key }}\n");
    let plan = plan_for(&with_headers, &event);
    let planned = plan.effects[0].call.as_ref().expect("a call");
    let headers: Vec<(&str, &str)> = planned
        .headers
        .iter()
        .map(|header| (header.name.as_str(), header.value.as_str()))
        .collect();
    let key = plan.effects[0].idempotency_key.to_string();
    assert_eq!(headers, [("X-Count", "2"), ("X-Key", key.as_str())]);
}

#[test]
fn what_cannot_be_sent_is_a_failure_with_its_field() {
    let event =
        purchase(json!({"up": "..", "line": "a\nb", "sku": "", "list": [1], "secret": "s3cret"}));
    for (rest, expected) in [
        (
            "    body: event.data.total",
            "body: event.data.total is missing",
        ),
        (
            "    body: '{\"x\": event.data.?total}'",
            "body: /x: an optional can't be sent; add .orValue(…)",
        ),
        (
            "    body: event.data.secret * 2",
            "body: * can't work with text and a number",
        ),
        (
            "    path: '\"/a/\" + event.data.up'",
            "path: it leaves its place, or is no path",
        ),
        (
            "    path: '\"/a/\" + event.data.sku'",
            "path: a path: a part of it is empty",
        ),
        (
            "    path: '\"/a/\" + event.data.none'",
            "path: event.data.none is missing",
        ),
        (
            "    headers: { X-A: event.data.line }",
            "headers.X-A: the result holds a character no header can have",
        ),
        (
            "    headers: { X-A: event.data.list }",
            "headers.X-A: a header is text, a number, true or false",
        ),
        (
            "    query: { q: event.data }",
            "query.q: a parameter is text, a number, true or false, or a list of them",
        ),
        (
            "    each: { in: event.data.secret, key: item }",
            "each.in: the result is not a list",
        ),
    ] {
        assert_eq!(
            call(&format!("{STOCK}{rest}\n"), &event),
            expected,
            "{rest}"
        );
    }
    for (when, expected) in [
        (
            "event.data.secret",
            "when: the result is neither true nor false",
        ),
        (
            "event.data.secret > 1",
            "when: > can't work with text and a number",
        ),
    ] {
        assert_eq!(
            call(
                &format!("  - {{ name: a, when: {when}, to: erp }}\n"),
                &event
            ),
            expected,
            "{when}"
        );
    }
}

#[test]
fn a_route_that_stays_silent_says_why() {
    let event = purchase(json!({"empty": []}));
    for (route, expected) in [
        ("when: event.eventType == \"refund\"", "when: is false"),
        (
            "when: event.userId == \"a\"",
            "when: event.userId is missing",
        ),
        (
            "when: event.data.items[0].price > 1",
            "when: event.data.items is missing",
        ),
        (
            "when: event.data.empty[0] > 1",
            "when: an element of a list is missing",
        ),
        (
            "when: true\n    each: { in: event.data.items, key: item }",
            "each.in: event.data.items is missing",
        ),
        (
            "when: true\n    each: { in: event.data.empty, key: item }",
            "each.in: the list is empty",
        ),
    ] {
        let plan = plan_for(&format!("  - name: a\n    to: erp\n    {route}\n"), &event);
        assert!(plan.effects.is_empty(), "{route}");
        assert_eq!(plan.silent[0].reason.to_string(), expected, "{route}");
        assert_eq!(plan.silent[0].route.name, "a");
    }
}

#[test]
fn only_the_routes_of_the_destination_are_planned() {
    let source = "destinations:\n  a: { url: 'https://a.example', repeat: safe }\n  b: { url: 'https://b.example', \
                  repeat: safe }\nroutes:\n  - { name: ra, when: true, to: a }\n  - { name: rb, when: true, to: b }\n  \
                  - { name: rc, when: false, to: b }\n";
    let routes = crate::routes::load(source, "routes.yaml", &|_| None).expect("right");
    for (destination, effects, silent) in [
        (None, 2, 1),
        (Some("a"), 1, 0),
        (Some("b"), 1, 1),
        (Some("c"), 0, 0),
    ] {
        let plan = plan(&routes, destination, IDENTITY, &purchase(json!({})), NOW_MS);
        assert_eq!(
            (plan.effects.len(), plan.silent.len()),
            (effects, silent),
            "{destination:?}"
        );
        assert!(
            destination
                .is_none_or(|id| plan.effects.iter().all(|effect| effect.destination() == id))
        );
    }
}

#[test]
fn an_event_older_than_max_age_is_expired_and_still_shown() {
    let route = "  - { name: mail, when: true, to: erp, max_age: 24h, mode: shadow, body: '1' }\n";
    let day = i64::try_from(Duration::from_secs(86_400).as_millis()).expect("a day");
    for (event, expected) in [
        (json!({"eventTimestampMs": NOW_MS - day}), Age::Fresh),
        (json!({"eventTimestampMs": NOW_MS - day - 1}), Age::Expired),
        (json!({"eventTimestampMs": NOW_MS + day}), Age::Fresh),
        (json!({"receivedMs": NOW_MS - day - 1}), Age::Expired),
        (json!({}), Age::Fresh),
    ] {
        let plan = plan(&routes(route), None, IDENTITY, &event, NOW_MS);
        assert_eq!(plan.effects[0].age, expected, "{event}");
        assert_eq!(plan.effects[0].mode(), Mode::Shadow);
        assert_eq!(shown(&plan.effects[0]), "POST  1");
    }
}

#[test]
fn a_later_generation_has_its_own_key_also_in_expressions() {
    let routes = routes("  - { name: a, when: true, to: erp, body: effect.key }\n");
    let first = plan(&routes, None, IDENTITY, &purchase(json!({})), NOW_MS)
        .effects
        .remove(0);
    let keys = [0, 1, 2, 3].map(|generation| first.idempotency_key_for(generation));
    assert_eq!(first.key, "purchase:ORD-1/a");
    assert_eq!(
        (keys[0], keys[1]),
        (first.idempotency_key, first.idempotency_key)
    );
    assert_eq!(keys[2], events::effect_key_uuid("purchase:ORD-1/a~2"));
    assert_eq!(keys[3], events::effect_key_uuid("purchase:ORD-1/a~3"));
    assert_eq!(shown(&first), format!("POST  \"{}\"", keys[1]));
    let generation = |key: &str| if key == "purchase:ORD-1/a" { 2 } else { 1 };
    let second = plan_generations(
        &routes,
        None,
        IDENTITY,
        &purchase(json!({})),
        NOW_MS,
        &generation,
    )
    .effects
    .remove(0);
    assert_eq!(shown(&second), format!("POST  \"{}\"", keys[2]));
    assert_eq!(second.idempotency_key, keys[1]);
}

#[test]
fn silences_tell_missing_fields_from_events_that_are_not_meant() {
    let plan = plan_for(
        "  - { name: a, when: has(event.userId), to: erp }\n  - { name: b, when: event.userId != \"\", to: erp }\n",
        &purchase(json!({})),
    );
    assert_eq!(plan.silent[0].reason, SilenceReason::NotMeant);
    let path = "event.userId".to_owned();
    assert_eq!(
        plan.silent[1].reason,
        SilenceReason::Missing {
            field: "when",
            path
        }
    );
}
