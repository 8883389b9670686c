//! `talaria dead-letters`: what was given up, and another try for it.

mod list;
mod replay;
mod selection;
mod show;

use clap::{Args, Subcommand};

use crate::invocation::{Completion, Invocation};
use selection::Selection;

const LIST_EXAMPLES: &str = "\
Examples:
  talaria dead-letters list
  talaria dead-letters list --reason rejected --since 24h --json";
const SHOW_EXAMPLES: &str = "\
Example:
  talaria dead-letters show 3x1sQ0Zb7c";
const REPLAY_EXAMPLES: &str = "\
Examples:
  talaria dead-letters replay --destination crm --since 24h --dry-run
  talaria dead-letters replay 3x1sQ0Zb7c --rate 5

A replay is as idempotent as any delivery: what a destination has done is not done again. A letter whose outcome is
unknown is replayed only when its id or --reason outcome-unknown names it, because its call may have arrived.";

/// Which of the three.
#[derive(Args)]
pub(crate) struct DeadLettersArguments {
    #[command(subcommand)]
    command: DeadLettersCommand,
}

#[derive(Subcommand)]
enum DeadLettersCommand {
    /// List what was given up, newest first, without payloads
    List(ListArguments),
    /// Show one letter whole, with its payload
    Show(ShowArguments),
    /// Send letters on their way again
    Replay(ReplayArguments),
}

#[derive(Args)]
#[command(after_help = LIST_EXAMPLES)]
struct ListArguments {
    #[command(flatten)]
    selection: Selection,
    /// At most this many
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: usize,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
#[command(after_help = SHOW_EXAMPLES)]
struct ShowArguments {
    /// The letter's id
    #[arg(value_name = "ID")]
    id: String,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args, Default)]
#[command(after_help = REPLAY_EXAMPLES)]
struct ReplayArguments {
    /// Only these letters [default: all that the options select]
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    #[command(flatten)]
    selection: Selection,
    /// Say what would happen, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// At most this many a second
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    rate: u32,
    /// Also replay messages that can't be recognised when they come again
    #[arg(long)]
    accept_duplicates: bool,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
}

/// Runs one of the three.
pub(crate) async fn run(
    invocation: &Invocation,
    arguments: &DeadLettersArguments,
) -> anyhow::Result<Completion> {
    match &arguments.command {
        DeadLettersCommand::List(arguments) => list::run(invocation, arguments).await,
        DeadLettersCommand::Show(arguments) => show::run(invocation, arguments).await,
        DeadLettersCommand::Replay(arguments) => replay::run(invocation, arguments).await,
    }
}
