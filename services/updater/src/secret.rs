//! Secrets of destinations, by name: read once, kept, and read again after a destination refused one.

mod environment;
mod file;
mod kept;
mod name;

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

pub use environment::EnvironmentSecrets;
pub use file::FileSecrets;
pub use kept::Secrets;
pub(crate) use name::is_name;

/// A secret's text. It is never shown: neither by `Debug` nor in a log.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(Arc<str>);

impl SecretText {
    /// Wraps the text without white space around it: tools that store secrets often add a line end, which no header
    /// can carry.
    pub fn new(text: &str) -> Self {
        Self(text.trim().into())
    }

    /// The text itself, to put into a request.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretText(…)")
    }
}

/// Why there is no secret. Its text names the secret and what to do, never a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// There is none of that name, or it is empty.
    #[error("there is no secret {name}: {remedy}")]
    Missing {
        /// As the routes file names it.
        name: String,
        /// Where to put it.
        remedy: String,
    },
    /// It may exist but can't be read now.
    #[error("the secret {name} can't be read: {reason}")]
    Unreadable {
        /// As the routes file names it.
        name: String,
        /// Why.
        reason: String,
    },
}

/// Where secrets are kept.
#[async_trait]
pub trait SecretSource: Send + Sync {
    /// Reads a secret, afresh each time.
    async fn read(&self, name: &str) -> Result<SecretText, SecretError>;
}
