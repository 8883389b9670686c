//! Listings of many letters.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use google::firestore::FirestoreStore;
use store::{DeadLetter, DeadLetterFilter, DeadLetters, Reason};

use crate::support::{NOW, letter, store};

const LETTERS: usize = 1_000;

/// Seven letters each second, every tenth of another reason.
fn numbered(number: usize) -> DeadLetter {
    let mut letter = letter(&format!("letter/{number}"), "{}");
    letter.summary.at = NOW.plus(Duration::from_secs(number as u64 / 7));
    if number.is_multiple_of(10) {
        letter.summary.reason = Reason::Exhausted;
    }
    letter
}

async fn listed(store: &FirestoreStore, filter: DeadLetterFilter) -> Vec<usize> {
    let letters = store.list(&filter).await.expect("the store answers");
    assert!(letters.is_sorted_by(|newer, older| newer.at >= older.at));
    assert!(letters.iter().all(|letter| filter.admits(letter)));
    let number = |id: &str| id.strip_prefix("letter/")?.parse().ok();
    let mut numbers: Vec<_> = letters
        .iter()
        .map(|letter| number(&letter.id).expect("a number"))
        .collect();
    numbers.sort_unstable();
    numbers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_listing_has_each_letter_once() {
    let store = store();
    let burying = stream::iter(0..LETTERS).for_each_concurrent(32, async |number| {
        assert!(store.bury(numbered(number)).await.expect("kept"));
    });
    burying.await;
    let all = DeadLetterFilter {
        limit: usize::MAX,
        ..DeadLetterFilter::default()
    };
    assert!(listed(&store, all.clone()).await.into_iter().eq(0..LETTERS));
    // Pages are of 300: these limits and moments are at their edges and beside them.
    for limit in [0, 1, 299, 300, 301, 600, 999, 1_001] {
        let filter = DeadLetterFilter {
            limit,
            ..all.clone()
        };
        assert_eq!(listed(&store, filter).await.len(), limit.min(LETTERS));
    }
    let exhausted = DeadLetterFilter {
        reason: Some(Reason::Exhausted),
        since: Some(NOW.plus(Duration::from_secs(50))),
        ..all.clone()
    };
    assert!(
        listed(&store, exhausted)
            .await
            .into_iter()
            .eq((350..LETTERS).step_by(10))
    );
    let expired = NOW.plus(Duration::from_secs(3_600));
    assert_eq!(store.purge(expired).await.expect("purged"), LETTERS as u64);
    assert!(listed(&store, all).await.is_empty());
}

#[tokio::test]
async fn any_text_is_a_letters_id() {
    let store = store();
    let long = "/".repeat(3_000);
    for id in ["", ".", "a/b", "__x__", "é", &long] {
        let kept = letter(id, "{}");
        assert!(store.bury(kept.clone()).await.expect("kept"), "{id:?}");
        store.mark_replayed(id, NOW).await.expect("noted");
        let found = store.get(id).await.expect("the store answers");
        let found = found.expect("the letter is kept").summary;
        assert_eq!((found.id.as_str(), found.replayed), (id, Some(NOW)));
    }
}
