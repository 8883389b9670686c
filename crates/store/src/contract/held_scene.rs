//! Held messages of the tests, and the questions that the tests ask.

use std::time::Duration;

use events::{Currency, Money, Timestamp};

use crate::{
    EventQuery, HeldMessage, HeldMessages, HeldSummary, HoldReason, Payload, Wait, Wanted,
};

pub(super) const NOW: Timestamp = Timestamp::from_millis(1_764_060_000_000);
const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

pub(super) fn after(seconds: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(seconds))
}

/// A message of that purchase, held since `held` seconds after now and due then.
pub(super) fn message(destination: &str, order: &str, held: u64) -> HeldMessage {
    let identity = format!("purchase:{order}");
    HeldMessage {
        summary: HeldSummary {
            id: HeldSummary::id_of(&identity, destination, "content"),
            destination: destination.to_owned(),
            identity,
            event_id: Some(format!("evt_{order}")),
            event_type: Some("purchase".into()),
            value: Currency::parse("EUR")
                .ok()
                .and_then(|euro| Money::parse("184.50", euro).ok()),
            bytes: 24,
            reason: HoldReason::SetUp,
            first_held: after(held),
            due: after(held),
            waits_for: None,
            tries: 0,
            version: 1,
            expires: after(held).plus(KEPT),
        },
        payload: Payload::Text("{\"eventType\":\"purchase\"}".into()),
        attributes: [("eventType".to_owned(), "purchase".to_owned())].into(),
        message_id: "7".into(),
        publish_time: NOW.to_rfc3339(),
        event_type_hint: Some("purchase".into()),
    }
}

pub(super) async fn hold(held: &dyn HeldMessages, message: &HeldMessage) -> bool {
    let holding = held.hold(message.clone()).await;
    holding.expect("the store answers")
}

/// At most a hundred, all of which can be read.
pub(super) async fn asked(
    held: &dyn HeldMessages,
    destination: &str,
    wanted: Wanted,
) -> Vec<HeldSummary> {
    let found = held.due(destination, wanted, 100).await;
    let found = found.expect("the store answers");
    assert_eq!(found.unreadable, []);
    found.messages
}

pub(super) async fn due(
    held: &dyn HeldMessages,
    destination: &str,
    at: Timestamp,
) -> Vec<HeldSummary> {
    asked(held, destination, Wanted::LongestDue(at)).await
}

pub(super) async fn take(
    held: &dyn HeldMessages,
    seen: &HeldSummary,
    until: Timestamp,
) -> Option<HeldMessage> {
    let taking = held.take(seen, until).await;
    taking.expect("the store answers").message()
}

pub(super) fn wait(due: Timestamp, reason: HoldReason) -> Wait {
    Wait {
        due,
        reason,
        waits_for: None,
    }
}

/// What is held of the purchase.
pub(super) async fn found(held: &dyn HeldMessages, message: &HeldMessage) -> Vec<HeldSummary> {
    let query = EventQuery::Identity(message.summary.identity.clone());
    held.find_held(&query).await.expect("the store answers")
}
