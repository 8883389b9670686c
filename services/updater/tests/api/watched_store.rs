//! A store of held messages that counts what is asked of it, and fails or finds damage where a test says so.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use embedded::EmbeddedStore;
use events::Timestamp;
use store::{
    EventQuery, Found, HeldBacklog, HeldContent, HeldMessage, HeldMessages, HeldSummary, Payload,
    StoreUnavailable, Taken, UnreadableHeld, Wait, Wanted,
};

use crate::helpers::World;

/// What damaged messages still show.
pub const DAMAGED: &str = "what is left of it";

/// The world's own store, watched.
pub struct WatchedStore {
    store: Arc<EmbeddedStore>,
    operations: Mutex<Vec<&'static str>>,
    /// Of messages as they were held, by their ids.
    contents: Mutex<BTreeMap<String, HeldContent>>,
    trouble: Trouble,
}

/// What is wrong with the store; nothing by default.
#[derive(Default)]
pub struct Trouble {
    /// Which operation fails, by number: before it is done, or after, when only its answer is lost.
    pub fails_at: Option<usize>,
    pub is_done_all_the_same: bool,
    /// The identity of a message that can't be read.
    pub damaged: Option<&'static str>,
    /// Of that message only the content can be read, instead of everything else.
    pub only_content_is_left: bool,
    /// The identity of a message that the store fails to hand out.
    pub stuck: Option<&'static str>,
}

impl WatchedStore {
    pub fn of(world: &World, trouble: Trouble) -> Arc<Self> {
        Arc::new(Self {
            store: Arc::clone(&world.store),
            operations: Mutex::default(),
            contents: Mutex::default(),
            trouble,
        })
    }

    /// How many operations there were.
    pub fn operations(&self) -> usize {
        self.operations.lock().expect("no panic").len()
    }

    /// How many there were of that name.
    pub fn count(&self, name: &str) -> usize {
        let operations = self.operations.lock().expect("no panic");
        operations.iter().filter(|one| **one == name).count()
    }

    fn remember(&self, message: HeldMessage) {
        let (summary, content) = message.into_parts();
        let mut contents = self.contents.lock().expect("no panic");
        contents.insert(summary.id, content);
    }

    fn unreadable(&self, seen: HeldSummary) -> UnreadableHeld {
        let problem = "not JSON at column 1".to_owned();
        if !self.trouble.only_content_is_left {
            return UnreadableHeld {
                id: seen.id,
                destination: seen.destination,
                identity: Some(seen.identity),
                event_id: seen.event_id,
                content: HeldContent::of_unreadable(DAMAGED.into()),
                problem,
            };
        }
        let contents = self.contents.lock().expect("no panic");
        UnreadableHeld {
            content: contents[&seen.id].clone(),
            id: seen.id,
            destination: seen.destination,
            identity: None,
            event_id: None,
            problem,
        }
    }

    async fn watched<T>(
        &self,
        name: &'static str,
        operation: impl Future<Output = Result<T, StoreUnavailable>> + Send,
    ) -> Result<T, StoreUnavailable> {
        let number = {
            let mut operations = self.operations.lock().expect("no panic");
            operations.push(name);
            operations.len() - 1
        };
        if Some(number) != self.trouble.fails_at {
            return operation.await;
        }
        if self.trouble.is_done_all_the_same {
            operation.await?;
        }
        Err(StoreUnavailable::new("away for a test"))
    }
}

#[async_trait]
impl HeldMessages for WatchedStore {
    async fn hold(&self, message: HeldMessage) -> Result<bool, StoreUnavailable> {
        self.remember(message.clone());
        self.watched("hold", self.store.hold(message)).await
    }

    async fn due(
        &self,
        destination: &str,
        wanted: Wanted,
        limit: usize,
    ) -> Result<Found, StoreUnavailable> {
        let asking = self.store.due(destination, wanted, limit);
        let mut found = self.watched("due", asking).await?;
        let is_damaged = |seen: &HeldSummary| Some(seen.identity.as_str()) == self.trouble.damaged;
        let (damaged, whole) = found.messages.into_iter().partition(is_damaged);
        found.messages = whole;
        let damaged: Vec<HeldSummary> = damaged;
        let damaged = damaged.into_iter().map(|seen| self.unreadable(seen));
        found.unreadable.extend(damaged);
        Ok(found)
    }

    async fn waited_for(&self, destination: &str) -> Result<Vec<String>, StoreUnavailable> {
        let asking = self.store.waited_for(destination);
        self.watched("waited_for", asking).await
    }

    async fn take(&self, seen: &HeldSummary, until: Timestamp) -> Result<Taken, StoreUnavailable> {
        if Some(seen.identity.as_str()) == self.trouble.stuck {
            return Err(StoreUnavailable::new("not this one"));
        }
        self.watched("take", self.store.take(seen, until)).await
    }

    async fn put_off(&self, taken: &HeldSummary, wait: Wait) -> Result<(), StoreUnavailable> {
        self.watched("put_off", self.store.put_off(taken, wait))
            .await
    }

    async fn set_aside(
        &self,
        unreadable: &UnreadableHeld,
        until: Timestamp,
    ) -> Result<(), StoreUnavailable> {
        let setting_aside = self.store.set_aside(unreadable, until);
        self.watched("set_aside", setting_aside).await
    }

    async fn release(&self, taken: &HeldSummary) -> Result<(), StoreUnavailable> {
        self.watched("release", self.store.release(taken)).await
    }

    async fn backlog(&self) -> Result<Vec<HeldBacklog>, StoreUnavailable> {
        self.watched("backlog", self.store.backlog()).await
    }

    async fn find_held(&self, query: &EventQuery) -> Result<Vec<HeldSummary>, StoreUnavailable> {
        self.watched("find_held", self.store.find_held(query)).await
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreUnavailable> {
        self.watched("purge", HeldMessages::purge(&*self.store, now))
            .await
    }
}

/// What a letter of a damaged message keeps.
pub fn left_of_damaged() -> Payload {
    Payload::Text(DAMAGED.into())
}
