//! `talaria dead-letters show`: the one command that prints a payload.

use anyhow::bail;
use serde_json::Value;
use store::dead_letters::Payload;
use store::{DeadLetter, DeadLetters};

use super::ShowArguments;
use crate::commands::kept;
use crate::invocation::{Completion, Invocation};
use crate::output::{self, line, printable};

/// Prints everything that a letter keeps.
pub(super) async fn run(
    invocation: &Invocation,
    arguments: &ShowArguments,
) -> anyhow::Result<Completion> {
    let settings = invocation.settings()?;
    let store = kept::store(&settings)?;
    let Some(letter) = store.get(&arguments.id).await? else {
        bail!(
            "there is no dead letter {}: talaria dead-letters list shows those there are",
            arguments.id
        );
    };
    if arguments.json {
        output::json(&letter)?;
    } else {
        print(&letter)?;
    }
    Ok(Completion::Well)
}

fn print(letter: &DeadLetter) -> anyhow::Result<()> {
    let summary = &letter.summary;
    let value = summary
        .value
        .map(|money| format!("{} {}", money.to_decimal_string(), money.currency()));
    let replayed = summary.replayed.map(|at| at.to_rfc3339());
    let facts = [
        ("id", Some(summary.id.clone())),
        ("given up", Some(summary.at.to_rfc3339())),
        (
            "reason",
            Some(format!("{}: {}", summary.reason.name(), summary.detail)),
        ),
        ("event type", summary.event_type.clone()),
        ("event id", summary.event_id.clone()),
        ("identity", summary.identity.clone()),
        ("destination", summary.destination.clone()),
        ("route", summary.route.clone()),
        ("effect", summary.effect.clone()),
        ("attempts", Some(summary.attempts.to_string())),
        ("value", value),
        ("message", Some(summary.message_id.clone())),
        ("replayed", replayed),
        ("kept until", Some(letter.expires.to_rfc3339())),
    ];
    for (name, fact) in facts {
        if let Some(fact) = fact {
            line(format!("{name:<12} {}", printable(&fact)))?;
        }
    }
    if let Some(answer) = &letter.answer {
        line(format!(
            "\nanswer {}\n{}",
            answer.status,
            safe(&answer.body)
        ))?;
    }
    line("\nattributes")?;
    for (name, value) in &letter.attributes {
        line(format!("  {}: {}", printable(name), printable(value)))?;
    }
    let payload = match &letter.payload {
        Payload::Text(text) => safe(text),
        Payload::Base64(text) => format!("(no text; in base64) {text}"),
    };
    line(format!("\npayload\n{payload}"))?;
    Ok(())
}

/// JSON in readable form; other text line by line without control characters.
fn safe(text: &str) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(json) => format!("{json:#}"),
        Err(_) => text.lines().map(printable).collect::<Vec<_>>().join("\n"),
    }
}
