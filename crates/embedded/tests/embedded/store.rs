//! The store: its contract, and what it promises for one machine.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ::store::contract::{HeldPart, StoreHarness};
use ::store::{
    Advance, Change, Claim, ClaimRequest, DeadLetters, EffectState, EventQuery, EventReference,
    HeldMessages, Ledger, RequestedEffect,
};
use embedded::{EmbeddedStore, StoreCounts, StoreSettings};
use events::Timestamp;
use rusqlite::Connection;
use tempfile::TempDir;

const NOW: Timestamp = Timestamp::from_millis(1_764_060_000_000);

::store::contract_tests!(harness);

struct Harness {
    store: Arc<EmbeddedStore>,
    directory: TempDir,
}

impl Harness {
    fn file(&self) -> PathBuf {
        self.directory.path().join("store.sqlite")
    }

    fn open_again(&self) -> EmbeddedStore {
        EmbeddedStore::open(&self.file(), StoreSettings::default()).expect("the file opens")
    }
}

async fn harness() -> Harness {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("store.sqlite");
    let store = EmbeddedStore::open(&path, StoreSettings::default()).expect("the file opens");
    Harness {
        store: Arc::new(store),
        directory,
    }
}

impl StoreHarness for Harness {
    fn ledger(&self) -> Arc<dyn Ledger> {
        self.store.clone()
    }

    fn held_messages(&self) -> Arc<dyn HeldMessages> {
        self.store.clone()
    }

    fn dead_letters(&self) -> Arc<dyn DeadLetters> {
        self.store.clone()
    }

    async fn damage_held(&self, id: &str, part: HeldPart) {
        let column = match part {
            HeldPart::Summary => "summary",
            HeldPart::Content => "content",
        };
        let file = Connection::open(self.file()).expect("the file opens");
        let damaging = format!("UPDATE held_messages SET {column} = '{{' WHERE id = ?1");
        assert_eq!(file.execute(&damaging, [id]).expect("written"), 1);
    }
}

fn request(identity: &str) -> ClaimRequest {
    ClaimRequest {
        event: EventReference {
            identity: identity.to_owned(),
            content_hash: "content".into(),
            event_id: Some("evt_1".into()),
            event_type: None,
            received: NOW,
        },
        destination: "loyalty".into(),
        effects: vec![RequestedEffect {
            key: "effect".into(),
            route: "route".into(),
            element: None,
        }],
        owner: "first process".into(),
        now: NOW,
        lease: Duration::from_secs(15),
        grace: Duration::from_secs(10),
        expires: NOW.plus(Duration::from_secs(3_600)),
    }
}

async fn granted(store: &EmbeddedStore, request: &ClaimRequest) -> (::store::Lease, bool) {
    match store
        .claim(request.clone())
        .await
        .expect("the store answers")
    {
        Claim::Granted { lease, work, .. } => (lease, work[0].abandoned_while_sending),
        other => panic!("expected a grant, got {other:?}"),
    }
}

#[tokio::test]
async fn an_earlier_process_claims_end_at_once_and_its_open_call_is_told() {
    let harness = harness().await;
    let (lease, _) = granted(&harness.store, &request("sending")).await;
    let sending = Advance {
        until: Some(lease.until),
        lease,
        changes: vec![Change {
            key: "effect".into(),
            state: EffectState::Sending,
            attempt: None,
        }],
    };
    harness
        .store
        .advance(sending)
        .await
        .expect("the lease holds");
    let (settled, _) = granted(&harness.store, &request("settled")).await;
    let done = Advance {
        lease: settled,
        changes: vec![Change {
            key: "effect".into(),
            state: EffectState::Done { at: NOW },
            attempt: None,
        }],
        until: None,
    };
    harness.store.advance(done).await.expect("the lease holds");

    let next_process = harness.open_again();
    let busy = next_process
        .claim(request("sending"))
        .await
        .expect("the store answers");
    assert!(matches!(busy, Claim::Busy { .. }), "{busy:?}");
    let released = next_process.release_claims_of_earlier_process().await;
    assert_eq!(released.expect("the store answers"), 1);
    let released = next_process.release_claims_of_earlier_process().await;
    assert_eq!(released.expect("the store answers"), 0);
    let (_, abandoned) = granted(&next_process, &request("sending")).await;
    assert!(abandoned);
}

#[tokio::test]
async fn two_processes_share_one_file() {
    let harness = harness().await;
    let command_line = harness.open_again();
    granted(&harness.store, &request("first")).await;
    let answer = command_line
        .claim(request("first"))
        .await
        .expect("the store answers");
    assert!(matches!(answer, Claim::Busy { .. }), "{answer:?}");
    granted(&command_line, &request("second")).await;
    let query = EventQuery::EventId("evt_1".into());
    let found = harness.store.find(&query).await.expect("the store answers");
    assert_eq!(found.len(), 2);
}

#[tokio::test]
async fn it_counts_what_it_keeps_and_closes_with_everything_written() {
    let harness = harness().await;
    for identity in ["first", "second"] {
        granted(&harness.store, &request(identity)).await;
    }
    harness.store.ready().await.expect("it is well");
    harness.store.close().await.expect("it closes");
    assert!(harness.store.claim(request("third")).await.is_err());
    assert!(harness.store.ready().await.is_err());
    let counts = harness
        .open_again()
        .counts()
        .await
        .expect("the store answers");
    let expected = StoreCounts {
        ledger_records: 2,
        leased: 2,
        held_messages: 0,
        dead_letters: 0,
    };
    assert_eq!(counts, expected);
}

#[tokio::test]
async fn claims_made_together_share_their_commits() {
    let harness = harness().await;
    let before = harness.store.commits();
    let lock = rusqlite::Connection::open(harness.file()).expect("the file is there");
    lock.execute_batch("BEGIN IMMEDIATE")
        .expect("nobody writes");
    let claiming: Vec<_> = (0..200)
        .map(|number| {
            let store = harness.store.clone();
            tokio::spawn(async move { store.claim(request(&number.to_string())).await })
        })
        .collect();
    // On this test's one thread, each time this task steps back at least one other hands its claim over.
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
    drop(lock);
    for task in claiming {
        let answer = task.await.expect("no panic").expect("the store answers");
        assert!(matches!(answer, Claim::Granted { .. }));
    }
    let commits = harness.store.commits() - before;
    assert!(
        (1..=2).contains(&commits),
        "200 claims took {commits} commits"
    );
}

#[tokio::test]
async fn a_full_queue_says_that_the_store_is_not_available() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("store.sqlite");
    let store = EmbeddedStore::open(&path, StoreSettings { queue: 2 }).expect("the file opens");
    let store = Arc::new(store);
    let lock = rusqlite::Connection::open(&path).expect("the file is there");
    lock.execute_batch("BEGIN IMMEDIATE")
        .expect("nobody writes");
    let claiming: Vec<_> = (0..20)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move { store.claim(request(&number.to_string())).await })
        })
        .collect();
    testing::eventually("a refusal", || async {
        claiming.iter().any(|task| task.is_finished()).then_some(())
    })
    .await;
    drop(lock);
    let mut refused = 0;
    for task in claiming {
        match task.await.expect("no panic") {
            Ok(answer) => assert!(matches!(answer, Claim::Granted { .. })),
            Err(error) => {
                assert!(error.to_string().contains("waiting already"), "{error}");
                refused += 1;
            }
        }
    }
    assert!((1..20).contains(&refused), "{refused} of 20 refused");
}
