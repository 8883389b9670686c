//! Opens a SQLite file the way every file of ours is opened: readable by its owner alone, journalled ahead, synced at
//! each commit, and brought to the newest format.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::OpenError;

/// How long a connection waits for another process' transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// A small log keeps the commit that has to fold it back short; each page has 4 KiB.
const CHECKPOINT_AFTER_PAGES: i64 = 1_000;

/// More than any connection of ours ever prepares.
const STATEMENTS_KEPT: usize = 64;

/// The tables of a file, as the steps that led to them.
pub(crate) struct Schema {
    /// The n-th script leads from format n to format n + 1. Scripts are only ever added.
    pub(crate) migrations: &'static [&'static str],
}

/// Opens the file for writing; makes it and its directory if they are missing. `on_creation` runs once in a file's
/// life, in the transaction that makes its tables.
pub(crate) fn open_for_writing(
    path: &Path,
    schema: &Schema,
    on_creation: impl FnOnce(&Connection) -> rusqlite::Result<()>,
) -> Result<Connection, OpenError> {
    make_private(path).map_err(|error| unusable(path, error))?;
    let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)
        .and_then(|connection| {
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.pragma_update(None, "synchronous", "FULL")?;
            connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_AFTER_PAGES)?;
            Ok(connection)
        })
        .map_err(|error| unusable(path, error))?;
    let found =
        migrate(&mut connection, schema, on_creation).map_err(|error| unusable(path, error))?;
    let known = newest_format(schema);
    if found > known {
        return Err(OpenError::NewerFile {
            path: path.to_owned(),
            found,
            known,
        });
    }
    Ok(connection)
}

/// Opens an existing file for reading.
pub(crate) fn open_for_reading(path: &Path) -> rusqlite::Result<Connection> {
    connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

/// Makes a directory that only its owner may enter, with its parents; one that exists is left as it is.
pub(crate) fn make_private_directory(path: &Path) -> io::Result<()> {
    if path.as_os_str().is_empty() {
        return Ok(());
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Opens or makes a file that only its owner may read. SQLite gives its log the same mode.
pub(crate) fn open_private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(file)
}

fn make_private(path: &Path) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new(""));
    make_private_directory(directory)?;
    let is_new = !path.exists();
    open_private_file(path)?;
    // Without this a power cut right after the first commit could take the new file's name with it.
    if is_new && !directory.as_os_str().is_empty() {
        File::open(directory)?.sync_all()?;
    }
    Ok(())
}

fn connect(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    Ok(connection)
}

/// Brings the file to the newest format. Returns the format it has then, which is newer than ours if a newer program
/// wrote it; such a file is left alone.
fn migrate(
    connection: &mut Connection,
    schema: &Schema,
    on_creation: impl FnOnce(&Connection) -> rusqlite::Result<()>,
) -> rusqlite::Result<i64> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = newest_format(schema);
    if found >= known {
        return Ok(found);
    }
    let done = usize::try_from(found).unwrap_or_default();
    for script in &schema.migrations[done..] {
        transaction.execute_batch(script)?;
    }
    if found == 0 {
        on_creation(&transaction)?;
    }
    transaction.pragma_update(None, "user_version", known)?;
    transaction.commit()?;
    Ok(known)
}

fn newest_format(schema: &Schema) -> i64 {
    i64::try_from(schema.migrations.len()).unwrap_or(i64::MAX)
}

fn unusable(path: &Path, error: impl std::fmt::Display) -> OpenError {
    OpenError::Unusable {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}
