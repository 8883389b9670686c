//! The public keys that Google signs with, fetched when they are needed and kept.
//!
//! However many tokens come at once, one fetch is under way. Keys in use are renewed before they are stale, beside the
//! tokens that are checked meanwhile. Once there are keys, there is at most one fetch a minute, whatever strangers send.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use events::{Clock, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::fetch::{FetchError, Fetched, Keys, fetch};
use super::id_token::{IdToken, Parts, TokenError, TokenFault};

/// Where Google publishes the keys of its identity tokens.
pub const GOOGLE_KEYS_URL: &str = "https://www.googleapis.com/oauth2/v3/certs";

/// Between fetches while there are keys.
const PAUSE: Duration = Duration::from_secs(60);
/// Between fetches while there are none, and every push waits for them.
const PAUSE_WITHOUT_KEYS: Duration = Duration::from_secs(1);
/// The longest that a token waits for keys. Callers such as the tag give up after three seconds, and are to have an answer
/// before; a fetch that takes longer goes on for the tokens that come after.
const PATIENCE: Duration = Duration::from_secs(2);

/// Google's public keys. One a process, shared by everything that checks Google's tokens.
pub struct GoogleKeys {
    url: String,
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
    held: RwLock<Held>,
    /// Taken by whoever fetches.
    fetching: Arc<Mutex<()>>,
}

#[derive(Default)]
struct Held {
    keys: Keys,
    fetched: Timestamp,
    max_age: Duration,
    /// When the last fetch ended, however it ended.
    tried: Option<Timestamp>,
    is_last_failed: bool,
}

/// What is known of a key without waiting.
enum LookUp {
    Key(Arc<DecodingKey>),
    /// It is good still, and it is time to ask for new ones.
    KeyToRenew(Arc<DecodingKey>),
    FetchFirst,
    Nothing(TokenError),
}

impl GoogleKeys {
    /// Keys that `url` publishes as a JSON Web Key Set. Nothing is fetched before the first token comes.
    pub fn new(url: impl Into<String>, http: reqwest::Client, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            url: url.into(),
            http,
            clock,
            held: RwLock::default(),
            fetching: Arc::default(),
        })
    }

    /// What `token` says, once its signature is proven to be Google's. Who it is of and for, and its times, are for the
    /// caller to check.
    pub async fn verified(self: &Arc<Self>, token: &str) -> Result<IdToken, TokenError> {
        let parts = Parts::of(token)?;
        let key = self.key(parts.key_id()?).await?;
        let (signed, signature) = (parts.signed.as_bytes(), parts.signature);
        match crypto::verify(signature, signed, &key, Algorithm::RS256) {
            Ok(true) => Ok(parts.claims()?),
            Ok(false) | Err(_) => Err(TokenFault::Signature.into()),
        }
    }

    async fn key(self: &Arc<Self>, key_id: &str) -> Result<Arc<DecodingKey>, TokenError> {
        if let Some(answer) = self.answer(key_id) {
            return answer;
        }
        let fetched = tokio::time::timeout(PATIENCE, self.key_after_fetch(key_id)).await;
        // What becomes of a fetch that takes so long nobody knows, and as long as it hasn't ended the old keys stay.
        fetched.unwrap_or_else(|_| self.held_key(key_id).ok_or(TokenError::KeysUnavailable))
    }

    async fn key_after_fetch(
        self: &Arc<Self>,
        key_id: &str,
    ) -> Result<Arc<DecodingKey>, TokenError> {
        let turn = Arc::clone(&self.fetching).lock_owned().await;
        // Somebody else may have fetched while this one waited.
        if let Some(answer) = self.answer(key_id) {
            return answer;
        }
        // In a task of its own: a caller that hangs up must not break off what the others wait for.
        if tokio::spawn(Arc::clone(self).renew(turn)).await.is_err() {
            tracing::error!("the fetch of Google's keys broke off");
        }
        self.answer(key_id)
            .unwrap_or(Err(TokenError::KeysUnavailable))
    }

    /// Nothing if a fetch must come first.
    fn answer(self: &Arc<Self>, key_id: &str) -> Option<Result<Arc<DecodingKey>, TokenError>> {
        let now = self.clock.now();
        let found = self
            .held
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .look_up(key_id, now);
        match found {
            LookUp::Key(key) => Some(Ok(key)),
            LookUp::KeyToRenew(key) => {
                if let Ok(turn) = Arc::clone(&self.fetching).try_lock_owned() {
                    tokio::spawn(Arc::clone(self).renew(turn));
                }
                Some(Ok(key))
            }
            LookUp::FetchFirst => None,
            LookUp::Nothing(error) => Some(Err(error)),
        }
    }

    /// The key of that name, however old.
    fn held_key(&self, key_id: &str) -> Option<Arc<DecodingKey>> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        held.keys.get(key_id).cloned()
    }

    /// Fetches the keys; `_turn` keeps others from doing so meanwhile.
    async fn renew(self: Arc<Self>, _turn: OwnedMutexGuard<()>) {
        let fetched = fetch(&self.http, &self.url).await;
        let now = self.clock.now();
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        match &fetched {
            Ok(fetched) => tracing::info!(keys = fetched.keys.len(), "fetched Google's keys"),
            Err(error) => tracing::warn!(
                old_keys = held.keys.len(),
                "can't fetch Google's keys from {}: {error}; the old ones stay, and without any no token is taken",
                self.url
            ),
        }
        held.take(fetched, now);
    }
}

impl Held {
    fn look_up(&self, key_id: &str, now: Timestamp) -> LookUp {
        let pause = match self.keys.is_empty() {
            true => PAUSE_WITHOUT_KEYS,
            false => PAUSE,
        };
        let may_fetch = self.tried.is_none_or(|tried| passed(pause, tried, now));
        // A fifth ahead, so that no token waits for the keys that follow.
        let is_due = passed(self.max_age * 4 / 5, self.fetched, now);
        let is_stale = passed(self.max_age, self.fetched, now);
        match self.keys.get(key_id).cloned() {
            Some(key) if !is_due || !may_fetch => LookUp::Key(key),
            // Where the last fetch failed, the next may take as long, and no token should wait for it.
            Some(key) if !is_stale || self.is_last_failed => LookUp::KeyToRenew(key),
            _ if may_fetch => LookUp::FetchFirst,
            _ if self.keys.is_empty() => LookUp::Nothing(TokenError::KeysUnavailable),
            _ => LookUp::Nothing(TokenFault::UnknownKey.into()),
        }
    }

    fn take(&mut self, fetched: Result<Fetched, FetchError>, now: Timestamp) {
        self.tried = Some(now);
        self.is_last_failed = fetched.is_err();
        if let Ok(fetched) = fetched {
            self.keys = fetched.keys;
            self.max_age = fetched.max_age;
            self.fetched = now;
        }
    }
}

/// A machine's clock can be set back; a moment that lies ahead says nothing, and counts as long ago.
fn passed(duration: Duration, since: Timestamp, now: Timestamp) -> bool {
    now < since || now.since(since) >= duration
}
