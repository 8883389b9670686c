//! What goes wrong with a file: when it is opened, and when it is read or written.

use std::path::PathBuf;

/// Why a file of the data directory can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A newer Talaria wrote it; opening it could lose what this one doesn't know.
    #[error(
        "{} has format {found} and this Talaria knows formats up to {known}: start the newer version again, or name another data directory",
        path.display()
    )]
    NewerFile {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest format this program knows.
        known: i64,
    },
    /// Another process owns the data directory.
    #[error(
        "another talaria works in {}: stop it first, or name another data directory",
        path.display()
    )]
    InUse {
        /// The directory.
        path: PathBuf,
    },
    /// It isn't there, isn't ours or can't be written.
    #[error(
        "{} can't be used: {reason}. Check that the directory is writable and has space, and that the file is Talaria's",
        path.display()
    )]
    Unusable {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
}

/// Why a piece of work on a connection failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StorageError {
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// Place and kind alone are kept: serde's own words may repeat what is stored.
    #[error("what is kept as {what} can't be read: {} at column {}", reason_of(error), error.column())]
    Unreadable {
        what: &'static str,
        error: serde_json::Error,
    },
    #[error("the reading thread ended early: {0}")]
    Interrupted(String),
}

impl StorageError {
    /// Wraps serde's error about a kept `what`.
    pub(crate) fn unreadable(what: &'static str) -> impl Fn(serde_json::Error) -> Self {
        move |error| Self::Unreadable { what, error }
    }
}

fn reason_of(error: &serde_json::Error) -> &'static str {
    match error.classify() {
        serde_json::error::Category::Io => "input failed",
        serde_json::error::Category::Syntax => "not JSON",
        serde_json::error::Category::Data => "another shape",
        serde_json::error::Category::Eof => "cut off",
    }
}

/// Why something isn't written. Nothing of it is in the file, unless the reason is a commit that failed half way.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WriteError {
    #[error("{0} writes are waiting already")]
    QueueFull(usize),
    #[error("the writer has stopped")]
    Stopped,
    #[error("{0}")]
    Failed(String),
}
