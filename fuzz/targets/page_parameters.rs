//! What the page's API is asked: addresses and the body of a replay. What is understood, written out again, is
//! understood the same.
//!
//! Of the head, `path` is what follows `/api/items/`, and `query` what follows the question mark.

#![no_main]

use actix_web::HttpRequest;
use actix_web::http::Uri;
use actix_web::test::TestRequest;
use counter::fuzzing::{ItemsAsked, items, letters, name, replay};
use counter::{ReplayRequest, ReplaySelection};
use events::Timestamp;
use fuzz::Parts;
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};
use store::DeadLetterFilter;
use url::form_urlencoded::{Serializer, byte_serialize};
use web::parse_json;

const PREFIX: &str = "/api/items/";

fuzz_target!(|input: &[u8]| {
    let parts = Parts::of(input);
    let path = parts.text("path").unwrap_or_default();
    let query = parts.text("query").unwrap_or_default();
    if let Some(request) = request(path, query) {
        if let Ok(asked) = items(&request) {
            check_items(asked);
        }
        if let Ok(filter) = letters(&request) {
            check_letters(filter);
        }
        if let Ok(name) = name(PREFIX, &request) {
            check_name(name);
        }
    }
    if let Ok(body) = parse_json(parts.body, 32)
        && let Ok(wanted) = replay(body)
    {
        check_replay(wanted);
    }
});

/// `None` for what no client can send.
fn request(path: &str, query: &str) -> Option<HttpRequest> {
    let address = format!("{PREFIX}{path}?{query}");
    Uri::try_from(&address).ok()?;
    Some(TestRequest::with_uri(&address).to_http_request())
}

fn check_items(asked: ItemsAsked) {
    assert!((1..=2000).contains(&asked.limit));
    let mut query = Serializer::new(String::new());
    query.append_pair("window", asked.window);
    query.append_pair("sort", asked.sort);
    query.append_pair("descending", &asked.descending.to_string());
    query.append_pair("limit", &asked.limit.to_string());
    for (name, value) in [
        ("category", &asked.category),
        ("currency", &asked.currency),
        ("q", &asked.search),
    ] {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    let again = request("", &query.finish()).expect("an address");
    assert_eq!(items(&again).ok(), Some(asked));
}

fn check_letters(filter: DeadLetterFilter) {
    assert!((1..=1000).contains(&filter.limit));
    let mut query = Serializer::new(String::new());
    query.append_pair("limit", &filter.limit.to_string());
    for (name, value) in filter_texts(&filter) {
        query.append_pair(name, &value);
    }
    let again = request("", &query.finish()).expect("an address");
    assert_eq!(letters(&again).ok(), Some(writable(filter)));
}

fn filter_texts(filter: &DeadLetterFilter) -> Vec<(&'static str, String)> {
    let reason = filter.reason.map(|reason| reason.name().to_owned());
    let texts = [
        ("reason", reason),
        ("destination", filter.destination.clone()),
        ("route", filter.route.clone()),
        ("since", filter.since.map(Timestamp::to_rfc3339)),
    ];
    let given = texts.into_iter();
    given
        .filter_map(|(name, text)| Some((name, text?)))
        .collect()
}

/// An offset can lead out of the years that RFC 3339 writes.
fn writable(filter: DeadLetterFilter) -> DeadLetterFilter {
    let written = |since: Timestamp| Timestamp::parse_rfc3339(&since.to_rfc3339());
    DeadLetterFilter {
        since: filter
            .since
            .map(|since| written(since).expect("what is written can be read")),
        ..filter
    }
}

fn check_name(name: String) {
    assert!(!name.is_empty());
    // A form writes a blank as a plus; in a path that is a plus.
    let encoded: String = byte_serialize(name.as_bytes()).collect();
    let encoded = encoded.replace('+', "%20");
    let again = request(&encoded, "").expect("an address");
    assert_eq!(counter::fuzzing::name(PREFIX, &again).ok(), Some(name));
}

fn check_replay(wanted: ReplayRequest) {
    let dry_run = wanted.dry_run;
    let (body, expected) = match wanted.selection {
        ReplaySelection::Ids(ids) => {
            assert!((1..=1000).contains(&ids.len()));
            let body = json!({"ids": ids, "dryRun": dry_run});
            (body, ReplaySelection::Ids(ids))
        }
        ReplaySelection::Filter(filter) => {
            assert_eq!((filter.limit, &filter.event_id), (1000, &None));
            let texts = filter_texts(&filter).into_iter();
            let texts: Map<String, Value> = texts
                .map(|(name, text)| (name.to_owned(), text.into()))
                .collect();
            let body = json!({"filter": texts, "dryRun": dry_run});
            (body, ReplaySelection::Filter(writable(filter)))
        }
    };
    let expected = ReplayRequest {
        selection: expected,
        dry_run,
    };
    assert_eq!(replay(body).ok(), Some(expected));
}
