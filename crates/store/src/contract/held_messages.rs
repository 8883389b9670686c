//! Messages are held, handed out one at a time, put off and released. The tests are handed a store that holds nothing yet.

use std::time::Duration;

use super::StoreHarness;
use super::held_scene::{NOW, after, due, found, hold, message, take, wait};
use crate::{EventQuery, HeldBacklog, HeldSummary, HoldReason, Payload, Wanted};

/// Every field, also of a message that says little of itself.
pub async fn a_held_message_comes_back_whole(harness: &impl StoreHarness) {
    let held = harness.held_messages();
    let held = held.as_ref();
    let whole = message("crm", "ORD-1", 0);
    assert!(whole.summary.value.is_some(), "it is worth something");
    let mut bare = message("crm", "ORD-2", 1);
    bare.payload = Payload::Base64("/w==".into());
    bare.attributes.clear();
    bare.event_type_hint = None;
    bare.publish_time.clear();
    bare.summary.event_id = None;
    bare.summary.event_type = None;
    bare.summary.value = None;
    for kept in [&whole, &bare] {
        assert!(hold(held, kept).await, "it is new");
    }
    let seen = due(held, "crm", after(1)).await;
    assert_eq!(seen, [whole.summary.clone(), bare.summary.clone()]);
    for (seen, mut kept) in seen.iter().zip([whole, bare]) {
        let taken = take(held, seen, after(60)).await.expect("nobody else has");
        kept.summary = HeldSummary {
            due: after(60),
            tries: 1,
            version: taken.summary.version,
            ..kept.summary
        };
        assert_eq!(taken, kept);
        assert_ne!(taken.summary.version, seen.version);
    }
}

/// It keeps what came first, and is due at the earlier time.
pub async fn a_message_held_again_is_kept_once(harness: &impl StoreHarness) {
    let held = harness.held_messages();
    let held = held.as_ref();
    let first = message("crm", "ORD-1", 60);
    assert!(hold(held, &first).await);
    let mut again = message("crm", "ORD-1", 90);
    again.payload = Payload::Text("{}".into());
    again.summary.reason = HoldReason::Paused;
    let later = first
        .summary
        .expires
        .plus(Duration::from_secs(25 * 60 * 60));
    let soon = again.summary.expires;
    for (due_at, expected, expires, kept_until) in [
        (90, 60, soon, first.summary.expires),
        (30, 30, later, later),
    ] {
        again.summary.due = after(due_at);
        again.summary.expires = expires;
        assert!(!hold(held, &again).await, "it is not new");
        let found = found(held, &first).await;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].due, after(expected));
        assert_eq!(found[0].first_held, after(60));
        assert_eq!(found[0].reason, first.summary.reason);
        assert_eq!(found[0].expires, kept_until);
    }
    let seen = due(held, "crm", after(30)).await;
    let taken = take(held, &seen[0], after(60)).await.expect("it is held");
    assert_eq!(taken.payload, first.payload);
}

/// One destination's never stand between another's, whatever their names have in common.
pub async fn messages_are_due_by_destination_the_longest_due_first(harness: &impl StoreHarness) {
    let held = harness.held_messages();
    let held = held.as_ref();
    let orders = [("ORD-1", 30), ("ORD-2", 10), ("ORD-3", 20), ("ORD-4", 40)];
    for destination in ["crm", "crm-2", "crm2", "a"] {
        for (order, at) in orders {
            hold(held, &message(destination, order, at)).await;
        }
    }
    let orders_of = |due: Vec<HeldSummary>| -> Vec<String> {
        due.into_iter().map(|one| one.identity).collect()
    };
    for destination in ["crm", "crm-2", "crm2", "a"] {
        let due = due(held, destination, after(30)).await;
        assert!(due.iter().all(|one| one.destination == destination));
        let expected = ["purchase:ORD-2", "purchase:ORD-3", "purchase:ORD-1"];
        assert_eq!(orders_of(due), expected, "{destination}");
    }
    for (wanted, expected) in [
        (Wanted::LongestDue(after(99)), ["ORD-2", "ORD-3"]),
        (Wanted::LatestDue(after(99)), ["ORD-4", "ORD-1"]),
        (Wanted::LatestDue(after(30)), ["ORD-1", "ORD-3"]),
    ] {
        let two = held.due("crm", wanted, 2).await;
        let two = orders_of(two.expect("the store answers").messages);
        let expected = expected.map(|order| format!("purchase:{order}"));
        assert_eq!(two, expected);
    }
    assert!(due(held, "crm", after(9)).await.is_empty(), "too early");
    assert!(due(held, "another", after(99)).await.is_empty());
}

/// And who vanishes with it loses nothing: it is due again.
pub async fn of_many_who_take_a_message_one_gets_it(harness: &impl StoreHarness) {
    let held = harness.held_messages();
    let held = held.as_ref();
    let message = message("crm", "ORD-1", 0);
    hold(held, &message).await;
    let seen = due(held, "crm", NOW).await.remove(0);
    let (a, b, c) = tokio::join!(
        take(held, &seen, after(60)),
        take(held, &seen, after(60)),
        take(held, &seen, after(60))
    );
    let got = [a, b, c].into_iter().flatten().count();
    assert_eq!(got, 1);
    assert!(due(held, "crm", after(59)).await.is_empty());
    let again = due(held, "crm", after(60)).await.remove(0);
    assert_eq!(again.tries, 1);
    assert!(take(held, &seen, after(90)).await.is_none(), "it was taken");
    assert!(take(held, &again, after(90)).await.is_some());
}

/// A message that is held while another is worked stays.
pub async fn what_was_held_anew_is_not_released_by_who_has_not_seen_it(
    harness: &impl StoreHarness,
) {
    let held = harness.held_messages();
    let held = held.as_ref();
    let message = message("crm", "ORD-1", 0);
    hold(held, &message).await;
    let seen = due(held, "crm", NOW).await.remove(0);
    let first = take(held, &seen, after(60)).await.expect("it is held");
    let second = {
        let mut again = message.clone();
        again.summary.due = after(30);
        hold(held, &again).await;
        let seen = due(held, "crm", after(30)).await.remove(0);
        take(held, &seen, after(90)).await.expect("it is held")
    };
    let late = &first.summary;
    held.release(late).await.expect("the store answers");
    let putting_off = held.put_off(late, wait(after(10), HoldReason::Paused));
    putting_off.await.expect("the store answers");
    assert_eq!(
        found(held, &message).await,
        std::slice::from_ref(&second.summary)
    );

    let taken = &second.summary;
    let putting_off = held.put_off(taken, wait(after(200), HoldReason::Paused));
    putting_off.await.expect("the store answers");
    let put_off = found(held, &message).await.remove(0);
    assert_eq!(
        (put_off.due, put_off.reason),
        (after(200), HoldReason::Paused)
    );
    held.release(taken).await.expect("the store answers");
    let still = found(held, &message).await;
    assert_eq!(still, std::slice::from_ref(&put_off), "too late");
    held.release(&put_off).await.expect("the store answers");
    assert!(found(held, &message).await.is_empty());
    // Of what is gone nothing comes back.
    let putting_off = held.put_off(&put_off, wait(NOW, HoldReason::SetUp));
    putting_off.await.expect("the store answers");
    assert!(take(held, &put_off, NOW).await.is_none());
    assert!(found(held, &message).await.is_empty());
    assert!(hold(held, &message).await, "it is new again");
}

/// Of each destination for which something is held, due or not.
pub async fn a_backlog_has_each_destination_with_its_oldest(harness: &impl StoreHarness) {
    let held = harness.held_messages();
    let held = held.as_ref();
    assert_eq!(held.backlog().await.expect("the store answers"), []);
    for (destination, order, at) in [
        ("crm", "ORD-1", 20),
        ("crm", "ORD-2", 10),
        ("crm", "ORD-3", 30),
        ("crm-2", "ORD-1", 5),
        ("a", "ORD-1", 7),
    ] {
        hold(held, &message(destination, order, at)).await;
    }
    let backlog = |destination: &str, count, oldest| HeldBacklog {
        destination: destination.to_owned(),
        count,
        oldest: after(oldest),
    };
    let mut found = held.backlog().await.expect("the store answers");
    found.sort_by(|one, other| one.destination.cmp(&other.destination));
    let expected = [
        backlog("a", 1, 7),
        backlog("crm", 3, 10),
        backlog("crm-2", 1, 5),
    ];
    assert_eq!(found, expected);
}

/// By either name, at every destination.
pub async fn held_messages_are_found_by_event_id_and_by_identity(harness: &impl StoreHarness) {
    let held = harness.held_messages();
    let held = held.as_ref();
    let (crm, erp) = (message("crm", "ORD-1", 0), message("erp", "ORD-1", 5));
    for kept in [&erp, &crm, &message("crm", "ORD-2", 0)] {
        hold(held, kept).await;
    }
    for query in [
        EventQuery::EventId("evt_ORD-1".into()),
        EventQuery::Identity("purchase:ORD-1".into()),
    ] {
        let found = held.find_held(&query).await.expect("the store answers");
        let expected = [crm.summary.clone(), erp.summary.clone()];
        assert_eq!(found, expected, "{query:?}");
    }
    let none = held
        .find_held(&EventQuery::EventId("evt_ORD-9".into()))
        .await;
    assert!(none.expect("the store answers").is_empty());
}

/// At their time, and not before.
pub async fn held_messages_are_forgotten_once_their_time_has_passed(harness: &impl StoreHarness) {
    let held = harness.held_messages();
    let held = held.as_ref();
    let (short, long) = (message("crm", "ORD-1", 0), message("crm", "ORD-2", 1));
    for kept in [&short, &long] {
        hold(held, kept).await;
    }
    let expires = short.summary.expires;
    let early = held.purge(expires.minus(Duration::from_millis(1))).await;
    assert_eq!(early.expect("purged"), 0);
    assert_eq!(held.purge(expires).await.expect("purged"), 1);
    assert!(found(held, &short).await.is_empty());
    assert_eq!(found(held, &long).await, [long.summary]);
}
