//! Logs, started once: readable lines on standard error.
//!
//! A message says by itself what happened; fields beside it are for searching. No field holds personal data: event
//! ids, identities, route and destination names, statuses and times, never a payload.

use serde::{Deserialize, Serialize};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// What is logged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogSettings {
    /// A level (`info`), or levels by crate (`info,updater=debug`).
    pub filter: String,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self {
            // The HTTP server tells of every worker; that is no news for an operator.
            filter: "info,actix_server=warn".into(),
        }
    }
}

/// Why logging could not start.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter can't be read.
    #[error(
        "log.filter {filter:?} can't be read ({reason}): write a level such as info, or info,updater=debug"
    )]
    Filter {
        /// As it was set.
        filter: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Something in the process logs already.
    #[error("logging was started twice in one process")]
    StartedTwice,
}

/// Starts logging for the whole process.
pub fn start(settings: &LogSettings) -> Result<(), TelemetryError> {
    let filter: Targets = settings
        .filter
        .parse()
        .map_err(|error| TelemetryError::Filter {
            filter: settings.filter.clone(),
            reason: format!("{error}"),
        })?;
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()));
    tracing_subscriber::registry()
        .with(filter)
        .with(lines)
        .try_init()
        .map_err(|_| TelemetryError::StartedTwice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_is_none_is_refused_with_an_example() {
        let error = start(&LogSettings {
            filter: "updater=loud".into(),
        })
        .expect_err("no filter");
        assert!(error.to_string().contains("updater=debug"), "{error}");
    }
}
