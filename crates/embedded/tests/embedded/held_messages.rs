//! Held messages in a file: one of an earlier format, and one with many of them.

use std::path::Path;

use ::store::{DeadLetterFilter, DeadLetters, HeldMessages, Wanted};
use embedded::{EmbeddedStore, StoreSettings};
use events::Timestamp;
use rusqlite::Connection;

fn open(path: &Path) -> EmbeddedStore {
    EmbeddedStore::open(path, StoreSettings::default()).expect("the file opens")
}

#[tokio::test]
async fn a_file_from_before_messages_were_held_is_brought_up_with_everything_in_it() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("store.sqlite");
    open(&path).close().await.expect("closed");
    let before = Connection::open(&path).expect("a file");
    let letter = r#"{"id":"1","reason":"rejected","detail":"","at":1,"identity":null,"eventId":null,"eventType":null,
                    "destination":null,"route":null,"effect":null,"attempts":1,"value":null,"messageId":"1",
                    "replayed":null}"#;
    let script = format!(
        "DROP TABLE held_messages; PRAGMA user_version = 3;
         INSERT INTO dead_letters (id, at_ms, reason, expires_ms, summary, content)
         VALUES ('1', 1, 'rejected', 9, '{letter}', '');"
    );
    before.execute_batch(&script).expect("the format before");
    drop(before);
    for _ in 0..2 {
        let store = open(&path);
        assert!(store.backlog().await.expect("the table").is_empty());
        let letters = store.list(&DeadLetterFilter::default()).await;
        assert_eq!(letters.expect("the letters").len(), 1);
        store.close().await.expect("closed");
    }
}

#[tokio::test]
async fn messages_that_were_held_before_any_waited_for_a_route_are_still_held() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("store.sqlite");
    open(&path).close().await.expect("closed");
    let before = Connection::open(&path).expect("a file");
    let summary = r#"{"id":"1","destination":"crm","identity":"purchase:T1","eventId":null,"eventType":null,"value":null,
                     "bytes":2,"reason":"paused","firstHeld":1,"due":2,"tries":3,"version":4,"expires":9}"#;
    let script = format!(
        "DROP INDEX held_messages_waiting; ALTER TABLE held_messages DROP COLUMN waits_for; PRAGMA user_version = 4;
         INSERT INTO held_messages (id, destination, due_ms, first_held_ms, identity, expires_ms, summary, content)
         VALUES ('1', 'crm', 2, 1, 'purchase:T1', 9, '{summary}', '{{}}');"
    );
    before.execute_batch(&script).expect("the format before");
    drop(before);
    let store = open(&path);
    let due = Wanted::LongestDue(Timestamp::from_millis(2));
    let found = store.due("crm", due, 10).await.expect("the table");
    assert_eq!(found.messages.len(), 1, "{found:?}");
    assert_eq!(found.messages[0].waits_for, None);
    assert!(store.waited_for("crm").await.expect("the table").is_empty());
}

/// With a million of them, a query that sorts or reads them all would take the time of a drain.
#[tokio::test]
async fn what_is_asked_of_held_messages_is_answered_by_an_index() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("store.sqlite");
    open(&path).close().await.expect("closed");
    let connection = Connection::open(&path).expect("a file");
    for (query, index) in [
        (
            "SELECT id, summary FROM held_messages WHERE destination = 'a' AND due_ms <= 1 ORDER BY due_ms, id LIMIT 3",
            "held_messages_due ",
        ),
        (
            "SELECT id, summary FROM held_messages WHERE destination = 'a' AND due_ms <= 1 ORDER BY due_ms DESC, id DESC \
             LIMIT 3",
            "held_messages_due ",
        ),
        (
            "SELECT id, summary FROM held_messages WHERE destination = 'a' AND waits_for = 'b' ORDER BY due_ms, id LIMIT 3",
            "held_messages_waiting ",
        ),
        (
            "SELECT min(waits_for) FROM held_messages WHERE destination = 'a' AND waits_for > 'b'",
            "held_messages_waiting ",
        ),
        (
            "SELECT destination, count(*), min(first_held_ms) FROM held_messages GROUP BY destination ORDER BY destination",
            "COVERING INDEX held_messages_by_age",
        ),
        (
            "SELECT id, summary FROM held_messages WHERE event_id = 'a' ORDER BY destination, identity",
            "held_messages_by_event_id ",
        ),
        (
            "SELECT id FROM held_messages WHERE expires_ms <= 1 LIMIT 3",
            "held_messages_by_expiry ",
        ),
    ] {
        let mut statement = connection
            .prepare(&format!("EXPLAIN QUERY PLAN {query}"))
            .expect("the query");
        let steps = statement
            .query_map([], |row| row.get::<_, String>(3))
            .expect("a plan");
        let plan: Vec<String> = steps.map(|step| step.expect("a step")).collect();
        let plan = plan.join("; ");
        assert!(plan.contains(index), "{query}: {plan}");
        // The few messages of one event may be sorted.
        let sorts = plan.contains("TEMP B-TREE") && !query.contains("event_id =");
        assert!(!sorts, "{query}: {plan}");
    }
}
