//! Who may publish, and which of the known callers it is.

mod fault;
mod setup;
mod signature;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use ::web::{Hosts, Problem, PushCredentials, PushRefusal, Refusals, TokenVerifier};
use actix_web::http::header::HeaderMap;
use events::Timestamp;
use subtle::ConstantTimeEq;

pub use fault::CallerFault;
pub use setup::CallerSetupError;
pub(crate) use setup::unused;
use signature::SignedHead;
pub use signature::{SigningKey, SigningKeyError};

use crate::settings::Secret;

const KEY_HEADER: &str = "x-talaria-key";

/// Decides whether a request's sender may publish.
pub struct CallerCheck {
    way: Way,
    refusals: Refusals,
}

enum Way {
    /// Anybody on this machine.
    Anybody,
    /// Whatever reaches the address.
    TrustedNetwork,
    /// Who sends one of these.
    SharedSecret(Vec<Secret>),
    /// Who signs with one of these.
    Hmac(Vec<SigningKey>),
    /// Whose token the verifier knows, by these accounts.
    Token {
        verifier: Arc<dyn TokenVerifier>,
        accounts: Vec<String>,
    },
}

/// A caller who has proven who he is: the place of his secret, key or account among those that are set. Callers that prove
/// nothing are all one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller(pub(crate) usize);

/// What the head of a request says of its sender.
#[derive(Debug)]
pub enum HeadProof<'a> {
    /// Who he is.
    Known(Caller),
    /// That he has signed the body, which is to be read and checked.
    Signed(SignedHead<'a>),
}

impl CallerCheck {
    fn new(way: Way) -> Self {
        Self {
            way,
            refusals: Refusals::default(),
        }
    }

    /// Under which names the publisher answers. A browser on this machine could be led here by another site's page.
    pub(crate) fn hosts(&self) -> Hosts {
        match self.way {
            Way::Anybody => Hosts::LoopbackNames,
            _ => Hosts::Any,
        }
    }

    /// How many callers it tells apart.
    pub(crate) fn callers(&self) -> usize {
        match &self.way {
            Way::Anybody | Way::TrustedNetwork => 1,
            Way::SharedSecret(secrets) => secrets.len(),
            Way::Hmac(keys) => keys.len(),
            Way::Token { accounts, .. } => accounts.len(),
        }
    }

    /// Refuses who may not publish, with 401 whatever was wrong. Needs only the head of the request, so a flood of strangers
    /// costs no reading.
    pub async fn check_head<'a>(
        &self,
        headers: &'a HeaderMap,
        now: Timestamp,
    ) -> Result<HeadProof<'a>, Problem> {
        let proven = match &self.way {
            Way::Anybody | Way::TrustedNetwork => Ok(HeadProof::Known(Caller(0))),
            Way::SharedSecret(secrets) => known_secret(secrets, headers).map(HeadProof::Known),
            Way::Hmac(_) => SignedHead::read(headers, now).map(HeadProof::Signed),
            Way::Token { verifier, accounts } => {
                let account = verifier.account(PushCredentials::of(headers)).await;
                // What was wrong is in the log already.
                return account
                    .and_then(|account| place_of(account, accounts))
                    .map(HeadProof::Known)
                    .map_err(|refusal| self.answer_to_token(refusal));
            }
        };
        proven.map_err(|fault| self.refuse(fault, now))
    }

    /// Who sent a request with this head and this body.
    pub fn check_body(
        &self,
        proof: HeadProof<'_>,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Caller, Problem> {
        let head = match proof {
            HeadProof::Known(caller) => return Ok(caller),
            HeadProof::Signed(head) => head,
        };
        let keys: &[SigningKey] = match &self.way {
            Way::Hmac(keys) => keys,
            _ => &[],
        };
        let signer = head.signer(keys, body).map(Caller);
        signer.ok_or_else(|| self.refuse(CallerFault::WrongSignature, now))
    }

    /// The answer to a stranger, and a line for the operator once in a while.
    fn refuse(&self, fault: CallerFault, now: Timestamp) -> Problem {
        let check = fault.name();
        if let Some(others) = self.refusals.tell(check, now) {
            tracing::warn!(check, "refused a caller: {fault}{others}");
        }
        self.unknown()
    }

    fn answer_to_token(&self, refusal: PushRefusal) -> Problem {
        match refusal {
            PushRefusal::Refused => self.unknown(),
            PushRefusal::Unavailable => Problem::unavailable(
                "the caller can't be checked now; send it again",
                std::time::Duration::from_secs(1),
            ),
        }
    }

    /// The same whatever was wrong: a stranger learns only how callers prove themselves.
    fn unknown(&self) -> Problem {
        match self.way {
            Way::Token { .. } => {
                Problem::unauthorized("send a Google identity token as a bearer token", "Bearer")
            }
            Way::Hmac(_) => Problem::unauthorized(
                "sign the request with webhook-id, webhook-timestamp and webhook-signature, as Standard Webhooks has it",
                "Standard-Webhooks",
            ),
            Way::SharedSecret(_) | Way::Anybody | Way::TrustedNetwork => Problem::unauthorized(
                "send the shared secret in the header X-Talaria-Key",
                "X-Talaria-Key",
            ),
        }
    }
}

fn known_secret(secrets: &[Secret], headers: &HeaderMap) -> Result<Caller, CallerFault> {
    let mut values = headers.get_all(KEY_HEADER);
    let (Some(sent), None) = (values.next(), values.next()) else {
        return Err(CallerFault::NoSecret);
    };
    // Every secret is compared, and each in constant time, so that the time taken tells nothing.
    let mut known = None;
    for (place, secret) in secrets.iter().enumerate() {
        let is_equal: bool = sent.as_bytes().ct_eq(secret.expose().as_bytes()).into();
        if is_equal {
            known = Some(Caller(place));
        }
    }
    known.ok_or(CallerFault::WrongSecret)
}

fn place_of(account: &str, accounts: &[String]) -> Result<Caller, PushRefusal> {
    let place = accounts.iter().position(|known| known == account);
    place.map(Caller).ok_or(PushRefusal::Refused)
}
