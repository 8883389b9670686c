//! A file with its writer and its readers.

use std::path::Path;

use rusqlite::Connection;

use crate::OpenError;
use crate::file::{Schema, open_for_writing};
use crate::readers::Readers;
use crate::writer::Writer;

/// One SQLite file. Several processes may have it open; each has one writer.
pub(crate) struct Database {
    /// Every change goes through here.
    pub(crate) writer: Writer,
    /// Every look goes through here.
    pub(crate) readers: Readers,
}

impl Database {
    /// Opens the file; `on_creation` runs once in its life, when its tables are made.
    pub(crate) fn open(
        path: &Path,
        schema: &Schema,
        queue: usize,
        on_creation: impl FnOnce(&Connection) -> rusqlite::Result<()>,
    ) -> Result<Self, OpenError> {
        let connection = open_for_writing(path, schema, on_creation)?;
        let writer = Writer::start(connection, queue).map_err(|error| OpenError::Unusable {
            path: path.to_owned(),
            reason: format!("no thread could be started: {error}"),
        })?;
        Ok(Self {
            writer,
            readers: Readers::new(path.to_owned()),
        })
    }
}
