//! `talaria dead-letters list`.

use serde_json::json;
use store::{DeadLetterSummary, DeadLetters};

use super::ListArguments;
use crate::commands::kept;
use crate::invocation::{Completion, Invocation};
use crate::output;

/// Prints a line a letter.
pub(super) async fn run(
    invocation: &Invocation,
    arguments: &ListArguments,
) -> anyhow::Result<Completion> {
    let settings = invocation.settings()?;
    let store = kept::store(&settings)?;
    let filter = arguments
        .selection
        .filter(invocation.clock.now(), arguments.limit);
    let letters = store.list(&filter).await?;
    if arguments.json {
        output::json(&json!({"deadLetters": letters}))?;
        return Ok(Completion::Well);
    }
    if letters.is_empty() {
        output::line("no dead letters")?;
        return Ok(Completion::Well);
    }
    let rows: Vec<[String; 7]> = letters.iter().map(row).collect();
    let header = [
        "ID",
        "AT",
        "REASON",
        "DESTINATION",
        "EVENT",
        "REPLAYED",
        "DETAIL",
    ];
    output::line(output::table(header, &rows))?;
    if letters.len() == arguments.limit {
        output::note(format!(
            "the newest {} are shown; --limit shows more",
            arguments.limit
        ));
    }
    Ok(Completion::Well)
}

fn row(letter: &DeadLetterSummary) -> [String; 7] {
    let absent = || "-".to_owned();
    let destination = letter.destination.clone().unwrap_or_else(absent);
    let event = letter.identity.clone().or_else(|| letter.event_id.clone());
    [
        letter.id.clone(),
        letter.at.to_rfc3339(),
        letter.reason.name().to_owned(),
        destination,
        event.unwrap_or_else(absent),
        letter.replayed.map_or_else(absent, |at| at.to_rfc3339()),
        letter.detail.clone(),
    ]
}
