//! Logs, started once: lines on standard error, for a person or as JSON for Google Cloud.
//!
//! A message says by itself what happened; fields beside it are for searching. No field holds personal data: event
//! ids, identities, route and destination names, statuses and times, never a payload.
//!
//! A span's fields are on every line inside it. Three of them say which trace the line belongs to: `trace_id` (u128),
//! `span_id` (u64) and `sampled` (bool). Spans of the target [`REQUEST_TARGET`] are made whatever the filter says, so
//! that a filter which lets few lines through doesn't take the trace from these.

use std::io::{IsTerminal, Write};

use serde::{Deserialize, Serialize};
use tracing::Dispatch;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;

use crate::lines::{Format, Lines};
use crate::panics::{self, PANIC_TARGET};

/// The target of the spans that carry traces.
pub const REQUEST_TARGET: &str = "request";

/// What is logged, and in which form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogSettings {
    /// A level (`info`), or levels by crate (`info,updater=debug`).
    pub filter: String,
    /// The form of a line.
    pub format: LogFormat,
    /// The Google Cloud project whose traces the lines of [`LogFormat::Json`] name; without one they name the bare trace.
    pub google_project: Option<String>,
}

/// The form of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// For a person at a terminal.
    #[default]
    Text,
    /// One JSON object a line, as Google Cloud's logging reads it.
    Json,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self {
            // The HTTP server tells of every worker, and writes an error for each request that is no HTTP, as often as a
            // stranger likes: neither is news for an operator. Firestore's client writes an error without a cause beside
            // each that the store tells of with one.
            filter: "info,actix_http=off,actix_server=warn,gcloud_sdk::middleware=off".into(),
            format: LogFormat::default(),
            google_project: None,
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

/// Starts logging on standard error for the whole process. As JSON, panics are lines as well.
pub fn start(settings: &LogSettings) -> Result<(), TelemetryError> {
    let colours = std::io::stderr().is_terminal();
    let dispatch = build(settings, colours, |line| {
        // There is nobody left to tell when this fails.
        let _ = std::io::stderr().write_all(line.as_bytes());
    })?;
    tracing::dispatcher::set_global_default(dispatch).map_err(|_| TelemetryError::StartedTwice)?;
    if settings.format == LogFormat::Json {
        panics::log_panics();
    }
    Ok(())
}

/// What [`start`] starts, with another place for its lines: `write` is given each with its line break.
pub fn dispatch(
    settings: &LogSettings,
    write: impl Fn(&str) + Send + Sync + 'static,
) -> Result<Dispatch, TelemetryError> {
    build(settings, false, write)
}

fn build(
    settings: &LogSettings,
    colours: bool,
    write: impl Fn(&str) + Send + Sync + 'static,
) -> Result<Dispatch, TelemetryError> {
    let filter: Targets = settings
        .filter
        .parse()
        .map_err(|error| TelemetryError::Filter {
            filter: settings.filter.clone(),
            reason: format!("{error}"),
        })?;
    let format = match settings.format {
        LogFormat::Text => Format::Text { colours },
        LogFormat::Json => Format::Json {
            google_project: settings.google_project.clone(),
        },
    };
    let always = [REQUEST_TARGET, PANIC_TARGET].map(|target| (target, LevelFilter::ERROR));
    let subscriber = tracing_subscriber::registry()
        .with(filter.with_targets(always))
        .with(Lines { format, write });
    Ok(Dispatch::new(subscriber))
}
