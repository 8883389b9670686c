//! Loads the routes file, and loads it again when it changes.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::MissedTickBehavior;

use crate::routes::{Mistake, RoutesHandle, load};

/// Why there are no routes to start with. Its text lists every mistake with its place.
#[derive(Debug, thiserror::Error)]
pub enum RoutesFileError {
    /// The file can't be read.
    #[error("can't read the routes file {}: {reason}; name another with TALARIA_UPDATER__ROUTES", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The file has mistakes.
    #[error("{}", list(.0))]
    Mistakes(Vec<Mistake>),
}

fn list(mistakes: &[impl fmt::Display]) -> String {
    let texts: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    format!(
        "the routes file has {} mistake(s):\n{}",
        mistakes.len(),
        texts.join("\n")
    )
}

/// Reads and checks the routes file; the text comes with it, to tell later whether the file has changed.
pub fn load_routes(
    path: &Path,
    environment: &BTreeMap<String, String>,
) -> Result<(RoutesHandle, String), RoutesFileError> {
    let source = std::fs::read_to_string(path).map_err(|error| RoutesFileError::Unreadable {
        path: path.into(),
        reason: error.to_string(),
    })?;
    let name = path.display().to_string();
    let routes = load(&source, &name, &|variable| {
        environment.get(variable).cloned()
    })
    .map_err(RoutesFileError::Mistakes)?;
    for warning in routes.warnings() {
        tracing::warn!("{warning}");
    }
    Ok((RoutesHandle::new(routes, name), source))
}

/// Looks at the file every `poll` and, where its text is no longer `loaded`, replaces the routes if the text is sound. Reading the text
/// itself needs no trust in modification times, which mounted files often don't have.
pub(super) async fn watch(
    path: PathBuf,
    loaded: String,
    poll: Duration,
    routes: Arc<RoutesHandle>,
    environment: Arc<BTreeMap<String, String>>,
) {
    let mut seen = Some(loaded);
    let mut ticks = tokio::time::interval(poll);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Ok(source) = std::fs::read_to_string(&path) else {
            if seen.take().is_some() {
                tracing::error!(path = %path.display(), "the routes file can't be read; the routes in use stay");
            }
            continue;
        };
        if seen.as_ref() == Some(&source) {
            continue;
        }
        match routes.try_replace(&source, &|variable| environment.get(variable).cloned()) {
            Ok(new) => tracing::info!(routes = new.routes().len(), "took the changed routes file"),
            Err(mistakes) => tracing::error!("the routes in use stay: {}", list(&mistakes)),
        }
        seen = Some(source);
    }
}
