//! `talaria explain`: the exact calls an event would make, and why other routes stay silent. Makes no call.

mod call;
mod event;
mod shown;

use std::path::PathBuf;

use clap::Args;
use updater::effect::plan;

use crate::commands::check;
use crate::invocation::{Completion, Invocation};
use crate::output;

const EXAMPLES: &str = r#"Examples:
  talaria explain order.json
  head -n 1 events.jsonl | talaria explain - --routes config/routes.yaml
  talaria explain '{"items":[{"item_id":"A1"}]}' --as purchase --json"#;

/// What is explained.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ExplainArguments {
    /// A file with one event, - for standard input, or the event's JSON itself
    #[arg(value_name = "EVENT")]
    event: String,
    /// The routes file [default: the one that the settings name]
    #[arg(long, value_name = "FILE")]
    routes: Option<PathBuf>,
    /// The event type, for an event that names none (as ?as= of a push address)
    #[arg(long = "as", value_name = "TYPE")]
    event_type: Option<String>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// Prints identity, calls and silences. An effect whose expressions fail is not well: it would be a dead letter.
pub(crate) fn run(
    invocation: &Invocation,
    arguments: &ExplainArguments,
) -> anyhow::Result<Completion> {
    let settings = invocation.settings()?;
    let routes = check::require(arguments.routes.as_deref(), &settings, invocation)?;
    let now = invocation.clock.now();
    let text = event::read(&arguments.event)?;
    let hint = arguments.event_type.as_deref();
    let received = event::understand(&text, hint, now, settings.updater.purchase_identity)?;
    let json = received.update.to_json();
    let plan = plan(
        &routes,
        None,
        received.identity.as_str(),
        &json,
        now.millis(),
    );
    if arguments.json {
        output::json(&shown::as_json(&received, &plan))?;
    } else {
        shown::print(&received, &plan)?;
    }
    Ok(Completion::of(
        plan.effects.iter().all(|effect| effect.call.is_ok()),
    ))
}
