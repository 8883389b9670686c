//! Records and letters that are longer than a document can be.

use std::time::Duration;

use store::{
    Attempt, Change, Claim, ClaimRequest, DeadLetters, EffectState, HeldMessage, HeldMessages,
    HoldReason, Ledger, Outcome, Payload, RequestedEffect, Taken, Wait, Wanted,
};

use crate::support::{
    DAY, DONE, GRACE, LEASE, NOW, advance, changes, claim, delete, documents, granted, held,
    letter, record, request, settings,
};
use google::firestore::FirestoreStore;

/// An order of 500 items with names as long as they may be, through a route that works each.
fn largest(owner: &str) -> ClaimRequest {
    let identity = format!("purchase:{}", "\"".repeat(1_500));
    let effect = |item: usize| {
        let element = format!("{item:é<750}");
        RequestedEffect {
            key: format!("{identity}/stock/{element}"),
            route: "stock".into(),
            element: Some(element),
        }
    };
    ClaimRequest {
        effects: (0..500).map(effect).collect(),
        ..request(&identity, owner)
    }
}

fn failed(effect: &RequestedEffect, number: u32) -> Change {
    Change {
        key: effect.key.clone(),
        state: EffectState::Retry { not_before: NOW },
        attempt: Some(Attempt {
            number,
            generation: 1,
            may_be_done: false,
            at: NOW,
            took_ms: 10_000,
            outcome: Outcome::Setup,
            status: None,
            note: "the connection was refused by a guard: ".repeat(5),
        }),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_largest_event_is_worked_to_its_end() {
    let settings = settings();
    let (store, other) = (
        FirestoreStore::new(settings.clone()),
        FirestoreStore::new(settings.clone()),
    );
    let request = largest("first");
    // By turns, so that each reads what the other wrote.
    for (store, numbers) in [(&store, 1..=5), (&other, 6..=10)] {
        let lease = granted(store, &request).await;
        let failures = numbers.flat_map(|number| {
            let failed = move |effect| failed(effect, number);
            request.effects.iter().map(failed)
        });
        let written = advance(store, &lease, failures.collect(), None).await;
        written.expect("the lease holds");
    }
    let lease = granted(&store, &request).await;
    let mut late = largest("second");
    late.now = NOW.plus(LEASE + GRACE);
    granted(&other, &late).await;
    let lost = advance(&store, &lease, changes(&request, &DONE), None).await;
    lost.expect_err("the lease is lost");
    late.now = late.now.plus(LEASE + GRACE);
    let lease = granted(&other, &late).await;
    let done = advance(&other, &lease, changes(&late, &DONE), None).await;
    done.expect("the lease holds");
    assert_eq!(claim(&store, &request).await, Claim::Settled);

    let record = record(&store, &request.event.identity).await;
    assert!(record.effects.values().all(|effect| effect.state == DONE));
    assert!(
        record
            .effects
            .values()
            .all(|effect| effect.history.len() == 10)
    );
    let length = serde_json::to_string(&record).expect("JSON").len();
    assert!(length > 4 << 20, "only {length} bytes");
    // Those of the record, and those of the one writer who lost; of all versions before nothing is left.
    let parts = documents(&settings, "ledger_parts").await;
    let of_one = length.div_ceil(900 << 10);
    assert!(
        (of_one..=2 * of_one).contains(&parts.len()),
        "{length} bytes in {parts:?}"
    );

    assert_eq!(
        Ledger::purge(&store, request.expires)
            .await
            .expect("purged"),
        1
    );
    let expired = request.expires.plus(Duration::from_secs(8 * 24 * 60 * 60));
    assert_eq!(Ledger::purge(&store, expired).await.expect("purged"), 0);
    let left = documents(&settings, "ledger_parts").await;
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_letter_of_many_documents_comes_back_whole() {
    let settings = settings();
    let store = FirestoreStore::new(settings.clone());
    let texts = ["{\"é\":\"\\n\"}".repeat(1_200_000), "x".repeat(20)];
    let mut kept = letter("whole", texts[0].as_str());
    assert!(texts[0].len() > 12_000_000);
    for round in 0..2 {
        assert!(store.bury(kept.clone()).await.expect("kept"), "it is new");
        assert!(!store.bury(kept.clone()).await.expect("kept"));
        let found = store.get("whole").await.expect("the store answers");
        assert!(found.as_ref() == Some(&kept), "it comes back whole");
        let parts = documents(&settings, "dead_letter_parts").await;
        assert_eq!(parts.is_empty(), round == 1, "{parts:?}");
        let marked = store.mark_replayed("whole", NOW).await;
        marked.expect("noted");
        // It dies again as another text: nothing of the first is left.
        kept.payload = Payload::Text(texts[1].clone());
    }
}

/// One that takes many documents.
fn long_message() -> HeldMessage {
    held("{\"é\":\"\\n\"}".repeat(1_200_000))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_held_message_that_has_lost_its_text_is_told_as_such_and_put_off() {
    let settings = settings();
    let store = FirestoreStore::new(settings.clone());
    assert!(store.hold(long_message()).await.expect("held"));
    for part in &documents(&settings, "held_message_parts").await {
        delete(part).await;
    }
    let seen = store.due("crm", Wanted::LongestDue(NOW), 10).await;
    let seen = seen.expect("the store answers").messages;
    let taken = store.take(&seen[0], NOW.plus(DAY)).await;
    let Taken::Unreadable(taken) = taken.expect("the store answers") else {
        panic!("it has no text");
    };
    assert_eq!(taken.identity.as_deref(), Some("purchase:ORD-1"));
    let due = store.due("crm", Wanted::LongestDue(NOW), 10).await;
    assert!(due.expect("the store answers").is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_held_message_of_many_documents_comes_back_whole_and_leaves_nothing() {
    let settings = settings();
    let store = FirestoreStore::new(settings.clone());
    let day = DAY;
    let mut message = long_message();
    assert!(store.hold(message.clone()).await.expect("held"));
    let first_parts = documents(&settings, "held_message_parts").await;
    // The second time it is to be kept longer, with all its parts.
    message.summary.expires = NOW.plus(day * 20);
    assert!(!store.hold(message.clone()).await.expect("held"));
    HeldMessages::purge(&store, NOW.plus(day * 10))
        .await
        .expect("purged");
    let seen = store.due("crm", Wanted::LongestDue(NOW), 10).await;
    let seen = seen.expect("the store answers").messages;
    let taken = store.take(&seen[0], NOW.plus(day)).await;
    let taken = taken.expect("the store answers").message();
    let taken = taken.expect("it is held");
    assert!(taken.payload == message.payload, "it comes back whole");
    let later = NOW.plus(day * 2);
    let wait = Wait {
        due: later,
        reason: HoldReason::SetUp,
        waits_for: None,
    };
    let putting_off = store.put_off(&taken.summary, wait);
    putting_off.await.expect("the store answers");
    let seen = store.due("crm", Wanted::LongestDue(later), 10).await;
    let seen = seen.expect("the store answers").messages;
    store.release(&seen[0]).await.expect("the store answers");
    for collection in ["held_messages", "held_message_parts"] {
        let left = documents(&settings, collection).await;
        assert!(left.is_empty(), "{left:?}");
    }
    // Whoever removed the parts of the first could still be at it.
    assert!(store.hold(message.clone()).await.expect("held"));
    let parts = documents(&settings, "held_message_parts").await;
    assert!(!parts.is_empty() && parts.iter().all(|part| !first_parts.contains(part)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_long_letters_buried_at_once_one_is_kept_and_none_is_mixed() {
    let settings = settings();
    let (first, second) = (
        FirestoreStore::new(settings.clone()),
        FirestoreStore::new(settings),
    );
    for round in 0..3 {
        let letters = ["a", "b"].map(|text| letter("same", text.repeat(2_000_000 + round)));
        let [one, other] = letters.clone();
        let (one, other) = tokio::join!(first.bury(one), second.bury(other));
        let is_new = [one.expect("kept"), other.expect("kept")];
        assert_ne!(is_new[0], is_new[1], "one of them is new");
        let found = second.get("same").await.expect("the store answers");
        let winner = &letters[usize::from(is_new[1])];
        assert!(found.as_ref() == Some(winner), "the winner is whole");
        first.mark_replayed("same", NOW).await.expect("noted");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_reads_a_long_letter_while_it_is_replaced_sees_one_version_of_it() {
    let settings = settings();
    let (writer, reader) = (
        FirestoreStore::new(settings.clone()),
        FirestoreStore::new(settings),
    );
    let versions = ["a", "b", "c", "d", "e"].map(|text| letter("read", text.repeat(2_000_000)));
    writer.bury(versions[0].clone()).await.expect("kept");
    let writing = async {
        for version in &versions[1..] {
            writer.mark_replayed("read", NOW).await.expect("noted");
            writer.bury(version.clone()).await.expect("kept");
        }
    };
    let reading = async {
        loop {
            let found = reader.get("read").await.expect("the store answers");
            let found = found.expect("the letter is kept").payload;
            let version = versions.iter().position(|version| version.payload == found);
            if version.expect("one of the versions, whole") == versions.len() - 1 {
                return;
            }
        }
    };
    let both = async { tokio::join!(writing, reading) };
    let both = tokio::time::timeout(testing::PATIENCE, both).await;
    both.expect("the last version is seen");
}
