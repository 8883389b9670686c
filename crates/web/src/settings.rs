//! Settings: defaults, then a file, then the environment (`TALARIA_`, `__` between levels).
//!
//! A key that nobody reads refuses to start, in the file and in the environment alike, because a misspelt setting
//! that is silently ignored is found at the worst time. This is the one module that reads the environment.

mod faults;
mod names;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use config::{Config, Environment};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use faults::Faults;

const PREFIX: &str = "TALARIA_";

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
    load_over(&T::default(), file, environment)
}

/// The same over other defaults than the type's own.
pub fn load_over<T>(
    defaults: &T,
    file: Option<&Path>,
    environment: &BTreeMap<String, String>,
) -> Result<T, SettingsError>
where
    T: Serialize + DeserializeOwned,
{
    let sources = Sources::read(file, environment)?;
    let defaults = as_json(defaults)?;
    sources.refuse_unknown(&defaults)?;
    sources.part(&defaults)
}

/// Reads two settings types whose keys stand side by side in one file and one environment, each over its `defaults`.
/// A key belongs to the one that has it in its defaults; none may be in both.
pub fn load_beside<A, B>(
    defaults: (&A, &B),
    file: Option<&Path>,
    environment: &BTreeMap<String, String>,
) -> Result<(A, B), SettingsError>
where
    A: Serialize + DeserializeOwned,
    B: Serialize + DeserializeOwned,
{
    let sources = Sources::read(file, environment)?;
    let (first, second) = (as_json(defaults.0)?, as_json(defaults.1)?);
    let keys = |part: &Value| part.as_object().cloned().unwrap_or_default();
    let all = keys(&first).into_iter().chain(keys(&second)).collect();
    sources.refuse_unknown(&Value::Object(all))?;
    Ok((sources.part(&first)?, sources.part(&second)?))
}

/// What was written, in the file and in the environment.
struct Sources {
    file: Option<(PathBuf, Value)>,
    variables: BTreeMap<String, String>,
}

impl Sources {
    fn read(
        file: Option<&Path>,
        environment: &BTreeMap<String, String>,
    ) -> Result<Self, SettingsError> {
        let file = match file {
            Some(path) => Some((path.to_owned(), read_file(path)?)),
            None => None,
        };
        let ours = environment
            .iter()
            .filter(|(name, _)| name.starts_with(PREFIX))
            .map(|(name, value)| (name.clone(), value.clone()));
        Ok(Self {
            file,
            variables: ours.collect(),
        })
    }

    fn refuse_unknown(&self, defaults: &Value) -> Result<(), SettingsError> {
        let mut unknown = names::unknown_variables(defaults, self.variables.keys());
        if let Some((path, written)) = &self.file {
            unknown.extend(names::unknown_keys(defaults, written, path));
        }
        match unknown.is_empty() {
            true => Ok(()),
            false => Err(SettingsError::Unknown(unknown)),
        }
    }

    /// The settings that have `defaults`, with what was written of their keys.
    fn part<T: DeserializeOwned>(&self, defaults: &Value) -> Result<T, SettingsError> {
        let value = |error: config::ConfigError| {
            SettingsError::Value(format!("a setting can't be used: {error}"))
        };
        let mut builder = Config::builder().add_source(Config::try_from(defaults).map_err(value)?);
        if let Some((_, Value::Object(written))) = &self.file {
            let mut written = written.clone();
            written.retain(|key, _| defaults.get(key).is_some());
            builder = builder.add_source(Config::try_from(&written).map_err(value)?);
        }
        let ours = self
            .variables
            .iter()
            .filter(|(name, _)| defaults.get(first_key(name)).is_some())
            .map(|(name, value)| (name.clone(), value.clone()));
        // Values stay text: a parser that guesses would turn a secret such as 1e5 into 100000.
        let variables = Environment::with_prefix("TALARIA")
            .prefix_separator("_")
            .separator("__")
            .source(Some(ours.collect()));
        builder
            .add_source(variables)
            .build()
            .and_then(Config::try_deserialize)
            .map_err(value)
    }
}

/// The key of the first level in the name of a variable.
fn first_key(variable: &str) -> String {
    let path = variable.strip_prefix(PREFIX).unwrap_or(variable);
    let first = path.split("__").next().unwrap_or(path);
    first.to_ascii_lowercase()
}

fn as_json(defaults: &impl Serialize) -> Result<Value, SettingsError> {
    serde_json::to_value(defaults).map_err(|error| SettingsError::Value(error.to_string()))
}

fn read_file(path: &Path) -> Result<Value, SettingsError> {
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
