//! Google's Secret Manager and tokens as what the updater takes.

use std::sync::Arc;

use async_trait::async_trait;
use google::secret_manager::{SecretManager, SecretManagerError, SecretManagerSettings};
use google::tokens::{GoogleTokens, TokenSettings};
use updater::routes::GoogleToken;
use updater::secret::{SecretError, SecretSource, SecretText};
use updater::tokens::{OutgoingTokens, TokenError};

/// Secrets from Secret Manager.
pub(super) async fn secret_manager(
    settings: SecretManagerSettings,
) -> anyhow::Result<Arc<dyn SecretSource>> {
    Ok(Arc::new(Secrets(SecretManager::connect(settings).await?)))
}

struct Secrets(SecretManager);

#[async_trait]
impl SecretSource for Secrets {
    async fn read(&self, name: &str) -> Result<SecretText, SecretError> {
        match self.0.read(name).await {
            Ok(text) => Ok(SecretText::new(&text)),
            Err(SecretManagerError::Missing { name, remedy }) => {
                Err(SecretError::Missing { name, remedy })
            }
            Err(SecretManagerError::Unreadable { name, reason }) => {
                Err(SecretError::Unreadable { name, reason })
            }
        }
    }
}

/// Tokens of the service account that the process runs as.
pub(super) struct Tokens(GoogleTokens);

impl Default for Tokens {
    fn default() -> Self {
        Self(GoogleTokens::new(TokenSettings::default()))
    }
}

#[async_trait]
impl OutgoingTokens for Tokens {
    async fn token(&self, wanted: &GoogleToken) -> Result<SecretText, TokenError> {
        let token = match wanted {
            GoogleToken::Identity { audience } => self.0.identity_token(audience).await,
            GoogleToken::Access { scopes } => self.0.access_token(scopes).await,
        };
        match token {
            Ok(token) => Ok(SecretText::new(&token)),
            Err(error) => Err(TokenError(error.to_string())),
        }
    }

    fn forget(&self, wanted: &GoogleToken) {
        match wanted {
            GoogleToken::Identity { audience } => self.0.forget_identity_token(audience),
            GoogleToken::Access { scopes } => self.0.forget_access_token(scopes),
        }
    }
}
