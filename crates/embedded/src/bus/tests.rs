//! What is due, read from a journal in memory.

use bus::Message;
use events::Timestamp;
use rusqlite::Connection;

use super::journal::{Owed, create_subscription, create_topic, postpone, publish};
use super::queries::{due, next_due};
use super::schema::{SCHEMA, newest_message_id, start_message_ids};

const TOPIC: &str = "topic";

/// No delivery is put off beyond this.
const LATEST: i64 = 10_000;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// A journal with one subscription and messages of ten bytes published at these times; returns their ids.
fn journal(published: &[i64]) -> (Connection, i64, Vec<i64>) {
    let connection = Connection::open_in_memory().expect("memory");
    for script in SCHEMA.migrations {
        connection.execute_batch(script).expect("a sound script");
    }
    start_message_ids(&connection, at(5)).expect("a new file");
    create_topic(&connection, TOPIC, at(0)).expect("a topic");
    let (subscription, _) =
        create_subscription(&connection, "one", TOPIC, at(0)).expect("subscribed");
    let message = Message {
        data: b"ten bytes!".as_slice().into(),
        attributes: Default::default(),
    };
    let publish = |time: &i64| {
        let published = publish(&connection, TOPIC, &message, at(*time)).expect("published");
        published.expect("the topic exists")
    };
    let ids = published.iter().map(publish).collect();
    (connection, subscription, ids)
}

fn due_ids(
    connection: &Connection,
    subscription: i64,
    now: i64,
    bounds: (usize, usize),
    skipped: &[i64],
) -> Vec<i64> {
    let skip = |id| skipped.contains(&id);
    let messages = due(
        connection,
        subscription,
        (at(now), at(LATEST)),
        bounds,
        skip,
    )
    .expect("readable");
    messages
        .iter()
        .map(|message| message.owed.message)
        .collect()
}

#[test]
fn what_is_due_longest_comes_first_within_the_limits() {
    let (connection, subscription, ids) = journal(&[100, 200, 300, 400]);
    let again = Owed {
        subscription,
        message: ids[0],
    };
    postpone(&connection, again, 1, at(350)).expect("postponed");
    let plenty = (10, 1_000);
    let none: &[i64] = &[];
    let cases = [
        ("nothing yet", 199, plenty, none, vec![]),
        ("the first", 200, plenty, none, vec![ids[1]]),
        (
            "all, by time",
            400,
            plenty,
            &[],
            vec![ids[1], ids[2], ids[0], ids[3]],
        ),
        (
            "as many as asked",
            400,
            (2, 1_000),
            &[],
            vec![ids[1], ids[2]],
        ),
        (
            "without those under way",
            400,
            (2, 1_000),
            &[ids[1], ids[0]][..],
            vec![ids[2], ids[3]],
        ),
        (
            "until there are bytes enough",
            400,
            (10, 11),
            &[],
            vec![ids[1], ids[2]],
        ),
        ("one, however large", 400, (10, 1), none, vec![ids[1]]),
    ];
    for (what, now, bounds, skipped, expected) in cases {
        assert_eq!(
            due_ids(&connection, subscription, now, bounds, skipped),
            expected,
            "{what}"
        );
    }
}

#[test]
fn what_a_clock_that_was_ahead_put_off_for_too_long_is_due() {
    let (connection, subscription, ids) = journal(&[100, 9_000, LATEST, LATEST + 1, i64::MAX]);
    let cases = [
        (
            "after what is due",
            100,
            (10, 1_000),
            vec![ids[0], ids[3], ids[4]],
        ),
        ("with nothing else", 99, (10, 1_000), vec![ids[3], ids[4]]),
        ("within the limit", 100, (2, 1_000), vec![ids[0], ids[3]]),
    ];
    for (what, now, bounds, expected) in cases {
        assert_eq!(
            due_ids(&connection, subscription, now, bounds, &[]),
            expected,
            "{what}"
        );
    }
}

#[test]
fn the_next_look_is_when_the_next_message_is_due() {
    let (connection, subscription, _) = journal(&[100, 300]);
    let cases = [
        (99, Some(100)),
        (100, Some(300)),
        (299, Some(300)),
        (300, None),
    ];
    for (now, expected) in cases {
        let next = next_due(&connection, subscription, at(now)).expect("readable");
        assert_eq!(next, expected.map(at), "at {now}");
    }
}

#[test]
fn ids_begin_at_the_file_s_creation_and_grow() {
    let (connection, _, ids) = journal(&[1, 2, 3]);
    assert_eq!(ids, [5_001, 5_002, 5_003]);
    assert_eq!(newest_message_id(&connection).expect("readable"), 5_003);
}
