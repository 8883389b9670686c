//! What happens to work that fails, alone and with everything around it.

use std::path::Path;

use rusqlite::Connection;

use super::Writer;
use crate::error::WriteError;
use crate::file::{Schema, open_for_writing};

const SCHEMA: Schema = Schema {
    migrations: &["CREATE TABLE notes (text TEXT NOT NULL UNIQUE)"],
};

fn open(path: &Path) -> Writer {
    let connection = open_for_writing(path, &SCHEMA, |_| Ok(())).expect("the file opens");
    Writer::start(connection, 100).expect("a thread")
}

async fn note(writer: &Writer, text: &str) -> Result<(), WriteError> {
    let text = text.to_owned();
    writer
        .write(move |connection| {
            connection.execute("INSERT INTO notes (text) VALUES (?1)", [text])?;
            Ok(())
        })
        .await
}

fn notes(path: &Path) -> Vec<String> {
    let connection = Connection::open(path).expect("the file is there");
    let mut statement = connection
        .prepare("SELECT text FROM notes ORDER BY text")
        .expect("a table");
    let rows = statement.query_map([], |row| row.get(0)).expect("rows");
    rows.map(|row| row.expect("text")).collect()
}

#[tokio::test]
async fn work_that_fails_takes_nothing_else_with_it() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("notes.sqlite");
    let writer = open(&path);
    let half_done = writer.write(|connection| {
        connection.execute("INSERT INTO notes (text) VALUES ('half done')", [])?;
        connection.execute("INSERT INTO notes (text) VALUES ('half done')", [])?;
        Ok(())
    });
    let (before, failed, after) = tokio::join!(note(&writer, "a"), half_done, note(&writer, "b"));
    before.expect("written");
    after.expect("written");
    assert!(matches!(failed, Err(WriteError::Failed(_))), "{failed:?}");
    assert_eq!(notes(&path), ["a", "b"]);
}

#[tokio::test]
async fn a_full_disk_fails_everything_in_its_commit_and_the_next_one_is_tried_again() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("notes.sqlite");
    let writer = open(&path);
    let allow_pages = |pages: i64| {
        writer.write(move |connection| {
            connection.pragma_update(None, "max_page_count", pages)?;
            Ok(())
        })
    };
    allow_pages(1).await.expect("set");
    let large = "x".repeat(100_000);
    let (small, failed) = tokio::join!(note(&writer, "small"), note(&writer, &large));
    assert!(failed.is_err(), "there is no room for it");
    assert_eq!(
        notes(&path).contains(&"small".to_owned()),
        small.is_ok(),
        "an answer tells what was kept"
    );
    writer.ready().await.expect("a small write still fits");

    allow_pages(1_000).await.expect("set");
    note(&writer, &large).await.expect("there is room again");
    writer.ready().await.expect("it is well");
}

#[tokio::test]
async fn a_commit_that_can_not_be_made_fails_all_its_work_and_shows_in_ready() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("notes.sqlite");
    let writer = open(&path);
    let forget_to_wait =
        writer.write(|connection| Ok(connection.busy_timeout(std::time::Duration::ZERO)?));
    forget_to_wait.await.expect("set");
    let other = Connection::open(&path).expect("the file is there");
    other
        .execute_batch("BEGIN IMMEDIATE")
        .expect("nobody writes");
    let (a, b) = tokio::join!(note(&writer, "a"), note(&writer, "b"));
    for failed in [a, b] {
        assert!(matches!(failed, Err(WriteError::Failed(_))), "{failed:?}");
    }
    assert!(
        writer.ready().await.is_err(),
        "the last commit failed and the next would"
    );
    drop(other);
    writer.ready().await.expect("a write succeeds again");
    note(&writer, "c").await.expect("written");
    assert_eq!(notes(&path), ["c"]);
}

#[tokio::test]
async fn closing_keeps_what_was_taken_and_takes_no_more() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("notes.sqlite");
    let writer = open(&path);
    let (taken, closed) = tokio::join!(note(&writer, "taken"), writer.close());
    taken.expect("written");
    closed.expect("closed");
    writer.close().await.expect("closing twice is closing");
    let refused = note(&writer, "refused").await;
    assert!(matches!(refused, Err(WriteError::Stopped)), "{refused:?}");
    assert_eq!(notes(&path), ["taken"]);
}

#[tokio::test]
async fn work_goes_on_when_whoever_asked_for_it_is_gone() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("notes.sqlite");
    let writer = open(&path);
    {
        let abandoned = note(&writer, "abandoned");
        tokio::pin!(abandoned);
        // Polled once, it has handed its work over.
        tokio::select! {
            biased;
            _ = &mut abandoned => {}
            () = std::future::ready(()) => {}
        }
    }
    note(&writer, "after").await.expect("written");
    assert_eq!(notes(&path), ["abandoned", "after"]);
}
