//! Statuses that production answers and the emulator doesn't.

use firestore::gcloud_sdk::tonic::Code;
use futures_util::future::join_all;
use google::firestore::{FirestoreSettings, FirestoreStore};
use store::{
    Claim, ClaimRequest, DeadLetterFilter, DeadLetters, DestinationReport, DestinationReports,
    EventQuery, HeldMessages, Ledger,
};
use testing::firestore_emulator;

use crate::grpc_proxy::{CONTENTION, GrpcProxy, Instead, refused};
use crate::support::{
    DONE, NOW, advance, changes, claim, granted, letter, record, request, settings,
};

struct Scene {
    proxy: GrpcProxy,
    store: FirestoreStore,
    settings: FirestoreSettings,
}

async fn scene(database: &str) -> Scene {
    let proxy = GrpcProxy::start(firestore_emulator()).await;
    let settings = FirestoreSettings {
        database: database.to_owned(),
        emulator_host: Some(proxy.address()),
        ..settings()
    };
    Scene {
        store: FirestoreStore::new(settings.clone()),
        proxy,
        settings,
    }
}

#[tokio::test]
async fn a_claim_that_lost_a_lock_is_made_again() {
    let Scene { proxy, store, .. } = scene("(default)").await;
    let request = request("purchase:contended", "first");
    for _ in 0..4 {
        proxy.next("Commit", refused(Code::Aborted, CONTENTION));
    }
    let lease = granted(&store, &request).await;
    assert_eq!((lease.fence, proxy.count("Commit")), (1, 5));
    for _ in 0..5 {
        proxy.next("Commit", refused(Code::Aborted, CONTENTION));
    }
    let done = advance(&store, &lease, changes(&request, &DONE), None).await;
    // Once more, since a call was made that hangs on it.
    done.expect("the lease holds");
    assert_eq!(claim(&store, &request).await, Claim::Settled);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_instances_that_take_each_others_locks_one_is_granted_each_record() {
    let Scene {
        proxy,
        store,
        settings,
    } = scene("(default)").await;
    let other = FirestoreStore::new(settings);
    proxy.contend();
    let working = (0..30).map(async |number| {
        let identity = format!("purchase:{number}");
        let claiming = [(&store, "first"), (&other, "second")];
        let claiming = claiming.map(|(store, owner)| insist(store, request(&identity, owner)));
        let answers = join_all(claiming).await;
        let is_granted = |claim: &&Claim| matches!(claim, Claim::Granted { .. });
        assert_eq!(answers.iter().filter(is_granted).count(), 1, "{answers:?}");
        assert_eq!(record(&store, &identity).await.fence, 1);
    });
    join_all(working).await;
    assert!(proxy.lost_locks() > 0);
}

/// As Pub/Sub does: until there is an answer.
async fn insist(store: &FirestoreStore, request: ClaimRequest) -> Claim {
    loop {
        if let Ok(claim) = store.claim(request.clone()).await {
            return claim;
        }
    }
}

#[tokio::test]
async fn a_used_up_quota_is_said_and_nothing_is_lost_by_it() {
    let Scene { proxy, store, .. } = scene("(default)").await;
    let request = request("purchase:quota", "first");
    let quota = || refused(Code::ResourceExhausted, "Quota exceeded.");
    proxy.next("Commit", quota());
    let unavailable = store.claim(request.clone()).await.expect_err("no quota");
    assert!(unavailable.reason.contains("quota"), "{unavailable}");
    granted(&store, &request).await;
    proxy.next("Commit", quota());
    let unburied = store.bury(letter("quota", "{}")).await;
    unburied.expect_err("it is not kept, and whoever gave it must know");
    assert!(store.bury(letter("quota", "{}")).await.expect("kept"));
}

/// Whatever it is called: what was written and not answered is found to be there.
#[tokio::test]
async fn what_was_written_and_answered_with_an_error_is_written_once() {
    let Scene { proxy, store, .. } = scene("(default)").await;
    for code in [
        Code::Cancelled,
        Code::Unknown,
        Code::DeadlineExceeded,
        Code::Internal,
        Code::Unavailable,
    ] {
        let lost = || proxy.next("Commit", Instead::DoneAndLost(code));
        let identity = format!("purchase:{code:?}");
        let request = request(&identity, "first");
        lost();
        let unheard = store.claim(request.clone()).await;
        unheard.expect_err("nobody knows whether it was claimed");
        let lease = granted(&store, &request).await;
        assert_eq!(lease.fence, 2, "{code:?}: the first was written");
        lost();
        let done = advance(&store, &lease, changes(&request, &DONE), None).await;
        done.expect("the lease holds");
        let record = record(&store, &identity).await;
        assert!(record.effects.values().all(|effect| effect.state == DONE));
        assert_eq!((record.fence, record.lease), (2, None), "{code:?}");
        lost();
        let unheard = store.bury(letter(&identity, "{}")).await;
        unheard.expect_err("nobody knows whether it is kept");
        let is_new = store.bury(letter(&identity, "{}")).await;
        assert!(!is_new.expect("kept"), "{code:?}");
    }
}

/// No transaction is begun and nothing is written in part: neither `BeginTransaction` nor `BatchWrite` nor `Write`.
#[tokio::test]
async fn a_store_makes_commits_and_reads_and_names_its_database() {
    let Scene {
        proxy,
        store,
        settings,
    } = scene("shop").await;
    for (identity, bytes) in [("purchase:short", 10), ("purchase:long", 1_000_000)] {
        let mut request = request(identity, "first");
        request.event.event_id = Some("x".repeat(bytes));
        let lease = granted(&store, &request).await;
        let done = advance(&store, &lease, changes(&request, &DONE), None).await;
        done.expect("the lease holds");
        let record = record(&store, identity).await;
        let effect = record.effects.keys().next().expect("an effect");
        let reopening = store.reopen(identity, "loyalty", effect, "letter", NOW);
        reopening.await.expect("it answers");
        let letter = letter(identity, "x".repeat(bytes));
        assert!(store.bury(letter).await.expect("kept"));
        store.get(identity).await.expect("it answers");
        store.mark_replayed(identity, NOW).await.expect("noted");
    }
    let reports: Vec<DestinationReport> = Vec::new();
    store.report(reports).await.expect("it answers");
    store.reports().await.expect("it answers");
    store.backlog().await.expect("it answers");
    let letters = store.list(&DeadLetterFilter::default()).await;
    assert_eq!(letters.expect("it answers").len(), 2);
    let query = EventQuery::EventId("x".repeat(10));
    assert_eq!(store.find(&query).await.expect("it answers").len(), 1);

    let database = format!("projects/{}/databases/shop", settings.project);
    let calls = proxy.calls();
    assert!(calls.iter().any(|call| call.method == "Commit"));
    for call in calls {
        let known = [
            "BatchGetDocuments",
            "Commit",
            "RunAggregationQuery",
            "RunQuery",
        ];
        assert!(known.contains(&call.method.as_str()), "{call:?}");
        assert_eq!(call.database, database, "{call:?}");
    }
}
