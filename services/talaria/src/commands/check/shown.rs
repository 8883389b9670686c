//! A check's result as a person and as a program reads it.

use std::path::Path;

use serde_json::{Value, json};
use updater::routes::{Mistake, Routes};

use super::MissingSecret;
use crate::output;

pub(super) fn print(
    path: &Path,
    checked: &Result<Routes, Vec<Mistake>>,
    personal: &[Mistake],
    missing: &[MissingSecret],
) -> anyhow::Result<()> {
    let path = path.display();
    let routes = match checked {
        Ok(routes) => routes,
        Err(mistakes) => {
            for mistake in mistakes {
                output::line(format!("{mistake}\n"))?;
            }
            output::line(format!(
                "{path}: {}",
                output::counted(mistakes.len(), "mistake")
            ))?;
            return Ok(());
        }
    };
    for warning in routes.warnings().iter().chain(personal) {
        output::line(format!("warning: {warning}\n"))?;
    }
    for secret in missing {
        let MissingSecret {
            destination,
            sentence,
        } = secret;
        output::line(format!(
            "warning: destination '{destination}' can't be called from here: {sentence}\n"
        ))?;
    }
    let (routes, destinations) = (routes.routes().len(), routes.destinations().count());
    let (routes, destinations) = (
        output::counted(routes, "route"),
        output::counted(destinations, "destination"),
    );
    output::line(format!("{path}: {routes} to {destinations}, no mistakes"))?;
    Ok(())
}

pub(super) fn as_json(
    path: &Path,
    checked: &Result<Routes, Vec<Mistake>>,
    personal: &[Mistake],
    missing: &[MissingSecret],
) -> Value {
    let listed = |mistakes: &[Mistake], more: &[Mistake]| -> Vec<Value> {
        let listed = mistakes.iter().chain(more).map(|mistake| {
            json!({
                "line": mistake.line,
                "column": mistake.column,
                "message": mistake.message,
                "hint": mistake.hint,
                "source": mistake.source_line,
            })
        });
        listed.collect()
    };
    let (mistakes, warnings) = match checked {
        Ok(routes) => (Vec::new(), listed(routes.warnings(), personal)),
        Err(mistakes) => (listed(mistakes, &[]), Vec::new()),
    };
    let missing: Vec<Value> = missing
        .iter()
        .map(|secret| json!({"destination": secret.destination, "message": secret.sentence}))
        .collect();
    json!({
        "file": path.display().to_string(),
        "mistakes": mistakes,
        "warnings": warnings,
        "missingSecrets": missing,
    })
}
