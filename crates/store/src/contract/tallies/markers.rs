//! What says that an event was counted, beside what is remembered of its order.

use super::samples::{START, line, minute, purchase, refund_of_order};
use super::{TalliesHarness, assert_figures, tally};
use crate::tallies::{Tallied, Tally};

/// A refund may come first. It names the order, but nobody has counted its purchase.
pub async fn an_order_that_only_a_refund_named_was_not_counted<H: TalliesHarness>(
    harness: impl AsyncFn() -> H,
) {
    let harness = harness().await;
    let tallies = harness.tallies();
    let bought = purchase("A", START, Some("4.00 EUR"), vec![line("mug", 1, None)]);
    let refund = refund_of_order("A-back", minute(1), "A", None);
    let known = async || {
        tallies
            .known("purchase:A")
            .await
            .expect("the store answers")
    };
    tally(tallies.as_ref(), std::slice::from_ref(&refund)).await;
    assert!(!known().await);
    for outcome in [Tallied::Added, Tallied::Known] {
        let answer = tally(tallies.as_ref(), std::slice::from_ref(&bought)).await;
        assert_eq!(answer, [outcome]);
        assert!(known().await);
    }
    assert_figures(tallies.as_ref(), &[refund, bought], "a refund first").await;
}

/// Where purchases are told apart by event id, one's event id may be another's transaction.
pub async fn a_purchase_is_not_taken_for_the_order_that_has_its_name<H: TalliesHarness>(
    harness: impl AsyncFn() -> H,
) {
    let named = |identity: &str, transaction: &str| Tally {
        identity: identity.to_owned(),
        ..purchase(
            transaction,
            START,
            Some("4.00 EUR"),
            vec![line("mug", 1, Some("4.00 EUR"))],
        )
    };
    let event_b = named("purchase:B", "A");
    let order_b = named("purchase:evt_1", "B");
    let refund_b = refund_of_order("B-back", minute(1), "B", None);
    let arrivals = [
        [&event_b, &order_b, &refund_b],
        [&order_b, &event_b, &refund_b],
        [&refund_b, &event_b, &order_b],
        [&order_b, &refund_b, &event_b],
    ];
    for arrival in arrivals {
        let harness = harness().await;
        let tallies = harness.tallies();
        for event in arrival {
            let answer = tally(tallies.as_ref(), std::slice::from_ref(event)).await;
            assert_eq!(answer, [Tallied::Added], "{}", event.identity);
        }
        let events = arrival.map(Tally::clone);
        assert_eq!(tally(tallies.as_ref(), &events).await, [Tallied::Known; 3]);
        assert_figures(tallies.as_ref(), &events, "one name, two orders").await;
    }
}
