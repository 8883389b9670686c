//! What came of a replay.

use serde::Serialize;

use crate::output;

/// What came of each letter, by id.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::commands::dead_letters) struct Report {
    pub(in crate::commands::dead_letters) dry_run: bool,
    pub(in crate::commands::dead_letters) replayed: Vec<String>,
    /// The effect was done meanwhile; nothing was published.
    pub(in crate::commands::dead_letters) already_done: Vec<String>,
    pub(in crate::commands::dead_letters) left_alone: Vec<LeftAlone>,
}

/// A letter that was selected and not replayed.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(in crate::commands::dead_letters) struct LeftAlone {
    pub(in crate::commands::dead_letters) id: String,
    pub(in crate::commands::dead_letters) reason: String,
    /// Whether `--accept-duplicates` would replay it.
    pub(in crate::commands::dead_letters) needs_accept_duplicates: bool,
}

/// For a person.
pub(super) fn print(report: &Report) -> anyhow::Result<()> {
    for LeftAlone { id, reason, .. } in &report.left_alone {
        output::line(format!("{id}: left alone: {reason}"))?;
    }
    for id in &report.already_done {
        output::line(format!("{id}: done already, nothing to replay"))?;
    }
    if report.dry_run {
        for id in &report.replayed {
            output::line(format!("{id}: would be replayed"))?;
        }
    }
    let replayed = output::counted(report.replayed.len(), "letter");
    let (verb, done) = if report.dry_run {
        ("would be", "are")
    } else {
        ("", "were")
    };
    output::line(format!(
        "{replayed} {}, {} {done} done already, {} left alone",
        format!("{verb} replayed").trim_start(),
        report.already_done.len(),
        report.left_alone.len()
    ))?;
    Ok(())
}
