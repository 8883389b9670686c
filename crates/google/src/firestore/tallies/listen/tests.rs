//! The stream opens and closes with those who wait.
