//! The sample messages, which the crate `events` keeps.

use serde_json::Value;

/// The lines of a sample file, named without its ending.
pub fn sample(name: &str) -> Vec<Value> {
    let directory = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../crates/events/tests/samples"
    );
    let path = format!("{directory}/{name}.jsonl");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    text.lines()
        .map(|line| serde_json::from_str(line).expect("samples are JSON"))
        .collect()
}
