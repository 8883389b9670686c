//! `talaria provision`: the topics and subscriptions that a routes file needs, on Google's emulator.

mod shown;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::ensure;
use clap::Args;

use crate::commands::check;
use crate::commands::pubsub_target::{self, PubSubTarget, TargetArguments};
use crate::google_cloud::PubSubProject;
use crate::invocation::{Completion, Invocation};
use crate::subscriptions::Report;

const EXAMPLES: &str = "\
Examples:
  PUBSUB_EMULATOR_HOST=127.0.0.1:8085 talaria provision --project shop
  talaria provision --routes config/routes.yaml --updater-url http://updater:8080 --counter-url http://counter:8080
  talaria provision --dry-run --json";

/// What is made where. Real projects get theirs from Terraform.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ProvisionArguments {
    /// The routes file [default: the one that the settings name]
    #[arg(long, value_name = "FILE")]
    routes: Option<PathBuf>,
    #[command(flatten)]
    target: TargetArguments,
    /// Say what would be done and do nothing; exit code 1 if there is something to do
    #[arg(long)]
    dry_run: bool,
    /// How long to wait for an emulator that is not up yet
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = web::duration::parse)]
    wait: Duration,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// What was there, and what is there now.
struct Provisioned<'a> {
    target: &'a PubSubTarget,
    dry_run: bool,
    before: &'a Report,
    after: &'a Report,
}

/// Makes what is missing, changes what can be changed, deletes nothing, and looks again: it went well only if everything
/// is then as the routes file needs it.
pub(crate) async fn run(
    invocation: &Invocation,
    arguments: &ProvisionArguments,
) -> anyhow::Result<Completion> {
    PubSubProject::available()?;
    let settings = invocation.settings()?;
    ensure!(
        pubsub_target::emulator_host(invocation).is_some(),
        "PUBSUB_EMULATOR_HOST is not set, and provision works on Google's emulator alone. A real project gets its topics \
         and subscriptions from Terraform; `talaria check --subscriptions` compares them with the routes file"
    );
    let target = arguments.target.read(invocation, &settings)?;
    let routes = check::require(arguments.routes.as_deref(), &settings, invocation)?;
    let desired = target.plan.desired(&routes);
    let project = PubSubProject::connect(&target).await?;
    let before = project.compare(&desired, arguments.wait).await?;
    let after = match arguments.dry_run || before.is_as_wanted() {
        true => before.clone(),
        false => {
            project.apply(&desired).await?;
            project.compare(&desired, Duration::ZERO).await?
        }
    };
    let provisioned = Provisioned {
        target: &target,
        dry_run: arguments.dry_run,
        before: &before,
        after: &after,
    };
    provisioned.print(arguments.json)?;
    Ok(Completion::of(after.is_as_wanted()))
}
