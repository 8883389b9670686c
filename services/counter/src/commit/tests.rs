//! Group commit against a store that does as it is told.

mod spans;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use async_trait::async_trait;
use events::Timestamp;
use futures_util::future::join_all;
use store::StoreUnavailable;
use store::tallies::{Counted, Point, Range, Sums};
use tokio::sync::Semaphore;

use super::*;

/// Remembers batches; refuses those that hold an identity of `poison` or are larger than `most`; fails as often as `failures` says.
struct Scripted {
    batches: Mutex<Vec<Vec<String>>>,
    known: Mutex<BTreeSet<String>>,
    poison: BTreeSet<String>,
    /// Events that fit in a commit.
    most: usize,
    failures: Mutex<u32>,
    /// A commit takes one of these.
    turns: Semaphore,
}

impl Scripted {
    fn new(poison: &[&str], failures: u32, turns: usize) -> Arc<Self> {
        Self::with_most(usize::MAX, poison, failures, turns)
    }

    fn with_most(most: usize, poison: &[&str], failures: u32, turns: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            batches: Mutex::default(),
            known: Mutex::default(),
            poison: poison
                .iter()
                .map(|identity| (*identity).to_owned())
                .collect(),
            failures: Mutex::new(failures),
            turns: Semaphore::new(turns),
        })
    }

    fn sizes(&self) -> Vec<usize> {
        self.batches
            .lock()
            .expect("no panic")
            .iter()
            .map(Vec::len)
            .collect()
    }
}

#[async_trait]
impl Tallies for Scripted {
    async fn tally(&self, batch: &[Tally]) -> Result<Vec<Tallied>, TallyError> {
        self.turns.acquire().await.expect("open").forget();
        let identities: Vec<String> = batch.iter().map(|tally| tally.identity.clone()).collect();
        self.batches
            .lock()
            .expect("no panic")
            .push(identities.clone());
        let mut failures = self.failures.lock().expect("no panic");
        if *failures > 0 {
            *failures -= 1;
            return Err(StoreUnavailable::new("down").into());
        }
        if identities.len() > self.most {
            return Err(TallyError::TooLarge {
                reason: "too many".into(),
            });
        }
        if identities
            .iter()
            .any(|identity| self.poison.contains(identity))
        {
            return Err(TallyError::Refused {
                reason: "too large".into(),
            });
        }
        let mut known = self.known.lock().expect("no panic");
        let tallied = identities
            .into_iter()
            .map(|identity| match known.insert(identity) {
                true => Tallied::Added,
                false => Tallied::Known,
            });
        Ok(tallied.collect())
    }

    async fn known(&self, identity: &str) -> Result<bool, StoreUnavailable> {
        Ok(self.known.lock().expect("no panic").contains(identity))
    }

    async fn sums(&self, _: Range) -> Result<Sums, StoreUnavailable> {
        Ok(Sums::default())
    }

    async fn series(&self, _: Range, _: Option<&str>) -> Result<Vec<Point>, StoreUnavailable> {
        Ok(Vec::new())
    }

    async fn version(&self) -> Result<u64, StoreUnavailable> {
        Ok(0)
    }

    async fn changed(&self, _: u64) -> Result<u64, StoreUnavailable> {
        std::future::pending().await
    }

    async fn purge(&self, _: Timestamp) -> Result<u64, StoreUnavailable> {
        Ok(0)
    }
}

fn tally(identity: &str) -> Tally {
    Tally {
        identity: identity.to_owned(),
        counted: Counted::ViewItem,
        at: Timestamp::from_millis(0),
        expires: Timestamp::from_millis(1),
        items: Vec::new(),
        order: None,
    }
}

fn settings() -> CommitSettings {
    CommitSettings {
        max_events: 500,
        max_bytes: 1000,
        min_interval: Duration::ZERO,
        queue: 100,
    }
}

fn start(store: &Arc<Scripted>, settings: CommitSettings) -> (Committer, JoinHandle<()>) {
    Committer::start(
        Arc::clone(store) as Arc<dyn Tallies>,
        settings,
        Telemetry::off(),
    )
}

/// What becomes of these, offered in this order; each message has `bytes`.
async fn offer_all(
    committer: &Committer,
    identities: &[&str],
    bytes: usize,
) -> BTreeMap<String, Committed> {
    let offers = identities.iter().map(async |identity| {
        let committed = committer.tally(tally(identity), bytes, None, None).await;
        ((*identity).to_owned(), committed)
    });
    join_all(offers).await.into_iter().collect()
}

#[tokio::test]
async fn what_comes_during_a_commit_joins_the_next() {
    let store = Scripted::new(&[], 0, 0);
    let (committer, task) = start(&store, settings());
    let first = tokio::spawn({
        let committer = committer.clone();
        async move { committer.tally(tally("1"), 1, None, None).await }
    });
    let release = async {
        // All are in the queue by now: the store lets no commit through before.
        store.turns.add_permits(10);
    };
    let rest = offer_all(&committer, &["2", "3", "4"], 1);
    let (rest, ()) = tokio::join!(rest, release);
    assert_eq!(
        first.await.expect("no panic"),
        Committed::Counted(Tallied::Added)
    );
    assert!(
        rest.values()
            .all(|committed| *committed == Committed::Counted(Tallied::Added))
    );
    let sizes = store.sizes();
    assert!(
        sizes.len() <= 2 && sizes.iter().sum::<usize>() == 4,
        "{sizes:?}"
    );
    drop(committer);
    task.await.expect("it ends when nobody can ask any more");
}

#[tokio::test]
async fn a_commit_is_no_larger_than_the_settings_say() {
    let identities = ["1", "2", "3", "4", "5", "6", "7"];
    for (max_events, bytes, largest) in [(3, 1, 3), (500, 400, 2), (500, 5000, 1)] {
        let store = Scripted::new(&[], 0, 100);
        let limits = CommitSettings {
            max_events,
            ..settings()
        };
        let (committer, _task) = start(&store, limits);
        let committed = offer_all(&committer, &identities, bytes).await;
        assert_eq!(committed.len(), 7);
        assert_eq!(
            store.sizes().into_iter().max(),
            Some(largest),
            "{max_events} {bytes}"
        );
        assert_eq!(store.sizes().into_iter().sum::<usize>(), 7);
    }
}

#[tokio::test]
async fn an_offender_is_refused_alone_and_the_others_are_counted() {
    let store = Scripted::new(&["3", "6"], 0, 100);
    let (committer, _task) = start(&store, settings());
    let committed = offer_all(&committer, &["1", "2", "3", "4", "5", "6", "7"], 1).await;
    for (identity, committed) in committed {
        let expected = match identity.as_str() {
            "3" | "6" => Committed::Refused("too large".into()),
            _ => Committed::Counted(Tallied::Added),
        };
        assert_eq!(committed, expected, "{identity}");
    }
}

#[tokio::test]
async fn what_is_too_large_for_the_store_is_halved_until_it_fits() {
    let identities = ["1", "2", "3", "4", "5", "6", "7"];
    for (most, expected) in [
        (2, Committed::Counted(Tallied::Added)),
        (0, Committed::Refused("too many".into())),
    ] {
        let store = Scripted::with_most(most, &[], 0, 100);
        let (committer, _task) = start(&store, settings());
        let committed = offer_all(&committer, &identities, 1).await;
        assert_eq!(committed.len(), identities.len());
        assert!(
            committed.values().all(|committed| *committed == expected),
            "{most}: {committed:?}"
        );
    }
}

#[tokio::test]
async fn a_commit_whose_outcome_is_unknown_is_offered_once_more_and_then_refused_whole() {
    for (failures, expected) in [
        (1, Committed::Counted(Tallied::Added)),
        (2, Committed::Unavailable),
    ] {
        let store = Scripted::new(&[], failures, 100);
        let (committer, _task) = start(&store, settings());
        let committed = offer_all(&committer, &["1", "2", "3"], 1).await;
        assert!(
            committed.values().all(|committed| *committed == expected),
            "{committed:?}"
        );
        assert_eq!(store.sizes(), [3, 3], "the same batch");
        let again = committer.tally(tally("1"), 1, None, None).await;
        assert!(
            matches!(again, Committed::Counted(_)),
            "the next is tried again"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn commits_begin_no_more_often_than_the_interval_unless_they_are_full() {
    let store = Scripted::new(&[], 0, 100);
    let interval = Duration::from_secs(1);
    let limits = CommitSettings {
        min_interval: interval,
        max_events: 3,
        ..settings()
    };
    let (committer, _task) = start(&store, limits);
    let began = Instant::now();
    offer_all(&committer, &["1"], 1).await;
    assert_eq!(began.elapsed(), Duration::ZERO, "the first need not wait");
    offer_all(&committer, &["2", "3"], 1).await;
    assert!(
        began.elapsed() >= interval,
        "the second waits for its second"
    );
    let second = began.elapsed();
    offer_all(&committer, &["4", "5", "6"], 1).await;
    assert_eq!(began.elapsed(), second, "a full one does not");
    assert_eq!(store.sizes(), [1, 2, 3]);
}
