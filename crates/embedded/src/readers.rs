//! A few read-only connections. They read beside the writer and never wait for it, on threads that may block.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use crate::error::StorageError;
use crate::file::open_for_reading;

/// Reads at the same time; more wait.
const CONNECTIONS: usize = 4;

/// Lends connections, and opens them when first needed.
pub(crate) struct Readers {
    path: PathBuf,
    idle: Arc<Mutex<Vec<Connection>>>,
    slots: Semaphore,
}

impl Readers {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self {
            path,
            idle: Arc::default(),
            slots: Semaphore::new(CONNECTIONS),
        }
    }

    /// Does `work` on a connection that sees every commit made before.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, StorageError> {
        let interrupted =
            |error: &dyn std::fmt::Display| StorageError::Interrupted(error.to_string());
        let _slot = self
            .slots
            .acquire()
            .await
            .map_err(|error| interrupted(&error))?;
        let (path, idle) = (self.path.clone(), Arc::clone(&self.idle));
        let reading = move || {
            let lent = lock(&idle).pop();
            let connection = match lent {
                Some(connection) => connection,
                None => open_for_reading(&path)?,
            };
            let read = work(&connection)?;
            // A connection that failed is not used again: the next reader opens a new one.
            lock(&idle).push(connection);
            Ok(read)
        };
        tokio::task::spawn_blocking(reading)
            .await
            .map_err(|error| interrupted(&error))?
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
