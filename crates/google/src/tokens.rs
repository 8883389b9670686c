//! Google's tokens for outgoing calls: identity tokens for services that check who calls, access tokens for Google's own
//! APIs. They come from the credentials that the process runs with: those of the machine's service account, or a file's.
//! Google's client keeps each token until shortly before it ends and fetches it once for all who wait.

mod error;
mod source;

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::Instant;

pub use error::TokenError;
use source::{Source, Wanted};

/// A source that fails is made anew after this, and one whose token was refused not sooner than this after it was made. A
/// destination that refuses every call must not make us ask Google for a token at each.
const SOURCE_AGE_MIN: Duration = Duration::from_secs(10);

/// How tokens are got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenSettings {
    /// The longest that a call waits for a token.
    pub request_timeout: Duration,
    /// A metadata server to ask, such as `http://127.0.0.1:9400`, instead of going by the credentials of the environment.
    /// (`GCE_METADATA_HOST`, which Google's client reads itself, speaks over it.)
    pub metadata_endpoint: Option<String>,
}

impl Default for TokenSettings {
    fn default() -> Self {
        Self {
            request_timeout: Duration::from_secs(4),
            metadata_endpoint: None,
        }
    }
}

/// Gives tokens. One a process, used from one tokio runtime, which its background work runs on.
pub struct GoogleTokens {
    settings: TokenSettings,
    known: Mutex<HashMap<Wanted, Arc<Made>>>,
}

/// A source and when it was made.
struct Made {
    source: Source,
    at: Instant,
}

impl GoogleTokens {
    /// Asks for nothing yet.
    pub fn new(settings: TokenSettings) -> Self {
        Self {
            settings,
            known: Mutex::default(),
        }
    }

    /// A token that tells the service of `audience` who calls, such as `https://crm-1234.europe-west1.run.app`.
    pub async fn identity_token(&self, audience: &str) -> Result<String, TokenError> {
        self.token(Wanted::Identity(audience.to_owned())).await
    }

    /// A token for Google's APIs of `scopes`, such as `https://www.googleapis.com/auth/cloud-platform`.
    pub async fn access_token(&self, scopes: &[String]) -> Result<String, TokenError> {
        self.token(Wanted::Access(scopes.to_vec())).await
    }

    /// Drops the token for `audience` after it was refused, so that the next is a new one.
    pub fn forget_identity_token(&self, audience: &str) {
        self.forget(&Wanted::Identity(audience.to_owned()));
    }

    /// Drops the token of `scopes` after it was refused, so that the next is a new one.
    pub fn forget_access_token(&self, scopes: &[String]) {
        self.forget(&Wanted::Access(scopes.to_vec()));
    }

    async fn token(&self, wanted: Wanted) -> Result<String, TokenError> {
        let made = self.made(&wanted)?;
        // Google's client panics on some tokens that lack a field, and then at each question until it is made anew.
        let asking = AssertUnwindSafe(made.source.token()).catch_unwind();
        let failed = match tokio::time::timeout(self.settings.request_timeout, asking).await {
            Ok(Ok(Ok(token))) => return Ok(token),
            Ok(Ok(Err(error))) => error::refused(&wanted, &error),
            Ok(Err(_panic)) => TokenError::unreachable(&wanted, "the answer is no token"),
            Err(_elapsed) => TokenError::unreachable(
                &wanted,
                &format!("no answer within {:?}", self.settings.request_timeout),
            ),
        };
        self.drop_if_old(&wanted, &made);
        Err(failed)
    }

    fn made(&self, wanted: &Wanted) -> Result<Arc<Made>, TokenError> {
        let mut known = self.lock();
        if let Some(made) = known.get(wanted) {
            return Ok(Arc::clone(made));
        }
        let source = Source::make(wanted, self.settings.metadata_endpoint.as_deref())
            .map_err(|error| error::not_made(wanted, &error))?;
        let made = Arc::new(Made {
            source,
            at: Instant::now(),
        });
        known.insert(wanted.clone(), Arc::clone(&made));
        Ok(made)
    }

    fn forget(&self, wanted: &Wanted) {
        let made = self.lock().get(wanted).cloned();
        if let Some(made) = made {
            self.drop_if_old(wanted, &made);
        }
    }

    fn drop_if_old(&self, wanted: &Wanted, made: &Arc<Made>) {
        let mut known = self.lock();
        let is_known = known
            .get(wanted)
            .is_some_and(|known| Arc::ptr_eq(known, made));
        if is_known && made.at.elapsed() >= SOURCE_AGE_MIN {
            known.remove(wanted);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Wanted, Arc<Made>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
