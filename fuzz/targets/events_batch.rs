//! The body of `POST /publish-events`: the same events whether they come as lines or as an array, each line alone.

#![no_main]

use libfuzzer_sys::fuzz_target;
use publisher::fuzzing::split;
use serde_json::Value;
use web::{JsonLimits, parse_json};

const NDJSON: &str = "application/x-ndjson";
const JSON: &str = "application/json";
const MOST_EVENTS: usize = 1000;

fuzz_target!(|body: &[u8]| {
    let lines: Vec<&[u8]> = body
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.trim_ascii().is_empty())
        .collect();
    match split(NDJSON, body) {
        Err(_) => assert!(lines.len() > MOST_EVENTS),
        Ok(events) => {
            assert!(lines.len() <= MOST_EVENTS);
            check_lines(&lines, events);
        }
    }
    if let Ok(events) = split(JSON, body) {
        let events = all_of(events).expect("an array is taken whole or not at all");
        assert!(events.len() <= MOST_EVENTS);
        let lines: Vec<String> = events.iter().map(Value::to_string).collect();
        let again = split(NDJSON, lines.join("\r\n").as_bytes()).expect("as many lines");
        assert_eq!(all_of(again).as_ref(), Some(&events));
    }
});

fn check_lines(lines: &[&[u8]], events: Vec<Result<Value, web::Problem>>) {
    assert_eq!(lines.len(), events.len());
    let limits = JsonLimits::default();
    for (line, event) in lines.iter().zip(&events) {
        let alone = parse_json(line, limits.max_depth).ok();
        let alone = alone.filter(|_| line.len() <= limits.max_body_bytes);
        assert_eq!(event.as_ref().ok(), alone.as_ref());
    }
    if let Some(events) = all_of(events) {
        let array = [&b"["[..], &lines.join(&b","[..]), b"]"].concat();
        let again = split(JSON, &array).expect("an array of the same");
        assert_eq!(all_of(again), Some(events));
    }
}

fn all_of(events: Vec<Result<Value, web::Problem>>) -> Option<Vec<Value>> {
    events.into_iter().collect::<Result<_, _>>().ok()
}
