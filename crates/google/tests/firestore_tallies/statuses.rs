//! Statuses that production answers a commit and the emulator doesn't.

use std::time::Duration;

use firestore::gcloud_sdk::tonic::Code;
use google::firestore::{FirestoreSettings, FirestoreStore};
use store::tallies::{Tallied, Tallies, Tally, TallyError};
use testing::{eventually, firestore_emulator};

use crate::grpc_proxy::{GrpcProxy, Instead, refused};
use crate::shop::{add, assert_exact, minute, purchase, refund, settings, view};

pub struct Scene {
    pub proxy: GrpcProxy,
    /// Behind the proxy.
    pub store: FirestoreStore,
    /// Another instance, not behind it.
    pub other: FirestoreStore,
}

pub async fn scene(request_timeout: Duration) -> Scene {
    let settings = settings();
    let proxy = GrpcProxy::start(firestore_emulator()).await;
    let store = FirestoreStore::new(FirestoreSettings {
        emulator_host: Some(proxy.address()),
        request_timeout,
        ..settings.clone()
    });
    eventually("the store", async || store.ready().await.ok()).await;
    Scene {
        proxy,
        store,
        other: FirestoreStore::new(settings),
    }
}

pub const LONG: Duration = Duration::from_secs(20);

pub fn views(name: &str, count: usize) -> Vec<Tally> {
    (0..count)
        .map(|number| view(&format!("{name} {number}"), minute(0), &["mug", "lid"]))
        .collect()
}

#[tokio::test]
async fn a_batch_is_one_commit_and_one_more_if_some_of_it_was_counted_elsewhere() {
    let Scene {
        proxy,
        store,
        other,
    } = scene(LONG).await;
    let events = views("own", 10);
    proxy.calls();
    add(&store, &events).await;
    let methods: Vec<String> = proxy.calls().into_iter().map(|call| call.method).collect();
    assert_eq!(
        methods,
        ["BatchGetDocuments", "Commit"],
        "what is known, once"
    );
    let more = views("more", 10);
    add(&store, &more).await;
    assert_eq!(proxy.count("Commit"), 1);

    // Half of it was counted elsewhere meanwhile, and some of it comes twice.
    let shared = views("shared", 10);
    add(&other, &shared[..5]).await;
    let batch = [&shared[..], &shared[3..8]].concat();
    let outcomes = add(&store, &batch).await;
    let added: Vec<bool> = outcomes
        .iter()
        .map(|outcome| *outcome == Tallied::Added)
        .collect();
    assert_eq!(added, [&[false; 5][..], &[true; 5], &[false; 5]].concat());
    assert_eq!(proxy.count("Commit"), 2);
    // Whatever comes again now is known without a commit.
    add(&store, &batch).await;
    assert_eq!(proxy.calls(), []);
    let all = [events, more, shared].concat();
    for store in [&store, &other] {
        assert_exact(store, &all, "both").await;
    }
}

/// The emulator has other words for it.
#[tokio::test]
async fn a_document_that_is_full_in_productions_words_goes_on_in_more() {
    const FULL: &str = "Document 'projects/p/databases/(default)/documents/minutes/2025-11-25T09:00.0of4' cannot be \
                        written because its size (1,048,757 bytes) exceeds the maximum allowed size of 1,048,576 bytes.";
    let Scene {
        proxy,
        store,
        other,
    } = scene(LONG).await;
    let events = views("full", 10);
    add(&store, &events[..3]).await;
    proxy.calls();
    for _ in 0..5 {
        proxy.next("Commit", refused(Code::InvalidArgument, FULL));
    }
    add(&store, &events[3..6]).await;
    assert_eq!(
        proxy.count("Commit"),
        6,
        "twice as many documents each time"
    );
    add(&store, &events[6..]).await;
    assert_eq!(proxy.count("Commit"), 1, "and it stays with them");
    assert_exact(&other, &events, "full").await;
}

/// The same status may come before anything is written, and after everything is.
#[tokio::test]
async fn whatever_a_commit_is_answered_its_events_count_once() {
    let Scene {
        proxy,
        store,
        other,
    } = scene(LONG).await;
    let mut all = Vec::new();
    for number in 1..=16 {
        let code = Code::from(number);
        for is_lost in [false, true] {
            let name = format!("{code:?} {is_lost}");
            let events = [
                purchase(&name, minute(0), &["mug", "lid"]),
                refund(&name, minute(1), &name),
            ];
            proxy.next(
                "Commit",
                match is_lost {
                    false => refused(code, "for a test"),
                    true => Instead::DoneAndLost(code),
                },
            );
            let answer = store.tally(&events).await;
            assert_eq!(answer.is_ok(), is_looked_after(code), "{name}: {answer:?}");
            let again = add(&store, &events).await;
            let known = [Tallied::Known; 2];
            assert_eq!(again == known, is_lost || is_looked_after(code), "{name}");
            assert_eq!(add(&other, &events).await, known, "{name}");
            all.extend(events);
        }
    }
    for store in [&store, &other] {
        assert_exact(store, &all, "all").await;
    }
}

/// These say that nothing was written: it is tried again, or the markers are read and the rest is.
fn is_looked_after(code: Code) -> bool {
    matches!(
        code,
        Code::Aborted
            | Code::AlreadyExists
            | Code::FailedPrecondition
            | Code::InvalidArgument
            | Code::NotFound
            | Code::OutOfRange
    )
}

#[tokio::test]
async fn what_is_refused_for_good_is_told_apart_from_what_may_come_again() {
    let Scene { proxy, store, .. } = scene(LONG).await;
    let event = views("refused", 1);
    for _ in 0..2 {
        proxy.next("Commit", refused(Code::InvalidArgument, "for a test"));
    }
    let refused_for_good = store.tally(&event).await;
    assert!(
        matches!(refused_for_good, Err(TallyError::Refused { .. })),
        "{refused_for_good:?}"
    );
    for (code, words) in [
        (Code::ResourceExhausted, "quota"),
        (Code::PermissionDenied, "roles/datastore.user"),
        (Code::Unauthenticated, "roles/datastore.user"),
    ] {
        proxy.next("Commit", refused(code, "for a test"));
        match store.tally(&event).await {
            Err(TallyError::Unavailable(error)) => {
                assert!(error.reason.contains(words), "{error}");
            }
            other => panic!("{code:?}: {other:?}"),
        }
    }
    proxy.next(
        "Commit",
        refused(
            Code::NotFound,
            "The database shop does not exist for project p",
        ),
    );
    match store.tally(&event).await {
        Err(TallyError::Unavailable(error)) => {
            assert!(error.reason.contains("create the database"), "{error}");
        }
        other => panic!("no database: {other:?}"),
    }
    assert_eq!(add(&store, &event).await, [Tallied::Added]);
}
