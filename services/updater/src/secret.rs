//! Secrets of destinations, by name: read once, kept, and read again after a destination refused one.

mod environment;
mod file;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

pub use environment::EnvironmentSecrets;
pub use file::FileSecrets;

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

/// Secrets that were read, kept until they are forgotten. Failures are not kept: a secret that is added while the
/// service runs is found at the next call.
pub struct Secrets {
    source: Arc<dyn SecretSource>,
    known: Mutex<HashMap<String, SecretText>>,
}

impl Secrets {
    /// Nothing read yet.
    pub fn new(source: Arc<dyn SecretSource>) -> Self {
        Self {
            source,
            known: Mutex::default(),
        }
    }

    /// The secret of that name.
    pub async fn get(&self, name: &str) -> Result<SecretText, SecretError> {
        if let Some(secret) = self.lock().get(name) {
            return Ok(secret.clone());
        }
        let secret = self.source.read(name).await?;
        self.lock().insert(name.to_owned(), secret.clone());
        Ok(secret)
    }

    /// Forgets a secret that was refused, so that a rotated one is read next time.
    pub fn forget(&self, name: &str) {
        self.lock().remove(name);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, SecretText>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_secret_is_trimmed_and_not_shown() {
        let secret = SecretText::new(" key-1\n");
        assert_eq!(secret.expose(), "key-1");
        assert!(!format!("{secret:?}").contains("key-1"));
    }

    #[tokio::test]
    async fn a_missing_or_empty_secret_says_where_to_put_it() {
        let environment = BTreeMap::from([("EMPTY".to_owned(), " \n".to_owned())]);
        let secrets = Secrets::new(Arc::new(EnvironmentSecrets::new(environment)));
        for name in ["EMPTY", "ABSENT"] {
            let error = secrets.get(name).await.expect_err("no secret").to_string();
            assert!(
                error.contains(name) && error.contains("environment variable"),
                "{error}"
            );
        }
    }

    #[tokio::test]
    async fn a_forgotten_secret_is_read_again() {
        let directory = tempfile::tempdir().expect("a directory");
        std::fs::write(directory.path().join("KEY"), "first\n").expect("writing");
        let secrets = Secrets::new(Arc::new(FileSecrets::new(directory.path().into())));
        assert_eq!(secrets.get("KEY").await.expect("there").expose(), "first");
        std::fs::write(directory.path().join("KEY"), "second\n").expect("writing");
        assert_eq!(secrets.get("KEY").await.expect("kept").expose(), "first");
        secrets.forget("KEY");
        assert_eq!(
            secrets.get("KEY").await.expect("read again").expose(),
            "second"
        );
    }

    #[tokio::test]
    async fn a_secret_name_can_not_leave_the_directory() {
        let directory = tempfile::tempdir().expect("a directory");
        std::fs::write(directory.path().join("outside"), "x").expect("writing");
        let inner = directory.path().join("inner");
        std::fs::create_dir(&inner).expect("a directory");
        let secrets = Secrets::new(Arc::new(FileSecrets::new(inner)));
        assert!(secrets.get("../outside").await.is_err());
    }
}
