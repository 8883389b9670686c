mod scene;

use std::sync::atomic::Ordering;
use std::time::Duration;

use bus::attribute;
use serde_json::json;
use store::{DeadLetterFilter, DeadLetters, EffectState, Reason};

use super::letter::objection;
use super::{LeftAlone, ReplayOrder, ReplayReport};
use crate::replayer::{ReplayOutcome, ReplayRequest, ReplaySelection, Replayer};
use scene::{IDENTITY, NOW, Scene, all, dead, letter, named};

#[tokio::test]
async fn a_refused_effect_goes_out_again_under_a_new_generation() {
    let scene = Scene::new();
    scene.effect_is(dead("a")).await;
    scene
        .store
        .bury(letter("a", Reason::Rejected))
        .await
        .expect("a store");
    let report = scene.replay(&all()).await.expect("replayed");
    assert_eq!(report.replayed, ["a"]);
    assert_eq!(
        scene.effect().await,
        (EffectState::Retry { not_before: NOW }, 2)
    );
    let messages = scene.topic.messages.lock().await;
    assert_eq!(messages[0].data.as_ref(), b"{}");
    let expected = [("eventType", "purchase"), (attribute::IDENTITY, IDENTITY)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(messages[0].attributes, expected.into());
    assert!(scene.replayed("a").await);
}

#[tokio::test]
async fn a_dry_run_says_the_same_and_changes_nothing() {
    let scene = Scene::new();
    scene.effect_is(dead("a")).await;
    scene
        .store
        .bury(letter("a", Reason::Rejected))
        .await
        .expect("a store");
    let dry = ReplayOrder {
        dry_run: true,
        ..all()
    };
    assert_eq!(scene.replay(&dry).await.expect("a plan").replayed, ["a"]);
    assert_eq!(scene.effect().await, (dead("a"), 1));
    assert!(scene.topic.messages.lock().await.is_empty());
    assert!(!scene.replayed("a").await);
}

#[tokio::test]
async fn a_replay_that_broke_off_is_finished_by_the_next_under_the_same_key() {
    let scene = Scene::new();
    scene.effect_is(dead("a")).await;
    scene
        .store
        .bury(letter("a", Reason::Rejected))
        .await
        .expect("a store");
    scene.topic.down.store(true, Ordering::SeqCst);
    let error = scene.replay(&all()).await.expect_err("the bus is down");
    assert!(error.to_string().contains("harmless"), "{error}");
    assert!(!scene.replayed("a").await);
    scene.topic.down.store(false, Ordering::SeqCst);
    assert_eq!(
        scene.replay(&all()).await.expect("replayed").replayed,
        ["a"]
    );
    assert_eq!(
        scene.effect().await,
        (EffectState::Retry { not_before: NOW }, 2)
    );
    assert_eq!(scene.topic.messages.lock().await.len(), 1);
}

#[tokio::test]
async fn what_is_done_meanwhile_is_marked_and_not_published() {
    let scene = Scene::new();
    scene.effect_is(EffectState::Done { at: NOW }).await;
    scene
        .store
        .bury(letter("a", Reason::Exhausted))
        .await
        .expect("a store");
    let report = scene.replay(&all()).await.expect("replayed");
    assert_eq!((report.already_done.len(), report.replayed.len()), (1, 0));
    assert!(scene.topic.messages.lock().await.is_empty());
    assert_eq!(
        scene
            .replay(&all())
            .await
            .expect("nothing left")
            .already_done
            .len(),
        0
    );
}

#[tokio::test]
async fn a_name_that_no_letter_has_is_said() {
    let scene = Scene::new();
    let report = scene.replay(&named("zzz")).await.expect("a report");
    assert!(report.left_alone[0].reason.contains("no such letter"));
}

#[test]
fn what_must_not_be_replayed_lightly_is_left_alone_with_a_reason() {
    let by_id = named("a");
    let by_reason = ReplayOrder {
        selection: ReplaySelection::Filter(DeadLetterFilter {
            reason: Some(Reason::OutcomeUnknown),
            ..DeadLetterFilter::default()
        }),
        ..all()
    };
    let accepting = ReplayOrder {
        accept_duplicates: true,
        ..all()
    };
    let (kept, anonymous) = (Some(IDENTITY), Some("pubsub:17"));
    let cases: [(Reason, Option<&str>, &ReplayOrder, Option<&str>); 10] = [
        (Reason::Rejected, kept, &all(), None),
        (Reason::Unreadable, None, &all(), None),
        (
            Reason::IdentityConflict,
            kept,
            &by_id,
            Some("other content"),
        ),
        (
            Reason::OutcomeUnknown,
            kept,
            &all(),
            Some("may have arrived"),
        ),
        (Reason::OutcomeUnknown, kept, &by_id, None),
        (Reason::OutcomeUnknown, kept, &by_reason, None),
        (Reason::Undelivered, kept, &all(), None),
        (
            Reason::Undelivered,
            anonymous,
            &by_id,
            Some("--accept-duplicates"),
        ),
        (
            Reason::Undelivered,
            None,
            &all(),
            Some("--accept-duplicates"),
        ),
        (Reason::Undelivered, anonymous, &accepting, None),
    ];
    for (reason, identity, order, expected) in cases {
        let mut summary = letter("a", reason).summary;
        summary.identity = identity.map(str::to_owned);
        let objection = objection(&summary, order);
        match expected {
            None => assert_eq!(objection, None, "{reason:?}, {identity:?}"),
            Some(words) => assert!(objection.expect(words).reason.contains(words), "{reason:?}"),
        }
    }
}

#[tokio::test]
async fn an_order_by_filter_keeps_its_limit_and_given_again_gets_on() {
    let scene = Scene::new();
    let reasons = [Reason::Unreadable, Reason::IdentityConflict];
    for number in 0..10 {
        let mut letter = letter(&format!("{number}"), reasons[number % 2]);
        letter.summary.at = NOW.plus(Duration::from_secs(number as u64));
        (letter.summary.identity, letter.summary.effect) = (None, None);
        scene.store.bury(letter).await.expect("a store");
    }
    // Each asks the store for less than all, and those that can't be replayed stand between the others.
    let selection = ReplaySelection::Filter(DeadLetterFilter {
        limit: 2,
        ..DeadLetterFilter::default()
    });
    let order = ReplayOrder { selection, ..all() };
    for (replayed, left_alone) in [
        (&["6", "8"][..], &[][..]),
        (&["2", "4"], &[]),
        (&["0"], &["9"]),
        (&[], &["7", "9"]),
    ] {
        let report = scene.replay(&order).await.expect("replayed");
        let left: Vec<_> = report.left_alone.iter().map(|left| &left.id).collect();
        assert_eq!(report.replayed, replayed);
        assert_eq!(left, left_alone);
    }
    assert_eq!(scene.topic.messages.lock().await.len(), 5);
}

#[tokio::test]
async fn the_page_replays_no_more_than_it_asks_for() {
    let scene = Scene::new();
    for number in 0..5 {
        let mut letter = letter(&format!("{number}"), Reason::Unreadable);
        (letter.summary.identity, letter.summary.effect) = (None, None);
        scene.store.bury(letter).await.expect("a store");
    }
    let filter = |limit| {
        ReplaySelection::Filter(DeadLetterFilter {
            limit,
            ..DeadLetterFilter::default()
        })
    };
    for (limit, expected) in [(3, 3), (usize::MAX, 2), (0, 0)] {
        let request = ReplayRequest {
            selection: filter(limit),
            dry_run: false,
        };
        let replayed = scene.replayer().replay(request).await.expect("replayed");
        assert_eq!(replayed.len(), expected, "{limit}");
    }
}

#[test]
fn a_report_is_json_in_camel_case_throughout() {
    let report = ReplayReport {
        left_alone: vec![LeftAlone {
            id: "a".into(),
            reason: "why".into(),
            needs_accept_duplicates: true,
        }],
        ..ReplayReport::default()
    };
    let expected = json!({
        "dryRun": false, "replayed": [], "alreadyDone": [],
        "leftAlone": [{"id": "a", "reason": "why", "needsAcceptDuplicates": true}],
    });
    assert_eq!(serde_json::to_value(report).expect("JSON"), expected);
}

#[tokio::test]
async fn the_page_is_told_of_each_letter_what_became_of_it() {
    let scene = Scene::new();
    scene.effect_is(dead("a")).await;
    let mut anonymous = letter("b", Reason::Undelivered);
    (anonymous.summary.identity, anonymous.summary.effect) = (None, None);
    for letter in [letter("a", Reason::Rejected), anonymous] {
        scene.store.bury(letter).await.expect("a store");
    }
    let ids = ["a", "b", "zzz"].map(str::to_owned).to_vec();
    for (dry_run, expected) in [
        (true, ReplayOutcome::WouldReplay),
        (false, ReplayOutcome::Replayed),
    ] {
        let selection = ReplaySelection::Ids(ids.clone());
        let request = ReplayRequest { selection, dry_run };
        let replayed = scene.replayer().replay(request).await.expect("replayed");
        let outcomes: Vec<_> = replayed
            .iter()
            .map(|one| (one.id.as_str(), one.outcome))
            .collect();
        let left = [
            ("b", ReplayOutcome::NeedsAcceptDuplicates),
            ("zzz", ReplayOutcome::NotReplayable),
        ];
        assert_eq!(outcomes, [&[("a", expected)][..], &left].concat());
    }
    assert_eq!(scene.topic.messages.lock().await.len(), 1);
}
