//! What comes twice counts once, and a batch counts whole or not at all.

use std::time::Duration;

use super::samples::{START, event, line, minute, purchase, refund_of_order};
use super::{TalliesHarness, assert_figures, sums, tally};
use crate::tallies::{Counted, Range, Sums, Tallied, Tallies, TallyError};

/// Also when a purchase and its refund stand between the two.
pub async fn an_event_twice_in_one_batch_counts_once<H: TalliesHarness>(
    harness: impl AsyncFn() -> H,
) {
    let harness = harness().await;
    let tallies = harness.tallies();
    let bought = purchase(
        "A",
        START,
        Some("9.50 EUR"),
        vec![line("mug", 2, Some("8 EUR"))],
    );
    let refund = refund_of_order("A-back", minute(1), "A", None);
    let batch = [bought.clone(), refund.clone(), bought, refund];
    let outcomes = tally(tallies.as_ref(), &batch).await;
    let (added, known) = (Tallied::Added, Tallied::Known);
    assert_eq!(outcomes, [added, added, known, known]);
    assert_figures(tallies.as_ref(), &batch, "one batch").await;
}

/// The answer tells which of a batch were known, in their order.
pub async fn an_event_in_two_batches_counts_once<H: TalliesHarness>(harness: impl AsyncFn() -> H) {
    let harness = harness().await;
    let tallies = harness.tallies();
    let view = |name: &str| event(Counted::ViewItem, name, START, vec![line("mug", 1, None)]);
    let first = [view("1"), view("2")];
    let second = [view("3"), view("2"), view("4"), view("1")];
    tally(tallies.as_ref(), &first).await;
    let outcomes = tally(tallies.as_ref(), &second).await;
    let (added, known) = (Tallied::Added, Tallied::Known);
    assert_eq!(outcomes, [added, known, added, known]);
    assert_eq!(tally(tallies.as_ref(), &second).await, [known; 4]);
    assert_eq!(tally(tallies.as_ref(), &[]).await, []);
    assert_figures(
        tallies.as_ref(),
        &[first.to_vec(), second.to_vec()].concat(),
        "two batches",
    )
    .await;
}

/// Every event is offered by every caller, in batches that overlap in another way each.
pub async fn callers_at_once_with_the_same_events_count_them_once<H: TalliesHarness>(
    harness: impl AsyncFn() -> H,
) {
    let harness = harness().await;
    let shop: Vec<_> = (0..24)
        .map(|number| {
            let items = vec![
                line("mug", 1, Some("4 EUR")),
                line("lid", number, Some("1 EUR")),
            ];
            purchase(&number.to_string(), minute(number), Some("5 EUR"), items)
        })
        .collect();
    let calling: Vec<_> = (0..6)
        .map(|caller| {
            let (tallies, mut events) = (harness.tallies(), shop.clone());
            events.rotate_left(caller * 4);
            tokio::spawn(async move {
                let mut added = 0;
                for batch in events.chunks(caller + 2) {
                    let outcomes = tally(tallies.as_ref(), batch).await;
                    added += outcomes
                        .iter()
                        .filter(|outcome| **outcome == Tallied::Added)
                        .count();
                }
                added
            })
        })
        .collect();
    let mut added = 0;
    for caller in calling {
        added += caller.await.expect("no panic");
    }
    assert_eq!(added, shop.len(), "each is added by one caller");
    assert_figures(harness.tallies().as_ref(), &shop, "six callers").await;
}

/// Neither the others' figures nor anybody's marker; alone, the others are added afterwards.
pub async fn a_batch_that_is_refused_adds_nothing<H: TalliesHarness>(harness: impl AsyncFn() -> H) {
    let harness = harness().await;
    let tallies = harness.tallies();
    let most = "9223372036854.775807 EUR";
    let good = purchase(
        "good",
        START,
        Some("4 EUR"),
        vec![line("mug", 1, Some("4 EUR"))],
    );
    let large = |name: &str| purchase(name, START, Some(most), vec![line("gold", 1, Some(most))]);
    let refused = tallies.tally(&[good.clone(), large("1"), large("2")]).await;
    assert!(
        matches!(refused, Err(TallyError::Refused { .. })),
        "{refused:?}"
    );
    assert_eq!(
        sums(tallies.as_ref(), Range::all_time()).await,
        Sums::default()
    );

    assert_eq!(
        tally(tallies.as_ref(), &[large("1")]).await,
        [Tallied::Added]
    );
    let refused = tallies.tally(&[good.clone(), large("2")]).await;
    assert!(
        matches!(refused, Err(TallyError::Refused { .. })),
        "with what is kept already: {refused:?}"
    );
    assert_figures(tallies.as_ref(), &[large("1")], "after a refusal").await;
    let view = event(Counted::ViewItem, "1", START, vec![line("mug", 1, None)]);
    assert_eq!(
        tally(tallies.as_ref(), std::slice::from_ref(&view)).await,
        [Tallied::Added]
    );
    assert_figures(tallies.as_ref(), &[large("1"), view], "after it").await;
}

async fn known(tallies: &dyn Tallies, identity: &str) -> bool {
    tallies.known(identity).await.expect("the store answers")
}

/// By its whole identity, whatever that holds; neither before, nor after a refusal.
pub async fn an_event_is_known_once_it_is_added_until_it_is_forgotten<H: TalliesHarness>(
    harness: impl AsyncFn() -> H,
) {
    let harness = harness().await;
    let tallies = harness.tallies();
    let most = "9223372036854.775807 EUR";
    let large = |name: &str| purchase(name, START, Some(most), vec![line("gold", 1, Some(most))]);
    let refused = tallies.tally(&[large("A"), large("B")]).await;
    assert!(
        matches!(refused, Err(TallyError::Refused { .. })),
        "{refused:?}"
    );
    let long = "/long/".repeat(250);
    let names = ["A", "evt/1.__.é🎉", &long];
    let view = |name: &str| event(Counted::ViewItem, name, START, vec![line("mug", 1, None)]);
    for name in names {
        let view = view(name);
        assert!(!known(tallies.as_ref(), &view.identity).await, "{name}");
        tally(tallies.as_ref(), std::slice::from_ref(&view)).await;
        assert!(known(tallies.as_ref(), &view.identity).await, "{name}");
    }
    for stranger in ["", "A", "view_item:", "VIEW_ITEM:A", "purchase:A"] {
        assert!(!known(tallies.as_ref(), stranger).await, "{stranger:?}");
    }
    let expires = view("A").expires;
    for (now, is_known) in [
        (expires.minus(Duration::from_millis(1)), true),
        (expires, false),
    ] {
        tallies.purge(now).await.expect("purged");
        for name in names {
            let identity = view(name).identity;
            assert_eq!(known(tallies.as_ref(), &identity).await, is_known, "{name}");
        }
    }
}
