use std::sync::Arc;
use std::time::Duration;

use bus::{Bus, Message, MessageId, PublishError, attribute};
use embedded::{EmbeddedStore, StoreSettings};
use events::FixedClock;
use store::dead_letters::Payload;
use store::{
    Advance, Change, Claim, ClaimRequest, DeadLetter, DeadLetterSummary, DeadLetters, EffectState,
    EventQuery, EventReference, Ledger, RequestedEffect,
};
use tokio::sync::Mutex;

use super::replay::{Replayer, Report, objection};
use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_764_060_000_000);
const IDENTITY: &str = "purchase:ORD-1";
const EFFECT: &str = "purchase:ORD-1/points";

/// Takes messages, or refuses them.
#[derive(Default)]
struct Topic {
    messages: Mutex<Vec<Message>>,
    down: bool,
}

#[async_trait::async_trait]
impl Bus for Topic {
    async fn publish(&self, topic: &str, message: Message) -> Result<MessageId, PublishError> {
        assert_eq!(topic, "backend-updates");
        if self.down {
            let (reason, retry_after) = ("down".into(), Duration::ZERO);
            return Err(PublishError::Unavailable {
                reason,
                retry_after,
            });
        }
        self.messages.lock().await.push(message);
        Ok(MessageId("1".into()))
    }

    async fn ready(&self) -> Result<(), PublishError> {
        Ok(())
    }
}

struct Scene {
    store: EmbeddedStore,
    topic: Topic,
    clock: Arc<FixedClock>,
    _directory: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("store.sqlite");
        let store = EmbeddedStore::open(&file, StoreSettings::default()).expect("a store");
        let clock = Arc::new(FixedClock::new(NOW));
        Self {
            store,
            topic: Topic::default(),
            clock,
            _directory: directory,
        }
    }

    async fn replay(&self, arguments: &ReplayArguments) -> anyhow::Result<Report> {
        let replayer = Replayer {
            ledger: &self.store,
            dead_letters: &self.store,
            bus: &self.topic,
            clock: &self.clock,
            topic: "backend-updates",
        };
        replayer.replay(arguments).await
    }

    /// Brings the effect into `state`, as the updater would.
    async fn effect_is(&self, state: EffectState) {
        let effects = vec![RequestedEffect {
            key: EFFECT.into(),
            route: "points".into(),
            element: None,
        }];
        let request = ClaimRequest {
            event: EventReference {
                identity: IDENTITY.into(),
                content_hash: "hash".into(),
                event_id: Some("evt-1".into()),
                event_type: Some("purchase".into()),
                received: NOW,
            },
            destination: "loyalty".into(),
            effects,
            owner: "test".into(),
            now: NOW,
            lease: Duration::from_secs(1),
            grace: Duration::ZERO,
            expires: NOW.plus(Duration::from_secs(86_400)),
        };
        let Claim::Granted { lease, .. } = self.store.claim(request).await.expect("a store") else {
            panic!("the effect can't be claimed")
        };
        let changes = vec![Change {
            key: EFFECT.into(),
            state,
            attempt: None,
        }];
        self.store
            .advance(Advance {
                lease,
                changes,
                until: None,
            })
            .await
            .expect("a lease");
    }

    async fn effect(&self) -> (EffectState, u32) {
        let query = EventQuery::Identity(IDENTITY.into());
        let records = self.store.find(&query).await.expect("a store");
        let effect = &records[0].effects[EFFECT];
        (effect.state.clone(), effect.generation)
    }

    async fn replayed(&self, id: &str) -> bool {
        let letter = self
            .store
            .get(id)
            .await
            .expect("a store")
            .expect("a letter");
        letter.summary.replayed.is_some()
    }
}

fn letter(id: &str, reason: Reason) -> DeadLetter {
    DeadLetter {
        summary: DeadLetterSummary {
            id: id.into(),
            reason,
            detail: "answered 422".into(),
            at: NOW,
            identity: Some(IDENTITY.into()),
            event_id: Some("evt-1".into()),
            event_type: Some("purchase".into()),
            destination: Some("loyalty".into()),
            route: Some("points".into()),
            effect: Some(EFFECT.into()),
            attempts: 1,
            value: None,
            message_id: "17".into(),
            replayed: None,
        },
        answer: None,
        payload: Payload::Base64("e30=".into()),
        attributes: [
            ("eventType", "purchase"),
            (attribute::DEAD_LETTER_SUBSCRIPTION, "x"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into(),
        expires: NOW.plus(Duration::from_secs(86_400)),
    }
}

fn dead(id: &str) -> EffectState {
    EffectState::Dead { letter: id.into() }
}

fn all() -> ReplayArguments {
    ReplayArguments {
        rate: 10_000,
        ..ReplayArguments::default()
    }
}

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
    let dry = ReplayArguments {
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
    let mut scene = Scene::new();
    scene.effect_is(dead("a")).await;
    scene
        .store
        .bury(letter("a", Reason::Rejected))
        .await
        .expect("a store");
    scene.topic.down = true;
    let error = scene.replay(&all()).await.expect_err("the bus is down");
    assert!(error.to_string().contains("harmless"), "{error}");
    assert!(!scene.replayed("a").await);
    scene.topic.down = false;
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
    let named = ReplayArguments {
        ids: vec!["zzz".into()],
        ..all()
    };
    let report = scene.replay(&named).await.expect("a report");
    assert!(report.left_alone[0].reason.contains("no such letter"));
}

#[test]
fn what_must_not_be_replayed_lightly_is_left_alone_with_a_reason() {
    let by_id = ReplayArguments {
        ids: vec!["a".into()],
        ..all()
    };
    let by_reason = ReplayArguments {
        selection: Selection {
            reason: Some(Reason::OutcomeUnknown),
            ..Selection::default()
        },
        ..all()
    };
    let accepting = ReplayArguments {
        accept_duplicates: true,
        ..all()
    };
    let (kept, anonymous) = (Some(IDENTITY), Some("pubsub:17"));
    let cases: [(Reason, Option<&str>, &ReplayArguments, Option<&str>); 10] = [
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
    for (reason, identity, arguments, expected) in cases {
        let mut summary = letter("a", reason).summary;
        summary.identity = identity.map(str::to_owned);
        let objection = objection(&summary, arguments);
        match expected {
            None => assert_eq!(objection, None, "{reason:?}, {identity:?}"),
            Some(words) => assert!(objection.expect(words).contains(words), "{reason:?}"),
        }
    }
}

#[test]
fn a_selection_takes_times_and_durations_and_names_the_reasons() {
    assert_eq!(parse_since("2025-11-25T08:40:00Z"), Ok(Since::At(NOW)));
    let selection = Selection {
        since: parse_since("24h").ok(),
        ..Selection::default()
    };
    assert_eq!(
        selection.filter(NOW, 1).since,
        Some(NOW.minus(Duration::from_secs(86_400)))
    );
    assert!(parse_since("yesterday").is_err());
    assert!(
        parse_reason("lost")
            .expect_err("no reason")
            .contains("outcome-unknown")
    );
}
