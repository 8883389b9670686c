//! Held messages that wait for something beside their time, and held messages that nobody can read.

use super::held_scene::{NOW, after, asked, due, found, hold, message, take, wait};
use super::{HeldPart, StoreHarness};
use crate::{HoldReason, Payload, Taken, Wait, Wanted};

/// Whether due or not, and until it is taken.
pub async fn messages_are_found_by_what_they_wait_for(harness: &impl StoreHarness) {
    let held = harness.held_messages();
    let held = held.as_ref();
    for (destination, order, waits_for) in [
        ("crm", "ORD-1", Some("sales")),
        ("crm", "ORD-2", Some("points,sales")),
        ("crm", "ORD-3", None),
        ("crm", "ORD-4", Some("sales")),
        ("crm-2", "ORD-1", Some("others")),
        ("a", "ORD-1", None),
    ] {
        let mut message = message(destination, order, 60);
        message.summary.waits_for = waits_for.map(str::to_owned);
        hold(held, &message).await;
    }
    for (destination, expected) in [
        ("crm", &["points,sales", "sales"][..]),
        ("crm-2", &["others"]),
        ("a", &[]),
        ("crm2", &[]),
    ] {
        let waited_for = held.waited_for(destination).await;
        assert_eq!(waited_for.expect("the store answers"), expected);
    }
    let waiting = async || {
        let waiting = asked(held, "crm", Wanted::WaitingFor("sales".into())).await;
        let mut waiting: Vec<_> = waiting.into_iter().map(|one| one.identity).collect();
        waiting.sort_unstable();
        waiting
    };
    assert_eq!(waiting().await, ["purchase:ORD-1", "purchase:ORD-4"]);
    let waits_for_points = message("crm", "ORD-2", 60);
    let seen = found(held, &waits_for_points).await.remove(0);
    assert_eq!(seen.waits_for.as_deref(), Some("points,sales"));
    let taken = take(held, &seen, after(90)).await.expect("it is held");
    assert_eq!(taken.summary.waits_for, None);
    assert_eq!(held.waited_for("crm").await.expect("an answer"), ["sales"]);
    let wait = Wait {
        waits_for: Some("sales".into()),
        ..wait(after(200), HoldReason::Paused)
    };
    let putting_off = held.put_off(&taken.summary, wait).await;
    putting_off.expect("the store answers");
    assert_eq!(waiting().await.len(), 3);
    // Held anew for another reason, it waits for that route all the same.
    assert!(!hold(held, &waits_for_points).await);
    assert_eq!(waiting().await.len(), 3);
}

/// It is told as what it is, as often as it is asked for, and one that comes again takes its place.
pub async fn a_message_that_can_not_be_read_keeps_nobody_from_the_others(
    harness: &impl StoreHarness,
) {
    let held = harness.held_messages();
    let held = held.as_ref();
    let kept = ["ORD-1", "ORD-2", "ORD-3"].map(|order| message("crm", order, 0));
    for (message, at) in kept.iter().zip([0, 10, 20]) {
        let mut message = message.clone();
        message.summary.due = after(at);
        hold(held, &message).await;
    }
    let [summary, content, whole] = &kept;
    let damaging = harness.damage_held(&summary.summary.id, HeldPart::Summary);
    damaging.await;
    let damaging = harness.damage_held(&content.summary.id, HeldPart::Content);
    damaging.await;
    let by = Wanted::LongestDue(after(20));
    let seen = held.due("crm", by, 100).await.expect("the store answers");
    let identities = seen.messages.iter().map(|one| one.identity.as_str());
    let identities: Vec<_> = identities.collect();
    assert_eq!(identities, ["purchase:ORD-2", "purchase:ORD-3"]);
    let [unreadable] = seen.unreadable.as_slice() else {
        panic!("{seen:?}");
    };
    assert_eq!(unreadable.id, summary.summary.id);
    assert_eq!(unreadable.destination, "crm");
    assert_eq!(unreadable.content.payload, summary.payload);
    assert_eq!(unreadable.content.attributes, summary.attributes);
    assert!(found(held, summary).await.is_empty(), "a listing goes on");

    let taking = held.take(&seen.messages[0], after(90)).await;
    let Taken::Unreadable(taken) = taking.expect("the store answers") else {
        panic!("it has no content");
    };
    assert_eq!(taken.identity.as_deref(), Some("purchase:ORD-2"));
    assert!(matches!(taken.content.payload, Payload::Text(_)));
    let taken = take(held, &seen.messages[1], after(90)).await;
    assert_eq!(taken.expect("it is whole").payload, whole.payload);

    let aside = held.set_aside(unreadable, after(80)).await;
    aside.expect("the store answers");
    assert!(due(held, "crm", after(79)).await.is_empty());
    let again = held.due("crm", Wanted::LatestDue(after(80)), 1).await;
    assert_eq!(again.expect("the store answers").unreadable.len(), 1);
    let backlog = held.backlog().await.expect("the store answers");
    assert_eq!((backlog[0].count, backlog[0].oldest), (3, NOW));
    assert!(hold(held, summary).await, "it takes its place");
    let again = due(held, "crm", NOW).await;
    assert_eq!(again, std::slice::from_ref(&summary.summary));
    assert!(hold(held, content).await, "so does its content");
    let again = due(held, "crm", NOW).await;
    let seen = again.iter().find(|one| one.id == content.summary.id);
    let taken = take(held, seen.expect("it is due"), after(90)).await;
    assert_eq!(taken.expect("it is whole").payload, content.payload);
}
