//! Telling what came of a replay.

use counter::{LeftAlone, ReplayReport};

use crate::output;

/// For a person.
pub(super) fn print(report: &ReplayReport) -> anyhow::Result<()> {
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
