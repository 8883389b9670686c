//! `talaria check`: is the routes file right?

mod shown;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use updater::SecretSourceName;
use updater::routes::{Auth, Mistake, Routes, load};
use updater::secret::{EnvironmentSecrets, FileSecrets, SecretSource};

use crate::invocation::{Completion, Invocation};
use crate::output;
use crate::settings::TalariaSettings;

const EXAMPLES: &str = "\
Examples:
  talaria check
  talaria check config/routes.yaml --json";

/// What is checked.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CheckArguments {
    /// The routes file [default: the one that the settings name]
    #[arg(value_name = "ROUTES")]
    routes: Option<PathBuf>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// A secret that a destination needs and that is not there.
struct MissingSecret {
    destination: String,
    /// Names the secret and what to do.
    sentence: String,
}

/// Prints every mistake and warning. Warnings and missing secrets don't make a file wrong: it may be checked elsewhere
/// than where it is used.
pub(crate) async fn run(
    invocation: &Invocation,
    arguments: &CheckArguments,
) -> anyhow::Result<Completion> {
    let settings = invocation.settings()?;
    let path = arguments
        .routes
        .as_ref()
        .unwrap_or(&settings.updater.routes);
    let checked = read(path, invocation)?;
    let missing = match &checked {
        Ok(routes) => missing_secrets(routes, invocation, &settings).await,
        Err(_) => Vec::new(),
    };
    if arguments.json {
        output::json(&shown::as_json(path, &checked, &missing))?;
    } else {
        shown::print(path, &checked, &missing)?;
    }
    Ok(Completion::of(checked.is_ok()))
}

/// Loads a routes file; the inner result is the check's.
pub(super) fn read(
    path: &Path,
    invocation: &Invocation,
) -> anyhow::Result<Result<Routes, Vec<Mistake>>> {
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
    let source: Arc<dyn SecretSource> = match settings.updater.secrets.source {
        SecretSourceName::Environment => {
            Arc::new(EnvironmentSecrets::new(invocation.environment.clone()))
        }
        SecretSourceName::File => {
            Arc::new(FileSecrets::new(settings.updater.secrets.directory.clone()))
        }
    };
    let mut missing = Vec::new();
    for destination in routes.destinations() {
        let name = match &destination.auth {
            Auth::Bearer { secret } | Auth::Header { secret, .. } => secret,
            _ => continue,
        };
        if let Err(error) = source.read(name).await {
            let destination = destination.id.clone();
            missing.push(MissingSecret {
                destination,
                sentence: error.to_string(),
            });
        }
    }
    missing
}
