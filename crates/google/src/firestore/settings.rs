//! Which database, and how it is used.

use std::time::Duration;

/// The database, and how it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirestoreSettings {
    /// The project's id.
    pub project: String,
    /// The database's id; `(default)` if none was made by name.
    pub database: String,
    /// `host:port` of the emulator; `None` for Google's own Firestore.
    pub emulator_host: Option<String>,
    /// The longest that one request may take.
    pub request_timeout: Duration,
    /// Documents over which the items of one minute or quarter are spread at least. More carry more items and cost more
    /// writes; it can be changed at any time.
    pub shards: u16,
}

impl FirestoreSettings {
    /// The default database of a project, on Google Cloud.
    pub fn new(project: impl Into<String>) -> Self {
        Self {
            project: project.into(),
            database: "(default)".into(),
            emulator_host: None,
            request_timeout: Duration::from_secs(10),
            shards: 4,
        }
    }
}
