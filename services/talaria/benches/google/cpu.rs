//! Who used the processor, as Linux counts it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;

/// Linux counts in hundredths of a second, whatever its own clock is.
const TICK: Duration = Duration::from_millis(10);

/// The processes that are watched: this one, and the emulator if it can be found.
#[derive(Clone)]
pub struct Watched {
    emulator: Option<PathBuf>,
}

/// Processor time used so far.
#[derive(Clone, Copy)]
pub struct Used {
    pub ours: Duration,
    pub emulator: Option<Duration>,
}

impl Watched {
    /// This process and the emulator that listens at `address`.
    pub fn with_emulator(address: &str) -> Self {
        let port = address.rsplit(':').next().unwrap_or_default();
        Self {
            emulator: process_with(&format!("--port={port}")),
        }
    }

    pub fn used(&self) -> anyhow::Result<Used> {
        let emulator = self.emulator.as_deref().map(of_process).transpose()?;
        Ok(Used {
            ours: of_process(Path::new("/proc/self"))?,
            emulator,
        })
    }
}

impl Used {
    pub fn since(self, before: Self) -> Self {
        let emulator = self.emulator.zip(before.emulator);
        Self {
            ours: self.ours.saturating_sub(before.ours),
            emulator: emulator.map(|(now, before)| now.saturating_sub(before)),
        }
    }
}

/// What the calling thread used.
pub fn of_this_thread() -> anyhow::Result<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanos = text.split_whitespace().next().context("no figure")?;
    Ok(Duration::from_nanos(nanos.parse()?))
}

fn of_process(folder: &Path) -> anyhow::Result<Duration> {
    let text = std::fs::read_to_string(folder.join("stat"))?;
    // The name before it, in brackets, may hold anything.
    let (_, figures) = text.rsplit_once(')').context("no figures")?;
    let figures: Vec<&str> = figures.split_whitespace().collect();
    let [user, system] = [11, 12].map(|place| figures.get(place).copied().unwrap_or_default());
    Ok(TICK * (user.parse::<u32>()? + system.parse::<u32>()?))
}

fn process_with(argument: &str) -> Option<PathBuf> {
    let is_given = |folder: &PathBuf| {
        let line = std::fs::read(folder.join("cmdline")).unwrap_or_default();
        let mut arguments = line.split(|byte| *byte == 0);
        arguments.any(|one| one == argument.as_bytes())
    };
    let mut folders = std::fs::read_dir("/proc").ok()?.filter_map(Result::ok);
    folders.find_map(|entry| Some(entry.path()).filter(is_given))
}
