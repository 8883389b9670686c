//! Any event against fixed routes: planning never panics and never hangs, gives the same plan twice, keys that no two
//! effects share, and calls that can be sent and lead nowhere but to their destination.
//!
//! Of the head, `as` is the push address's hint, and all other lines are the message's attributes.

#![no_main]

use std::collections::HashSet;
use std::sync::LazyLock;

use actix_web::http::header::{HeaderName, HeaderValue};
use events::{MessageContext, read_message};
use fuzz::{MESSAGE_ID, NOW, Parts};
use libfuzzer_sys::fuzz_target;
use updater::effect::{Plan, PlannedCall, PlannedEffect, plan};
use updater::routes::{Destination, Routes, load};

static DEFAULT: LazyLock<Routes> = LazyLock::new(|| {
    let source = include_str!("../../config/routes.yaml");
    load(source, "routes.yaml", &|_| None).expect("the routes file is right")
});
static EVERYTHING: LazyLock<Routes> = LazyLock::new(|| {
    let source = include_str!("../routes/everything.yaml");
    load(source, "everything.yaml", &|_| None).expect("the routes file is right")
});

fuzz_target!(|input: &[u8]| {
    let parts = Parts::of(input);
    let mut attributes = parts.texts();
    attributes.remove("as");
    let mut context = MessageContext::new(parts.body, &attributes, MESSAGE_ID, NOW);
    context.event_type_hint = parts.text("as");
    let Ok(received) = read_message(&context) else {
        return;
    };
    let (event, identity) = (received.update.to_json(), received.identity.as_str());
    for routes in [&*DEFAULT, &*EVERYTHING] {
        let planned = plan(routes, None, identity, &event, NOW.millis());
        let again = plan(routes, None, identity, &event, NOW.millis());
        assert_eq!(shown(&planned), shown(&again));
        check(routes, &planned);
        check_destinations(routes, identity, &event, &planned);
    }
});

fn check(routes: &Routes, planned: &Plan) {
    let mut keys = HashSet::new();
    for effect in &planned.effects {
        assert!(keys.insert(&effect.key), "two effects share a key");
        assert_eq!(effect.idempotency_key, effect.idempotency_key_for(1));
        assert_ne!(effect.idempotency_key, effect.idempotency_key_for(2));
        let destination = routes.destination(effect.destination());
        if let Ok(call) = &effect.call {
            check_call(destination.expect("a route has a destination"), call);
        }
    }
    let heard: HashSet<&str> = planned
        .effects
        .iter()
        .map(|effect| &*effect.route.name)
        .collect();
    for silence in &planned.silent {
        assert!(!heard.contains(&*silence.route.name));
    }
    assert_eq!(heard.len() + planned.silent.len(), routes.routes().len());
}

/// The call stays at its destination, whatever the event puts into it.
fn check_call(destination: &Destination, call: &PlannedCall) {
    let address = destination
        .address(&call.path_and_query)
        .expect("an address");
    let home = &destination.url;
    assert_eq!(address.origin(), home.origin());
    assert!(address.path().starts_with(home.path()));
    assert!(address.fragment().is_none() && address.username().is_empty());
    let (path, query) = call
        .path_and_query
        .split_once('?')
        .map_or((&*call.path_and_query, None), |(path, query)| {
            (path, Some(query))
        });
    let expected = match path {
        "" => home.path().to_owned(),
        path => format!("{}{path}", home.path().trim_end_matches('/')),
    };
    assert_eq!(address.path(), expected);
    assert_eq!(address.query(), query);
    for header in &call.headers {
        HeaderName::from_bytes(header.name.as_bytes()).expect("a header's name");
        HeaderValue::from_str(&header.value).expect("a header's value");
    }
    if let Some(body) = &call.body {
        assert!(body.len() <= 1 << 20);
        let json: serde_json::Value = serde_json::from_slice(body).expect("a body is JSON");
        assert_eq!(serde_json::to_vec(&json).expect("JSON"), *body);
    }
}

/// One destination alone gets what it gets among all.
fn check_destinations(routes: &Routes, identity: &str, event: &serde_json::Value, planned: &Plan) {
    for destination in routes.destinations() {
        let id = destination.id.as_str();
        let alone = plan(routes, Some(id), identity, event, NOW.millis());
        let among: Vec<String> = planned
            .effects
            .iter()
            .filter(|effect| effect.destination() == id)
            .map(line)
            .collect();
        let alone: Vec<String> = alone.effects.iter().map(line).collect();
        assert_eq!(alone, among);
    }
}

fn shown(planned: &Plan) -> Vec<String> {
    let silent = planned.silent.iter();
    let silent = silent.map(|silence| format!("{} {}", silence.route.name, silence.reason));
    planned.effects.iter().map(line).chain(silent).collect()
}

fn line(effect: &PlannedEffect) -> String {
    let PlannedEffect {
        key,
        element,
        idempotency_key,
        call,
        age,
        ..
    } = effect;
    format!("{key} {element:?} {idempotency_key} {call:?} {age:?}")
}
