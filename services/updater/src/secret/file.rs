//! Secrets from files, as container platforms mount them.

use std::io::ErrorKind;
use std::path::PathBuf;

use async_trait::async_trait;

use super::{SecretError, SecretSource, SecretText, name::bare};

/// Secrets that are files of the same name in one directory.
pub struct FileSecrets {
    directory: PathBuf,
}

impl FileSecrets {
    /// Reads from `directory`.
    pub fn new(directory: PathBuf) -> Self {
        Self { directory }
    }
}

#[async_trait]
impl SecretSource for FileSecrets {
    async fn read(&self, name: &str) -> Result<SecretText, SecretError> {
        let file = bare(name);
        let path = self.directory.join(file);
        let missing = || SecretError::Missing {
            name: name.to_owned(),
            remedy: format!("write it to the file {}", path.display()),
        };
        if file.contains(['/', '\\']) || file.starts_with('.') {
            return Err(SecretError::Missing {
                name: name.to_owned(),
                remedy: "name a file without a path".into(),
            });
        }
        // A mounted secret is a small local file: reading it at once is quicker than a thread for it.
        match std::fs::read_to_string(&path) {
            Ok(text) if !text.trim().is_empty() => Ok(SecretText::new(&text)),
            Ok(_) => Err(missing()),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(missing()),
            Err(error) => Err(SecretError::Unreadable {
                name: name.to_owned(),
                reason: error.to_string(),
            }),
        }
    }
}
