//! `talaria check`: is the routes file right?

mod personal_data;
mod shown;
mod subscriptions;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;
use updater::SecretSourceName;
use updater::routes::{Auth, Mistake, Routes, load};
use updater::secret::{EnvironmentSecrets, FileSecrets, SecretSource};

use crate::commands::pubsub_target::TargetArguments;
use crate::invocation::{Completion, Invocation};
use crate::output;
use crate::settings::TalariaSettings;

const EXAMPLES: &str = "\
Examples:
  talaria check
  talaria check config/routes.yaml --json
  talaria check config/routes.yaml --subscriptions --project shop --push-service-account push@shop.iam.gserviceaccount.com \\
    --updater-url https://updater.example.com --counter-url https://counter.example.com";

/// What is checked.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CheckArguments {
    /// The routes file [default: the one that the settings name]
    #[arg(value_name = "ROUTES")]
    routes: Option<PathBuf>,
    /// Compare the project's Pub/Sub topics, subscriptions and roles with what the file needs, too
    #[arg(long)]
    subscriptions: bool,
    #[command(flatten)]
    target: TargetArguments,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// A secret or token that a destination needs and that is not there.
struct MissingSecret {
    destination: String,
    /// Names it and what to do.
    sentence: String,
}

/// Prints every mistake and warning. Warnings and missing secrets don't make a file wrong: it may be checked elsewhere
/// than where it is used.
pub(crate) async fn run(
    invocation: &Invocation,
    arguments: &CheckArguments,
) -> anyhow::Result<Completion> {
    let settings = invocation.settings()?;
    let target = subscriptions::target(invocation, arguments, &settings)?;
    let path = arguments
        .routes
        .as_ref()
        .unwrap_or(&settings.updater.routes);
    let checked = read(path, invocation)?;
    let missing = match &checked {
        Ok(routes) => missing_secrets(routes, invocation, &settings).await,
        Err(_) => Vec::new(),
    };
    let compared = match (&checked, target) {
        (Ok(routes), Some(target)) => Some(subscriptions::compare(target, routes).await?),
        _ => None,
    };
    let personal = match &checked {
        Ok(routes) => personal_data::warnings(routes, &settings.publisher.redaction),
        Err(_) => Vec::new(),
    };
    if arguments.json {
        let mut result = shown::as_json(path, &checked, &personal, &missing);
        if let Some(compared) = &compared {
            result["subscriptions"] = compared.as_json();
        }
        output::json(&result)?;
    } else {
        shown::print(path, &checked, &personal, &missing)?;
        if let Some(compared) = &compared {
            compared.print()?;
        }
    }
    let as_needed = compared.is_none_or(|compared| compared.is_as_needed());
    Ok(Completion::of(checked.is_ok() && as_needed))
}

/// The routes for a command that can do nothing without them.
pub(super) fn require(
    named: Option<&Path>,
    settings: &TalariaSettings,
    invocation: &Invocation,
) -> anyhow::Result<Routes> {
    let path = named.unwrap_or(&settings.updater.routes);
    match read(path, invocation)? {
        Ok(routes) => Ok(routes),
        Err(mistakes) => bail!(
            "{} has {}, the first one here; `talaria check` lists all\n{}",
            path.display(),
            output::counted(mistakes.len(), "mistake"),
            mistakes
                .first()
                .map(ToString::to_string)
                .unwrap_or_default()
        ),
    }
}

/// Loads a routes file; the inner result is the check's.
fn read(path: &Path, invocation: &Invocation) -> anyhow::Result<Result<Routes, Vec<Mistake>>> {
    let source = std::fs::read_to_string(path).with_context(|| {
        format!(
            "can't read the routes file {}: name another after the command",
            path.display()
        )
    })?;
    let environment = |name: &str| invocation.environment.get(name).cloned();
    Ok(load(&source, &path.display().to_string(), &environment))
}

async fn missing_secrets(
    routes: &Routes,
    invocation: &Invocation,
    settings: &TalariaSettings,
) -> Vec<MissingSecret> {
    let secrets = &settings.updater.secrets;
    let source: Option<Arc<dyn SecretSource>> = match secrets.source {
        SecretSourceName::Environment => Some(Arc::new(EnvironmentSecrets::new(
            invocation.environment.clone(),
        ))),
        SecretSourceName::File => Some(Arc::new(FileSecrets::new(secrets.directory.clone()))),
        SecretSourceName::SecretManager => None,
    };
    let mut missing = Vec::new();
    for destination in routes.destinations() {
        if let Some(sentence) = what_is_missing(&destination.auth, source.as_deref()).await {
            let destination = destination.id.clone();
            missing.push(MissingSecret {
                destination,
                sentence,
            });
        }
    }
    missing
}

async fn what_is_missing(auth: &Auth, source: Option<&dyn SecretSource>) -> Option<String> {
    match auth {
        Auth::None => None,
        Auth::Google(token) => Some(format!(
            "the {token} is given only where the updater runs as a service by itself on Google Cloud"
        )),
        Auth::Bearer { secret } | Auth::Header { secret, .. } => match source {
            Some(source) => source
                .read(secret)
                .await
                .err()
                .map(|error| error.to_string()),
            None => Some(format!(
                "the secret {secret} is in Secret Manager, which only the updater as a service by itself reads"
            )),
        },
    }
}
