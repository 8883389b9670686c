//! The routes file: what it says, every mistake at once with its place, reloading, the schema.

mod auth;
mod files;
mod mistakes;
mod reads;
mod rules;

use super::{Mistake, Routes, load};

/// A file in which a test changes one thing.
const SMALL: &str = r#"
destinations:
  crm:
    url: https://crm.example.com/api
    repeat: safe
routes:
  - name: purchase-crm
    when: event.eventType == "purchase"
    to: crm
    body: |
      { "userId": event.userId }
"#;

fn environment(name: &str) -> Option<String> {
    let value = match name {
        "CRM_API_URL" => "https://crm.example.com/v1/",
        "CALLS" => "7",
        "ODD" => "a: b # c \"d\"",
        _ => return None,
    };
    Some(value.to_owned())
}

fn read(source: &str) -> Result<Routes, Vec<Mistake>> {
    load(source, "routes.yaml", &environment)
}

fn good(source: &str) -> Routes {
    read(source).unwrap_or_else(|mistakes| {
        panic!(
            "{}",
            mistakes
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("\n")
        )
    })
}

fn bad(source: &str) -> Vec<String> {
    let mistakes = read(source).expect_err("a file with mistakes");
    mistakes
        .iter()
        .map(|mistake| format!("{}:{} {}", mistake.line, mistake.column, mistake.message))
        .collect()
}

/// The small file with one text replaced.
fn changed(from: &str, to: &str) -> String {
    assert!(SMALL.contains(from), "{from}");
    SMALL.replace(from, to)
}
