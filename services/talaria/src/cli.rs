//! The arguments, and which command they name.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand};
use events::SystemClock;

use crate::commands::{
    self, check, dead_letters, explain, journey, provision, sandbox, schema, send, up,
};
use crate::invocation::{Completion, Invocation};
use crate::output;

const EXAMPLES: &str = "\
Examples:
  talaria                              everything, here, with a sandbox back office to try it on
  talaria up --demo                    the same, with a small shop's traffic
  talaria check config/routes.yaml     is the routes file right?
  talaria explain event.json           what would this event make happen?
  talaria journey ORD-1-purchase       what became of this event?";

/// Turns server-side GA4 events into backend updates: each made once in effect, however often a message comes again.
#[derive(Parser)]
#[command(name = "talaria", version, after_help = EXAMPLES, disable_help_subcommand = true)]
struct Cli {
    #[command(flatten)]
    common: CommonOptions,
    #[command(flatten)]
    up: up::UpArguments,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Args)]
struct CommonOptions {
    /// The settings file [default: config/local.yaml, if there is one]
    #[arg(
        long,
        value_name = "FILE",
        global = true,
        help_heading = "Options of every command"
    )]
    config: Option<PathBuf>,
    /// The data directory [default: ./.talaria]
    #[arg(
        long,
        value_name = "DIR",
        global = true,
        help_heading = "Options of every command"
    )]
    data: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Run all of it, here: publisher, updater, counter with its page, and sandbox in one process (this is the default)
    Up(up::UpArguments),
    /// Check a routes file: every mistake at once, with its place and what would be right
    Check(check::CheckArguments),
    /// Show the exact calls an event would make, and why other routes stay silent; makes no call
    Explain(explain::ExplainArguments),
    /// Send events from files to a publisher
    Send(send::SendArguments),
    /// Show what became of one event
    Journey(journey::JourneyArguments),
    /// List, show and replay what was given up
    DeadLetters(dead_letters::DeadLettersArguments),
    /// Make the topics and subscriptions that a routes file needs on Google's Pub/Sub emulator
    Provision(provision::ProvisionArguments),
    /// Run the sandbox back office alone: stand-ins for a shop's APIs that show what they were sent
    Sandbox(sandbox::SandboxArguments),
    /// Print the JSON Schema of events or of the routes file
    Schema(schema::SchemaArguments),
}

/// Runs the program; the result is its exit code: 0 only when all went well, 2 for wrong usage, else 1.
pub fn run(
    arguments: impl IntoIterator<Item = OsString>,
    environment: BTreeMap<String, String>,
) -> ExitCode {
    let cli = match parse(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help goes to standard output, and a reader that is gone needs none.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let invocation = Invocation {
        environment,
        config: cli.common.config,
        data: cli.common.data,
        clock: Arc::new(SystemClock),
    };
    let command = cli.command.unwrap_or(Command::Up(cli.up));
    match block_on(dispatch(&invocation, command)) {
        Ok(completion) => completion.into(),
        Err(error) if output::is_reader_gone(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::note(format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let cli = Cli::try_parse_from(arguments)?;
    if cli.command.is_some() && cli.up != up::UpArguments::default() {
        let message = "options of `up` go after the command: talaria up --demo";
        return Err(Cli::command().error(ErrorKind::ArgumentConflict, message));
    }
    Ok(cli)
}

async fn dispatch(invocation: &Invocation, command: Command) -> anyhow::Result<Completion> {
    match command {
        Command::Up(arguments) => commands::up::run(invocation, &arguments).await,
        Command::Check(arguments) => commands::check::run(invocation, &arguments).await,
        Command::Explain(arguments) => commands::explain::run(invocation, &arguments),
        Command::Send(arguments) => commands::send::run(invocation, &arguments).await,
        Command::Journey(arguments) => commands::journey::run(invocation, &arguments).await,
        Command::DeadLetters(arguments) => {
            commands::dead_letters::run(invocation, &arguments).await
        }
        Command::Provision(arguments) => commands::provision::run(invocation, &arguments).await,
        Command::Sandbox(arguments) => commands::sandbox::run(invocation, &arguments).await,
        Command::Schema(arguments) => commands::schema::run(&arguments),
    }
}

fn block_on(work: impl Future<Output = anyhow::Result<Completion>>) -> anyhow::Result<Completion> {
    tokio::runtime::Runtime::new()
        .context("can't start the async runtime")?
        .block_on(work)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Cli, clap::Error> {
        parse(line.split(' ').map(OsString::from))
    }

    #[test]
    fn the_declarations_of_all_commands_hold_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_shows_an_example() {
        fn assert_example(command: &clap::Command) {
            let name = command.get_name();
            let help = command
                .get_after_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            let has_subcommands = command.get_subcommands().next().is_some();
            assert!(
                help.contains("talaria ") || has_subcommands && name != "talaria",
                "{name}"
            );
            command.get_subcommands().for_each(assert_example);
        }
        assert_example(&Cli::command());
    }

    #[test]
    fn without_a_command_it_is_up_with_its_options() {
        let cli = parsed("talaria --demo --data there").expect("good arguments");
        assert!(cli.command.is_none() && cli.up.demo);
        assert_eq!(cli.common.data, Some("there".into()));
    }

    #[test]
    fn options_of_every_command_stand_before_or_after_it() {
        for line in [
            "talaria --data there journey x",
            "talaria journey x --data there",
        ] {
            assert_eq!(parsed(line).expect(line).common.data, Some("there".into()));
        }
    }

    #[test]
    fn an_option_of_up_before_another_command_is_no_silent_nothing() {
        let error = parsed("talaria --demo journey x").err().expect("a mistake");
        assert_eq!(error.exit_code(), 2);
    }
}
