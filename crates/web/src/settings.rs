//! Settings: defaults, then a file, then the environment (`TALARIA_`, `__` between levels).
//!
//! A key that nobody reads refuses to start, in the file and in the environment alike, because a misspelt setting
//! that is silently ignored is found at the worst time. This is the one module that reads the environment.

mod names;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use config::{Config, Environment};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Why the settings can't be used. Its text lists every fault that was found.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file can't be read.
    #[error("can't read the settings file {}: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The file is no YAML.
    #[error("the settings file {} is not valid: {reason}", path.display())]
    NotYaml {
        /// The file.
        path: PathBuf,
        /// Where and why.
        reason: String,
    },
    /// Keys or variables that are no settings.
    #[error("{}", .0.join("\n"))]
    Unknown(Vec<String>),
    /// A value of the wrong kind.
    #[error("{0}")]
    Value(String),
}

/// The process's environment. Binaries call this once and hand the result on.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where the environment is read"
)]
pub fn process_environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// Reads settings from `T`'s defaults, the file if there is one, and the variables of `environment` that begin with
/// `TALARIA_`.
pub fn load<T>(
    file: Option<&Path>,
    environment: &BTreeMap<String, String>,
) -> Result<T, SettingsError>
where
    T: Serialize + DeserializeOwned + Default,
{
    let defaults = serde_json::to_value(T::default())
        .map_err(|error| SettingsError::Value(error.to_string()))?;
    let written = file.map(read_file).transpose()?;
    let ours: BTreeMap<String, String> = environment
        .iter()
        .filter(|(name, _)| name.starts_with("TALARIA_"))
        .map(|(n, v)| (n.clone(), v.clone()))
        .collect();
    let mut unknown = names::unknown_variables(&defaults, ours.keys());
    if let (Some(written), Some(path)) = (&written, file) {
        unknown.extend(names::unknown_keys(&defaults, written, path));
    }
    if !unknown.is_empty() {
        return Err(SettingsError::Unknown(unknown));
    }
    let value = |error: config::ConfigError| {
        SettingsError::Value(format!("a setting can't be used: {error}"))
    };
    let mut builder = Config::builder().add_source(Config::try_from(&defaults).map_err(value)?);
    if let Some(written) = &written {
        builder = builder.add_source(Config::try_from(written).map_err(value)?);
    }
    // Values stay text: a parser that guesses would turn a secret such as 1e5 into 100000.
    let variables = Environment::with_prefix("TALARIA")
        .prefix_separator("_")
        .separator("__")
        .source(Some(ours.into_iter().collect()));
    builder
        .add_source(variables)
        .build()
        .and_then(Config::try_deserialize)
        .map_err(value)
}

fn read_file(path: &Path) -> Result<serde_json::Value, SettingsError> {
    let text = std::fs::read_to_string(path).map_err(|error| SettingsError::Unreadable {
        path: path.into(),
        reason: error.to_string(),
    })?;
    if text
        .lines()
        .all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'))
    {
        return Ok(serde_json::json!({}));
    }
    serde_saphyr::from_str(&text).map_err(|error| SettingsError::NotYaml {
        path: path.into(),
        reason: error.to_string(),
    })
}
