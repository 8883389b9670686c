//! Who works in a data directory. Reading and publishing may be shared between processes; delivering and settling an
//! earlier process' claims may not, so `talaria up` takes the directory for itself first.

use std::fs::{File, TryLockError};
use std::path::Path;

use crate::OpenError;
use crate::file::{make_private_directory, open_private_file};

const LOCK_FILE: &str = "owner.lock";

/// Held for as long as a process owns a data directory. The system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub struct Ownership {
    _lock: File,
}

impl Ownership {
    /// Takes `directory`, and makes it if it is missing. Fails with [`OpenError::InUse`] while another process has it.
    pub fn take(directory: &Path) -> Result<Self, OpenError> {
        let unusable = |error: std::io::Error| OpenError::Unusable {
            path: directory.to_owned(),
            reason: error.to_string(),
        };
        make_private_directory(directory).map_err(unusable)?;
        let lock = open_private_file(&directory.join(LOCK_FILE)).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse {
                path: directory.to_owned(),
            }),
            Err(TryLockError::Error(error)) => Err(unusable(error)),
        }
    }
}
