//! A store with one effect, and a topic that may be down.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bus::{Bus, Message, MessageId, PublishError, attribute};
use embedded::{EmbeddedStore, StoreSettings};
use events::{FixedClock, Timestamp};
use store::dead_letters::Payload;
use store::{
    Advance, Attempt, Change, Claim, ClaimRequest, DeadLetter, DeadLetterFilter, DeadLetterSummary,
    DeadLetters, EffectState, EventQuery, EventReference, Ledger, Outcome, Reason, RequestedEffect,
};
use tokio::sync::Mutex;

use super::super::{BusReplayer, ReplayOrder, ReplayReport};
use crate::replayer::ReplaySelection;

pub(super) const NOW: Timestamp = Timestamp::from_millis(1_764_060_000_000);
pub(super) const IDENTITY: &str = "purchase:ORD-1";
const EFFECT: &str = "purchase:ORD-1/points";

/// Takes messages, or refuses them.
#[derive(Default)]
pub(super) struct Topic {
    pub(super) messages: Mutex<Vec<Message>>,
    pub(super) down: AtomicBool,
}

#[async_trait::async_trait]
impl Bus for Topic {
    async fn publish(&self, topic: &str, message: Message) -> Result<MessageId, PublishError> {
        assert_eq!(topic, "backend-updates");
        if self.down.load(Ordering::SeqCst) {
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

pub(super) struct Scene {
    pub(super) store: Arc<EmbeddedStore>,
    pub(super) topic: Arc<Topic>,
    clock: Arc<FixedClock>,
    _directory: tempfile::TempDir,
}

impl Scene {
    pub(super) fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("store.sqlite");
        let store = EmbeddedStore::open(&file, StoreSettings::default()).expect("a store");
        Self {
            store: Arc::new(store),
            topic: Arc::default(),
            clock: Arc::new(FixedClock::new(NOW)),
            _directory: directory,
        }
    }

    pub(super) async fn replay(&self, order: &ReplayOrder) -> anyhow::Result<ReplayReport> {
        self.replayer().replay_letters(order, || ()).await
    }

    pub(super) fn replayer(&self) -> BusReplayer {
        BusReplayer {
            ledger: self.store.clone(),
            dead_letters: self.store.clone(),
            bus: self.topic.clone(),
            clock: self.clock.clone(),
            topic: "backend-updates".into(),
        }
    }

    /// Brings the effect into `state`, as the updater would.
    pub(super) async fn effect_is(&self, state: EffectState) {
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
        let refusal = Attempt {
            number: 1,
            generation: 1,
            may_be_done: false,
            at: NOW,
            took_ms: 1,
            outcome: Outcome::Reject,
            status: Some(422),
            note: "answered 422".into(),
        };
        let changes = vec![Change {
            key: EFFECT.into(),
            state,
            attempt: Some(refusal),
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

    pub(super) async fn effect(&self) -> (EffectState, u32) {
        let query = EventQuery::Identity(IDENTITY.into());
        let records = self.store.find(&query).await.expect("a store");
        let effect = &records[0].effects[EFFECT];
        (effect.state.clone(), effect.generation)
    }

    pub(super) async fn replayed(&self, id: &str) -> bool {
        let letter = self
            .store
            .get(id)
            .await
            .expect("a store")
            .expect("a letter");
        letter.summary.replayed.is_some()
    }
}

pub(super) fn letter(id: &str, reason: Reason) -> DeadLetter {
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

pub(super) fn dead(id: &str) -> EffectState {
    EffectState::Dead { letter: id.into() }
}

pub(super) fn all() -> ReplayOrder {
    ReplayOrder {
        selection: ReplaySelection::Filter(DeadLetterFilter::default()),
        dry_run: false,
        letters_per_second: 10_000,
        accept_duplicates: false,
    }
}

pub(super) fn named(id: &str) -> ReplayOrder {
    ReplayOrder {
        selection: ReplaySelection::Ids(vec![id.into()]),
        ..all()
    }
}
