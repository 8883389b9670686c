//! Several processes claim the same events.

use futures_util::future::join_all;
use store::{AdvanceError, Claim, EffectState, EventQuery, Ledger, Reopened};

use crate::support::{
    DONE, GRACE, LEASE, NOW, advance, changes, claim, granted, record, request, settings, store,
    two_instances,
};
use google::firestore::{FirestoreSettings, FirestoreStore};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_instances_exactly_one_is_granted_each_record() {
    let (first, second) = two_instances();
    let identities: Vec<_> = (0..200).map(|order| format!("purchase:{order}")).collect();
    let working = identities.iter().map(async |identity| {
        let one = request(identity, "first");
        let other = request(identity, "second");
        let answers = tokio::join!(claim(&first, &one), claim(&second, &other));
        let (holder, request, lease) = match answers {
            (Claim::Granted { lease, .. }, Claim::Busy { .. }) => (&first, one, lease),
            (Claim::Busy { .. }, Claim::Granted { lease, .. }) => (&second, other, lease),
            others => panic!("one grant of {identity}, not {others:?}"),
        };
        let done = advance(holder, &lease, changes(&request, &DONE), None).await;
        done.expect("the lease holds");
        for store in [&first, &second] {
            assert_eq!(claim(store, &request).await, Claim::Settled);
        }
    });
    join_all(working).await;
}

#[tokio::test]
async fn a_lease_that_another_instance_took_over_is_lost() {
    let (first, second) = two_instances();
    let early = request("purchase:lost", "first");
    let lost = granted(&first, &early).await;
    let mut late = request("purchase:lost", "second");
    late.now = NOW.plus(LEASE + GRACE);
    let lease = granted(&second, &late).await;
    let before = record(&second, "purchase:lost").await;
    // The first instance remembers the record as its own, and must find out.
    for _ in 0..2 {
        let refused = advance(&first, &lost, changes(&early, &DONE), None).await;
        assert!(matches!(refused, Err(AdvanceError::LeaseLost { .. })));
    }
    assert_eq!(record(&first, "purchase:lost").await, before);
    let done = advance(&second, &lease, changes(&late, &DONE), None).await;
    done.expect("the lease holds");
}

#[tokio::test]
async fn what_another_instance_opened_meanwhile_is_not_written_over() {
    let (first, second) = two_instances();
    let request = request("purchase:opened", "first");
    let lease = granted(&first, &request).await;
    let letter = || "letter".to_owned();
    let [refused, other] = [0, 1].map(|effect| request.effects[effect].key.clone());
    let mut dead = changes(&request, &EffectState::Dead { letter: letter() });
    dead.truncate(1);
    let written = advance(&first, &lease, dead, Some(lease.until)).await;
    written.expect("the lease holds");
    let opened = second.reopen("purchase:opened", "loyalty", &refused, "letter", NOW);
    assert_eq!(opened.await.expect("it answers"), Reopened::Opened);

    let done = changes(&request, &DONE).split_off(1);
    let written = advance(&first, &lease, done, None).await;
    written.expect("the lease holds");
    let record = record(&second, "purchase:opened").await;
    assert_eq!(
        record.effects[&refused].state,
        EffectState::Retry { not_before: NOW }
    );
    assert_eq!(record.effects[&other].state, DONE);
    assert_eq!(record.lease, None);
}

#[tokio::test]
async fn any_identity_and_event_id_can_be_recorded() {
    let store = store();
    let long = "x".repeat(1_500);
    let odd = [
        "",
        ".",
        "..",
        "/",
        "a/b",
        "__x__",
        "%2F",
        "é ☕️",
        "a\nb\u{0}",
        "`",
        &long,
    ];
    for identity in odd {
        let mut request = request(identity, "first");
        request.event.event_id = Some(format!("id of {identity}"));
        let lease = granted(&store, &request).await;
        let done = advance(&store, &lease, changes(&request, &DONE), None).await;
        done.expect("the lease holds");
        assert_eq!(claim(&store, &request).await, Claim::Settled);
        let by_event_id = EventQuery::EventId(format!("id of {identity}"));
        let found = store.find(&by_event_id).await.expect("the store answers");
        assert_eq!(found, [record(&store, identity).await], "{identity:?}");
        assert_eq!(found[0].event, request.event);
    }
}

#[tokio::test]
async fn a_named_database_is_another_one() {
    let settings = settings();
    let named = FirestoreStore::new(FirestoreSettings {
        database: "shop".into(),
        ..settings.clone()
    });
    let default = FirestoreStore::new(settings);
    let request = request("purchase:named", "first");
    named.ready().await.expect("it answers");
    granted(&named, &request).await;
    record(&named, "purchase:named").await;
    granted(&default, &request).await;
}
