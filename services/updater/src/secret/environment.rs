//! Secrets from environment variables.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::{SecretError, SecretSource, SecretText, name::bare};

/// Secrets that are environment variables of the same name.
pub struct EnvironmentSecrets {
    environment: BTreeMap<String, String>,
}

impl EnvironmentSecrets {
    /// Reads from a copy of the environment, which can't change while the process runs.
    pub fn new(environment: BTreeMap<String, String>) -> Self {
        Self { environment }
    }
}

#[async_trait]
impl SecretSource for EnvironmentSecrets {
    async fn read(&self, name: &str) -> Result<SecretText, SecretError> {
        let variable = bare(name);
        match self
            .environment
            .get(variable)
            .map(|text| SecretText::new(text))
        {
            Some(secret) if !secret.expose().is_empty() => Ok(secret),
            _ => Err(SecretError::Missing {
                name: name.to_owned(),
                remedy: format!("set the environment variable {variable} and start again"),
            }),
        }
    }
}
