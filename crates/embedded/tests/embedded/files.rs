//! The files themselves: who may read them, who may open them.

use embedded::{EmbeddedStore, OpenError, Ownership, StoreSettings};

use crate::support::{Place, publish};

#[cfg(unix)]
#[tokio::test]
async fn only_their_owner_may_read_them() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let bus = place.open().await;
    publish(&bus, "evt_1").await;
    let directory = place.file().parent().expect("a directory").to_owned();
    let mode =
        |path: &std::path::Path| path.metadata().expect("it exists").permissions().mode() & 0o777;
    assert_eq!(mode(&directory), 0o700);
    let mut files = 0;
    for entry in directory.read_dir().expect("readable") {
        let path = entry.expect("an entry").path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        files += 1;
    }
    assert_eq!(files, 3, "the file, its log and the log's index");
}

#[tokio::test]
async fn a_file_of_a_newer_talaria_is_left_alone_and_says_so() {
    let place = Place::new();
    drop(place.open().await);
    let connection = rusqlite::Connection::open(place.file()).expect("the file is there");
    connection
        .pragma_update(None, "user_version", 7_000)
        .expect("set");
    let settings = StoreSettings::default();
    let error = EmbeddedStore::open(&place.file(), settings)
        .err()
        .expect("refused");
    assert!(
        matches!(error, OpenError::NewerFile { found: 7_000, .. }),
        "{error}"
    );
    let words = error.to_string();
    assert!(
        words.contains("bus.sqlite") && words.contains("7000"),
        "{words}"
    );
    let version: i64 = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .expect("read");
    assert_eq!(version, 7_000);
}

#[test]
fn what_is_no_database_or_no_place_for_one_is_unusable() {
    let directory = tempfile::tempdir().expect("a directory");
    let text = directory.path().join("text");
    std::fs::write(
        &text,
        "this is not a database, however long one looks at it",
    )
    .expect("written");
    for path in [
        text.clone(),
        text.join("below-a-file"),
        directory.path().to_owned(),
    ] {
        let error = EmbeddedStore::open(&path, StoreSettings::default())
            .err()
            .expect("refused");
        assert!(
            matches!(error, OpenError::Unusable { .. }),
            "{}: {error}",
            path.display()
        );
    }
}

#[test]
fn one_process_at_a_time_owns_a_data_directory() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().join("data");
    let ownership = Ownership::take(&data).expect("free");
    let error = Ownership::take(&data).expect_err("taken");
    assert!(
        matches!(error, OpenError::InUse { ref path } if *path == data),
        "{error}"
    );
    drop(ownership);
    Ownership::take(&data).expect("free again");
}
