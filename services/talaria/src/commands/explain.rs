//! `talaria explain`: the exact calls an event would make, and why other routes stay silent. Makes no call. What the
//! publisher would redact is redacted here too.

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
  talaria explain '{"items":[{"item_id":"A1"}]}' --as purchase --json
  talaria explain event.json --as-is               for a tag that writes to the topic itself"#;

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
    /// Take the event as it is, because another than the publisher writes it to the topic: nobody redacts it then
    #[arg(long)]
    as_is: bool,
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
    let way = event::Way {
        redaction: (!arguments.as_is).then_some(&settings.publisher.redaction),
        event_type_hint: arguments.event_type.as_deref(),
        purchase_identity: settings.updater.purchase_identity,
        now,
    };
    let understood = event::understand(&text, &way)?;
    let received = &understood.received;
    let json = received.update.to_json();
    let plan = plan(
        &routes,
        None,
        received.identity.as_str(),
        &json,
        now.millis(),
    );
    if arguments.json {
        output::json(&shown::as_json(&understood, &plan))?;
    } else {
        shown::print(&understood, &plan)?;
    }
    Ok(Completion::of(
        plan.effects.iter().all(|effect| effect.call.is_ok()),
    ))
}
