//! Secrets that were read, kept until a destination refuses one.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use events::{Clock, Timestamp};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};

use super::{SecretError, SecretSource, SecretText};

/// A destination that refuses every call must not use up the quota of the place where secrets are kept: a refused secret is
/// read again at most once in this time.
const READ_AGAIN_AFTER: Duration = Duration::from_secs(10);

type Reading = Shared<BoxFuture<'static, Result<SecretText, SecretError>>>;

/// Secrets that were read. Failures are not kept: a secret that is added while the service runs is found at the next call.
/// However many ask for one secret at the same time, it is read once for all.
pub struct Secrets {
    source: Arc<dyn SecretSource>,
    clock: Arc<dyn Clock>,
    known: Arc<Mutex<HashMap<String, Known>>>,
}

#[derive(Default)]
struct Known {
    secret: Option<SecretText>,
    is_refused: bool,
    /// When it was last read again because it was refused.
    read_again_at: Option<Timestamp>,
    /// The read under way.
    reading: Option<Reading>,
}

impl Known {
    fn usable(&self, now: Timestamp) -> Option<&SecretText> {
        let wait = READ_AGAIN_AFTER;
        // A clock that was set back must not make the wait longer.
        let may_read_again = self
            .read_again_at
            .is_none_or(|at| now < at || now >= at.plus(wait));
        let is_stale = self.is_refused && may_read_again;
        self.secret.as_ref().filter(|_| !is_stale)
    }
}

impl Secrets {
    /// Nothing read yet.
    pub fn new(source: Arc<dyn SecretSource>, clock: Arc<dyn Clock>) -> Self {
        Self {
            source,
            clock,
            known: Arc::default(),
        }
    }

    /// The secret of that name. Needs a tokio runtime: a read goes on when who asked first stops waiting.
    pub async fn get(&self, name: &str) -> Result<SecretText, SecretError> {
        let reading = {
            let now = self.clock.now();
            let mut known = lock(&self.known);
            let entry = known.entry(name.to_owned()).or_default();
            if let Some(reading) = &entry.reading {
                reading.clone()
            } else if let Some(secret) = entry.usable(now) {
                return Ok(secret.clone());
            } else {
                if entry.is_refused {
                    entry.read_again_at = Some(now);
                }
                entry.reading.insert(self.read(name)).clone()
            }
        };
        reading.await
    }

    /// Notes that a destination refused this secret, so that a rotated one is read at the next call. A refusal of any other
    /// text, such as that of a call which began before the secret was read again, says nothing about the one that is kept.
    pub fn refused(&self, name: &str, secret: &SecretText) {
        if let Some(entry) = lock(&self.known).get_mut(name)
            && entry.secret.as_ref() == Some(secret)
        {
            entry.is_refused = true;
        }
    }

    fn read(&self, name: &str) -> Reading {
        let (source, known, name) = (
            Arc::clone(&self.source),
            Arc::clone(&self.known),
            name.to_owned(),
        );
        let broken_off = SecretError::Unreadable {
            name: name.clone(),
            reason: "reading it was broken off".into(),
        };
        let otherwise = broken_off.clone();
        let task = tokio::spawn(async move {
            // A source that panics must not leave a read behind that never ends.
            let read = AssertUnwindSafe(source.read(&name)).catch_unwind().await;
            finish(&known, &name, read.unwrap_or(Err(broken_off)))
        });
        async move { task.await.unwrap_or(Err(otherwise)) }
            .boxed()
            .shared()
    }
}

/// Keeps what was read. A secret that can't be read again now stays: the refusal may have been a passing one. One that is
/// gone does not.
fn finish(
    known: &Mutex<HashMap<String, Known>>,
    name: &str,
    read: Result<SecretText, SecretError>,
) -> Result<SecretText, SecretError> {
    let mut known = lock(known);
    let Some(entry) = known.get_mut(name) else {
        return read;
    };
    entry.reading = None;
    match (&read, &entry.secret) {
        (Ok(secret), _) => {
            entry.secret = Some(secret.clone());
            entry.is_refused = false;
            read
        }
        (Err(error @ SecretError::Unreadable { .. }), Some(secret)) => {
            tracing::warn!("a destination refused its secret, and {error}; the old one is used");
            Ok(secret.clone())
        }
        (Err(_), _) => {
            known.remove(name);
            read
        }
    }
}

fn lock(known: &Mutex<HashMap<String, Known>>) -> MutexGuard<'_, HashMap<String, Known>> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}
