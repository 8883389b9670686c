//! `talaria schema`: JSON Schemas, for editors and for authors of tags.

#[cfg(test)]
mod tests;

use anyhow::Context;
use clap::{Args, ValueEnum};
use serde_json::Value;

use crate::invocation::Completion;
use crate::output;

/// The publisher is lenient in ways that no derived schema would know, so this one is written by hand; a test holds
/// it against the samples.
const EVENT: &str = include_str!("schema/event.json");

const EXAMPLES: &str = "\
Examples:
  talaria schema event > event.schema.json
  talaria schema routes > routes.schema.json";

/// Of what.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct SchemaArguments {
    /// Which schema
    #[arg(value_name = "WHAT")]
    what: Subject,
}

#[derive(Clone, Copy, ValueEnum)]
enum Subject {
    /// The body of POST /publish-event
    Event,
    /// The routes file
    Routes,
}

/// Prints the schema.
pub(crate) fn run(arguments: &SchemaArguments) -> anyhow::Result<Completion> {
    let schema = match arguments.what {
        Subject::Event => event_schema()?,
        Subject::Routes => updater::routes::routes_schema().to_value(),
    };
    output::line(format!("{schema:#}"))?;
    Ok(Completion::Well)
}

fn event_schema() -> anyhow::Result<Value> {
    serde_json::from_str(EVENT).context("the schema in this program is damaged")
}
