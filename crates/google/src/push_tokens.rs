//! Who sent a push: the Google identity token that Pub/Sub puts on each, checked against what is set.
//!
//! Not with google-cloud-auth's own verifier, which refuses valid tokens when several come at once, panics at a token
//! without `email_verified`, and fetches Google's keys once for every unknown one. Here the keys ([`GoogleKeys`]) and
//! what a token says ([`IdToken`]) are apart from which pushes are taken ([`GooglePushTokens`]).

mod fetch;
mod id_token;
mod keys;
mod verified;

use std::sync::Arc;

use async_trait::async_trait;
use events::Clock;
use web::{PushCallers, PushCallersMode, PushCredentials, PushRefusal, PushVerifier, Refusals};

pub use id_token::{IdToken, TokenError, TokenFault};
pub use keys::{GOOGLE_KEYS_URL, GoogleKeys};
use verified::VerifiedTokens;

/// Pub/Sub puts one token on many messages, and a token lives for an hour: a process sees few at a time.
const MAX_VERIFIED_TOKENS: usize = 1_000;

/// Who proves that a token's claims are Google's.
pub enum TokenProof {
    /// Its signature, checked here.
    Signature(Arc<GoogleKeys>),
    /// Cloud Run's IAM check, which takes the signature off.
    CloudRunIam,
}

/// Takes the pushes that carry a Google identity token for one of the audiences and of one of the service accounts.
pub struct GooglePushTokens {
    proof: TokenProof,
    audiences: Vec<String>,
    service_accounts: Vec<String>,
    verified: VerifiedTokens,
    refusals: Refusals,
    clock: Arc<dyn Clock>,
}

impl GooglePushTokens {
    /// A check of tokens that `proof` proves. Audiences and accounts are compared exactly; with none of either, no push is
    /// taken.
    pub fn new(
        proof: TokenProof,
        audiences: Vec<String>,
        service_accounts: Vec<String>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            proof,
            audiences,
            service_accounts,
            verified: VerifiedTokens::new(MAX_VERIFIED_TOKENS),
            refusals: Refusals::default(),
            clock,
        }
    }

    /// The check that the settings name, with the keys at `keys_url`, fetched through `http`. Nothing for the modes
    /// that ask nobody.
    pub fn from_settings(
        callers: &PushCallers,
        keys_url: &str,
        http: reqwest::Client,
        clock: Arc<dyn Clock>,
    ) -> Option<Self> {
        let proof = match callers.mode {
            PushCallersMode::None | PushCallersMode::TrustedNetwork => return None,
            PushCallersMode::Verify => {
                TokenProof::Signature(GoogleKeys::new(keys_url, http, Arc::clone(&clock)))
            }
            PushCallersMode::CloudRunIam => TokenProof::CloudRunIam,
        };
        let (audiences, accounts) = (callers.audience.clone(), callers.service_account.clone());
        Some(Self::new(proof, audiences, accounts, clock))
    }

    /// The same as `verify`, and says what was wrong.
    pub async fn check(&self, credentials: PushCredentials<'_>) -> Result<(), TokenError> {
        self.account(credentials).await.map(drop)
    }

    /// The same as `check`, and says which of the service accounts it is.
    pub async fn account(&self, credentials: PushCredentials<'_>) -> Result<&str, TokenError> {
        let token = bearer(credentials.authorization).ok_or(TokenFault::NoToken)?;
        let account = match &self.proof {
            TokenProof::Signature(keys) => {
                if let Some(known) = self.verified.account(token, self.clock.now()) {
                    return self.named(known).map_err(Into::into);
                }
                let read = keys.verified(token).await?;
                // The time after the wait for the keys, if there was one.
                let account = self.check_claims(&read)?;
                self.verified.remember(token, read.ends(), account);
                account
            }
            TokenProof::CloudRunIam if credentials.has_serverless_authorization => {
                return Err(TokenFault::NotChecked.into());
            }
            TokenProof::CloudRunIam => self.check_claims(&IdToken::without_signature(token)?)?,
        };
        self.named(account).map_err(Into::into)
    }

    fn named(&self, account: usize) -> Result<&str, TokenFault> {
        let account = self.service_accounts.get(account);
        account
            .map(String::as_str)
            .ok_or(TokenFault::ServiceAccount)
    }

    /// The place of the token's account among those that are taken.
    fn check_claims(&self, token: &IdToken) -> Result<usize, TokenFault> {
        token.check_issuer_and_times(self.clock.now())?;
        if !self.audiences.contains(&token.audience) {
            return Err(TokenFault::Audience);
        }
        let email = token.verified_email().ok_or(TokenFault::Email)?;
        let mut accounts = self.service_accounts.iter();
        accounts
            .position(|account| account == email)
            .ok_or(TokenFault::ServiceAccount)
    }
}

#[async_trait]
impl PushVerifier for GooglePushTokens {
    async fn verify(&self, credentials: PushCredentials<'_>) -> Result<(), PushRefusal> {
        self.check(credentials).await.map_err(|error| match error {
            TokenError::Refused(fault) => {
                let check = fault.name();
                if let Some(others) = self.refusals.tell(check, self.clock.now()) {
                    tracing::warn!(check, "refused a push: {fault}{others}");
                }
                PushRefusal::Refused
            }
            TokenError::KeysUnavailable => {
                if let Some(others) = self.refusals.tell("keys", self.clock.now()) {
                    tracing::warn!("refused a push for now: {error}{others}");
                }
                PushRefusal::Unavailable
            }
        })
    }
}

/// The token of an `Authorization` header. The name of the scheme may be written in any case.
fn bearer(authorization: Option<&str>) -> Option<&str> {
    let (scheme, token) = authorization?.split_once(' ')?;
    let token = token.trim_matches(' ');
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
