//! What every command is given, and what it gives back.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use events::Clock;

use crate::settings::TalariaSettings;

/// The settings file that is read when it exists and no other is named.
const USUAL_FILE: &str = "config/local.yaml";

/// One call of the program.
pub(crate) struct Invocation {
    /// The environment as it was at the start.
    pub(crate) environment: BTreeMap<String, String>,
    /// `--config`.
    pub(crate) config: Option<PathBuf>,
    /// `--data`.
    pub(crate) data: Option<PathBuf>,
    /// The machine's clock.
    pub(crate) clock: Arc<dyn Clock>,
}

/// How a command that ran to its end went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Completion {
    /// All went well.
    Well,
    /// It did its work, and found or met something that is not well.
    NotWell,
}

impl Completion {
    /// [`Self::Well`] if it is.
    pub(crate) fn of(well: bool) -> Self {
        if well { Self::Well } else { Self::NotWell }
    }
}

impl From<Completion> for ExitCode {
    fn from(completion: Completion) -> Self {
        match completion {
            Completion::Well => Self::SUCCESS,
            Completion::NotWell => Self::FAILURE,
        }
    }
}

impl Invocation {
    /// The settings: defaults, then the file, then the environment, then the options of the command line.
    pub(crate) fn settings(&self) -> anyhow::Result<TalariaSettings> {
        let usual = Path::new(USUAL_FILE);
        let file = self
            .config
            .as_deref()
            .or_else(|| usual.exists().then_some(usual));
        let defaults = TalariaSettings {
            otlp: telemetry::OtlpSettings::of_environment(&self.environment)?,
            ..TalariaSettings::default()
        };
        let mut settings = web::settings::load_over(&defaults, file, &self.environment)?;
        if let Some(data) = &self.data {
            settings.data.clone_from(data);
        }
        Ok(settings)
    }
}
