//! Whose Google identity token a caller sent: the check of pushes' tokens, in words for those who run a publisher.

use std::sync::Arc;

use async_trait::async_trait;
use events::Clock;
use web::{PushCredentials, PushRefusal, Refusals, TokenVerifier};

use crate::push_tokens::{GooglePushTokens, TokenError, TokenFault, TokenProof};

/// Takes the callers that send a Google identity token for one of the audiences and of one of the service accounts.
pub struct GoogleCallerTokens {
    tokens: GooglePushTokens,
    refusals: Refusals,
    clock: Arc<dyn Clock>,
}

impl GoogleCallerTokens {
    /// A check of tokens that `proof` proves. Audiences and accounts are compared exactly; with none of either, nobody is
    /// let in.
    pub fn new(
        proof: TokenProof,
        audiences: Vec<String>,
        service_accounts: Vec<String>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            tokens: GooglePushTokens::new(proof, audiences, service_accounts, Arc::clone(&clock)),
            refusals: Refusals::default(),
            clock,
        }
    }
}

#[async_trait]
impl TokenVerifier for GoogleCallerTokens {
    async fn account(&self, credentials: PushCredentials<'_>) -> Result<&str, PushRefusal> {
        self.tokens
            .account(credentials)
            .await
            .map_err(|error| match error {
                TokenError::Refused(fault) => {
                    let check = fault.name();
                    if let Some(others) = self.refusals.tell(check, self.clock.now()) {
                        let reason = reason(fault);
                        tracing::warn!(check, "refused a caller: {reason}{others}");
                    }
                    PushRefusal::Refused
                }
                TokenError::KeysUnavailable => {
                    if let Some(others) = self.refusals.tell("keys", self.clock.now()) {
                        tracing::warn!("refused a caller for now: {error}{others}");
                    }
                    PushRefusal::Unavailable
                }
            })
    }
}

/// What is wrong with a caller's token, and what an operator can do.
fn reason(fault: TokenFault) -> String {
    let reason = match fault {
        TokenFault::NoToken => "it has no Authorization header with one bearer token",
        TokenFault::SignatureRemoved => {
            "Cloud Run has checked its token and taken the signature off: set callers to cloud-run-iam"
        }
        TokenFault::SignatureLeft => {
            "its token still has its signature, so Cloud Run has not checked it: require authentication on the Cloud Run \
             service, or set callers to google-id-token"
        }
        TokenFault::NotChecked => {
            "it has the header X-Serverless-Authorization, which Cloud Run checks instead of Authorization: send the token as \
             Authorization alone"
        }
        TokenFault::Expired => {
            "its token has ended; if it is a new one, look at this machine's clock"
        }
        TokenFault::NotYetValid => {
            "its token is made out for later; if it is a new one, look at this machine's clock"
        }
        TokenFault::Audience => {
            "its token is made out for an audience that id_token.audience doesn't name; if it is the tag's, put the tag's \
             audience there, which is the publisher's address without a path unless the tag says otherwise"
        }
        TokenFault::Email => {
            "its token has no verified e-mail address; the tag asks for one, others must too (includeEmail)"
        }
        TokenFault::ServiceAccount => {
            "its token is of an account that id_token.service_account doesn't name; if it is the tag's, put the tag's \
             service account there"
        }
        other => return other.to_string(),
    };
    reason.to_owned()
}
