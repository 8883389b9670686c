//! `talaria dead-letters`: what was given up, and another try for it.

mod list;
mod replay;
mod show;
#[cfg(test)]
mod tests;

use clap::{Args, Subcommand};
use events::Timestamp;
use store::{DeadLetterFilter, Reason};

use crate::invocation::{Completion, Invocation};

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

/// Which letters; every option that is given must fit.
#[derive(Args, Clone, Default)]
struct Selection {
    /// Only those given up for this reason
    #[arg(long, value_name = "REASON", value_parser = parse_reason)]
    reason: Option<Reason>,
    /// Only those of this destination
    #[arg(long, value_name = "ID")]
    destination: Option<String>,
    /// Only those of this route
    #[arg(long, value_name = "NAME")]
    route: Option<String>,
    /// Only those given up since then: a time (2026-01-31T08:00:00Z) or a duration before now (24h)
    #[arg(long, value_name = "TIME", value_parser = parse_since)]
    since: Option<Since>,
}

/// A moment, or a time before now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Since {
    At(Timestamp),
    Ago(std::time::Duration),
}

impl Selection {
    fn filter(&self, now: Timestamp, limit: usize) -> DeadLetterFilter {
        let since = self.since.map(|since| match since {
            Since::At(moment) => moment,
            Since::Ago(duration) => now.minus(duration),
        });
        DeadLetterFilter {
            reason: self.reason,
            destination: self.destination.clone(),
            route: self.route.clone(),
            event_id: None,
            since,
            limit,
        }
    }
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

fn parse_reason(name: &str) -> Result<Reason, String> {
    Reason::parse(name).ok_or_else(|| {
        let known: Vec<&str> = Reason::ALL.into_iter().map(Reason::name).collect();
        format!("the reasons are {}", known.join(", "))
    })
}

fn parse_since(text: &str) -> Result<Since, String> {
    match (Timestamp::parse_rfc3339(text), web::duration::parse(text)) {
        (Ok(moment), _) => Ok(Since::At(moment)),
        (_, Ok(duration)) => Ok(Since::Ago(duration)),
        _ => Err("write a time such as 2026-01-31T08:00:00Z, or a duration such as 24h".into()),
    }
}
