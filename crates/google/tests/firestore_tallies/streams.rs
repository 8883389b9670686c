//! The stream of changes, saying what production may say and the emulator doesn't.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use firestore::gcloud_sdk::google::firestore::v1::BatchGetDocumentsRequest;
use firestore::gcloud_sdk::google::firestore::v1::batch_get_documents_request::ConsistencySelector;
use firestore::gcloud_sdk::google::firestore::v1::target_change::TargetChangeType;
use firestore::gcloud_sdk::prost::Message;
use firestore::gcloud_sdk::prost_types::Timestamp;
use firestore::gcloud_sdk::tonic::Code;
use google::firestore::{FirestoreSettings, FirestoreStore};
use store::StoreUnavailable;
use store::tallies::{Resolution, Tallies};
use testing::{PATIENCE, firestore_emulator};
use tokio::time::timeout;

use crate::grpc_proxy::{GrpcProxy, refused};
use crate::scripted::Script;
use crate::shop::{add, assert_exact, minute, range, settings, view};

struct Scene {
    proxy: GrpcProxy,
    project: String,
    /// Behind the proxy.
    reader: Arc<FirestoreStore>,
    writer: FirestoreStore,
}

async fn scene() -> Scene {
    scene_in(settings()).await
}

async fn scene_in(settings: FirestoreSettings) -> Scene {
    let proxy = GrpcProxy::start(firestore_emulator()).await;
    let behind = FirestoreSettings {
        emulator_host: Some(proxy.address()),
        ..settings.clone()
    };
    Scene {
        proxy,
        project: settings.project.clone(),
        reader: Arc::new(FirestoreStore::new(behind)),
        writer: FirestoreStore::new(settings),
    }
}

async fn changed(reader: &FirestoreStore, seen: u64) -> Result<u64, StoreUnavailable> {
    let changed = timeout(PATIENCE, reader.changed(seen)).await;
    changed.expect("in time")
}

/// Asks until the stream is there again.
async fn heard_again(reader: &FirestoreStore, seen: u64) -> u64 {
    let hearing = async {
        loop {
            match reader.changed(seen).await {
                Ok(version) => return version,
                Err(_) => tokio::task::yield_now().await,
            }
        }
    };
    timeout(PATIENCE, hearing).await.expect("in time")
}

#[tokio::test]
async fn a_stream_that_is_not_allowed_says_what_to_grant_and_is_tried_again() {
    let denied = "Missing or insufficient permissions.";
    for kind in ["at once", "later", "target"] {
        let Scene {
            proxy,
            project,
            reader,
            writer,
        } = scene().await;
        add(&writer, &[view("1", minute(0), &["mug"])]).await;
        if kind == "at once" {
            proxy.next("Listen", refused(Code::PermissionDenied, denied));
        } else {
            let script = Script::next(&proxy);
            script.target(TargetChangeType::Add);
            script.version(&project, 7);
            script.target(TargetChangeType::Current);
            assert_eq!(changed(&reader, 1).await.expect("it is heard"), 7);
            match kind {
                "later" => script.end(Code::PermissionDenied),
                _ => script.removed(Code::PermissionDenied, denied),
            }
        }
        let error = changed(&reader, 7).await.expect_err("it is denied");
        assert!(error.reason.contains("roles/datastore.user"), "{error}");
        assert_eq!(heard_again(&reader, 7).await, 1, "{kind}: the emulator's");
    }
}

#[tokio::test]
async fn a_target_that_is_reset_keeps_what_is_known_until_it_is_told_anew() {
    let Scene {
        proxy,
        project,
        reader,
        ..
    } = scene().await;
    let script = Script::next(&proxy);
    script.target(TargetChangeType::Add);
    script.version(&project, 3);
    script.target(TargetChangeType::Current);
    assert_eq!(changed(&reader, 0).await.expect("it is heard"), 3);
    script.target(TargetChangeType::Reset);
    script.target(TargetChangeType::NoChange);
    for identity in ["one", "two", "three"] {
        // Time enough for the stream to be heard, on the same connection.
        assert!(!reader.known(identity).await.expect("the store answers"));
    }
    assert_eq!(reader.version().await.expect("it is known"), 3);
    script.version(&project, 4);
    script.target(TargetChangeType::Current);
    assert_eq!(changed(&reader, 3).await.expect("it is heard"), 4);
    assert_eq!(reader.version().await.expect("it is known"), 4);
    assert_eq!(proxy.count("BatchGetDocuments"), 3, "nothing else was read");
}

/// The stream tells of a commit some time after the commit was answered.
#[tokio::test]
async fn what_an_instance_added_itself_is_seen_before_it_is_heard_of() {
    let Scene {
        proxy,
        project,
        reader,
        ..
    } = scene().await;
    let script = Script::next(&proxy);
    script.version(&project, 1);
    script.target(TargetChangeType::Current);
    let events = [
        view("1", minute(0), &["mug"]),
        view("2", minute(1), &["mug"]),
    ];
    add(reader.as_ref(), &events[..1]).await;
    assert_eq!(changed(&reader, 0).await.expect("it is known"), 1);
    add(reader.as_ref(), &events[1..]).await;
    assert_eq!(changed(&reader, 1).await.expect("it is known"), 2);
    assert_exact(reader.as_ref(), &events, "its own").await;
}

/// Google tells the past of an hour, and refuses what is asked of earlier.
#[tokio::test]
async fn only_what_changed_just_now_is_read_as_it_was_then() {
    let Scene {
        proxy,
        project,
        reader,
        ..
    } = scene().await;
    let script = Script::next(&proxy);
    let minutes = range(Resolution::Minute, 0, 10);
    let times_asked_for = async || {
        proxy.calls();
        // Whether the emulator knows that time is no matter.
        drop(reader.sums(minutes).await);
        let reads = proxy.calls().into_iter();
        let reads = reads.filter(|call| call.method == "BatchGetDocuments");
        reads
            .map(|call| {
                let request = BatchGetDocumentsRequest::decode(&call.message[5..]);
                request.expect("a request").consistency_selector
            })
            .collect::<Vec<_>>()
    };
    script.version_with_hour(&project, 1, "h490017", 1_000);
    script.target(TargetChangeType::Current);
    assert_eq!(changed(&reader, 0).await.expect("it is heard"), 1);
    assert_eq!(times_asked_for().await, [None], "it may be of long ago");
    script.version_with_hour(&project, 2, "h490017", 2_000);
    assert_eq!(changed(&reader, 1).await.expect("it is heard"), 2);
    let then = Timestamp {
        seconds: 2_000,
        nanos: 0,
    };
    let then = ConsistencySelector::ReadTime(then);
    assert_eq!(times_asked_for().await, [Some(then)]);
}

/// Google routes a stream by its headers alone: its first message may be long in coming.
#[tokio::test]
async fn a_named_database_is_counted_in_and_listened_to_by_its_name() {
    let named = FirestoreSettings {
        database: "shop".into(),
        ..settings()
    };
    let database = format!("projects/{}/databases/shop", named.project);
    let Scene {
        proxy,
        reader,
        writer,
        ..
    } = scene_in(named).await;
    let events = [
        view("1", minute(0), &["mug"]),
        view("2", minute(1), &["lid"]),
    ];
    add(reader.as_ref(), &events[..1]).await;
    add(&writer, &events[1..]).await;
    assert_eq!(changed(&reader, 1).await.expect("it is heard"), 2);
    assert_exact(reader.as_ref(), &events, "in the shop's").await;
    let methods: BTreeSet<String> = proxy
        .calls()
        .into_iter()
        .inspect(|call| assert_eq!(call.database, database, "{call:?}"))
        .map(|call| call.method)
        .collect();
    // No transaction is begun, and nothing is written in part.
    let expected = ["BatchGetDocuments", "Commit", "Listen", "RunQuery"];
    assert_eq!(methods, expected.map(str::to_owned).into());
}

/// Nothing is said of a change: the stream is dead, and looks as if nobody bought anything.
#[tokio::test]
async fn a_stream_that_is_silent_for_long_is_looked_after() {
    const SILENCE: Duration = Duration::from_secs(61);
    let Scene {
        proxy,
        project,
        reader,
        writer,
    } = scene().await;
    let script = Script::next(&proxy);
    script.version(&project, 9);
    script.target(TargetChangeType::Current);
    assert_eq!(changed(&reader, 0).await.expect("it is heard"), 9);
    add(&writer, &[view("1", minute(0), &["mug"])]).await;
    let waiting = tokio::spawn({
        let reader = Arc::clone(&reader);
        async move { reader.changed(9).await }
    });
    tokio::task::yield_now().await;
    tokio::time::pause();
    tokio::time::advance(SILENCE).await;
    tokio::time::resume();
    let told = timeout(PATIENCE, waiting).await.expect("in time");
    let error = told.expect("no panic").expect_err("it is not believed");
    assert!(error.reason.contains("silent"), "{error}");
    assert_eq!(heard_again(&reader, 9).await, 1);
}
