//! Where secrets and tokens for calls come from.

use std::sync::Arc;

use anyhow::Context;

use super::Dependencies;
use crate::destination::Credentials;
use crate::routes::RoutesHandle;
use crate::secret::{EnvironmentSecrets, FileSecrets, SecretSource, Secrets};
use crate::settings::{SecretSourceName, UpdaterSettings};

/// Those the settings name. Fails if this process doesn't have them.
pub(super) fn credentials(
    dependencies: &Dependencies,
    settings: &UpdaterSettings,
) -> anyhow::Result<Arc<Credentials>> {
    let source: Arc<dyn SecretSource> = match settings.secrets.source {
        SecretSourceName::Environment => {
            let environment = dependencies.environment.as_ref().clone();
            Arc::new(EnvironmentSecrets::new(environment))
        }
        SecretSourceName::File => Arc::new(FileSecrets::new(settings.secrets.directory.clone())),
        SecretSourceName::SecretManager => dependencies.secret_manager.clone().context(
            "updater.secrets.source is secret-manager, which only the updater as a service by itself has: set it to \
             environment or file, or run the updater's own program",
        )?,
    };
    let secrets = Secrets::new(source, Arc::clone(&dependencies.clock));
    Ok(Arc::new(Credentials::new(
        Arc::new(secrets),
        dependencies.google_tokens.clone(),
    )))
}

/// A missing secret or token doesn't stop the other destinations, so it doesn't stop the start; it is said at once. What is
/// there is read, so that the first calls needn't wait for it.
pub(super) async fn warn_of_missing(routes: Arc<RoutesHandle>, credentials: Arc<Credentials>) {
    for destination in routes.current().destinations() {
        if let Err(reason) = credentials.get(&destination.auth).await {
            tracing::warn!(
                destination = destination.id,
                "no call to {} can be made: {reason}",
                destination.id
            );
        }
    }
}
