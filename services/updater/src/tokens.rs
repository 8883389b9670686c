//! Google's tokens for calls to destinations. Who gives them is handed in, since Google's clients are no part of the
//! updater.

use async_trait::async_trait;

use crate::routes::GoogleToken;
use crate::secret::SecretText;

/// Why there is no token. Its text says what to do, and holds no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TokenError(pub String);

/// Gives tokens and keeps each until shortly before it ends.
#[async_trait]
pub trait OutgoingTokens: Send + Sync {
    /// A token that can be sent now. Whoever asks at the same time gets the same.
    async fn token(&self, wanted: &GoogleToken) -> Result<SecretText, TokenError>;

    /// Drops the token after a destination refused it, so that the next is a new one. One that refuses every token calls this
    /// often: it must not lead to a request each time.
    fn forget(&self, wanted: &GoogleToken);
}
