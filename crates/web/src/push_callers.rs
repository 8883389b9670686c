//! How pushes prove who sent them: what is set about it, and the check that a service is handed. Without a check
//! a service takes pushes on loopback alone, unless its network is named trusted.

use std::net::SocketAddr;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::{Hosts, Problem, TRUSTED_NETWORK_WAY, warn_of_trusted_network};

#[cfg(test)]
mod tests;

/// How pushes prove who sent them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PushCallers {
    /// Which check a push must pass.
    pub mode: PushCallersMode,
    /// For whom a push's token may be made out, compared exactly. Where a subscription names no audience, Pub/Sub takes
    /// its push endpoint with the path. A list, or one text with commas.
    #[serde(deserialize_with = "crate::texts::deserialize")]
    pub audience: Vec<String>,
    /// The e-mail addresses of the service accounts that subscriptions push as. A list, or one text with commas.
    #[serde(deserialize_with = "crate::texts::deserialize")]
    pub service_account: Vec<String>,
}

/// Which check a push must pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", try_from = "String")]
pub enum PushCallersMode {
    /// None; allowed on loopback alone.
    None,
    /// Everything: the signature of the push's Google identity token, its issuer, audience, times, service account, and
    /// that its e-mail address is verified.
    Verify,
    /// The token's claims alone: issuer, audience, times, service account, verified e-mail address. For Cloud Run
    /// services that require authentication: there the platform has checked the signature and taken it off. Anywhere else
    /// this would let in whoever can write such claims.
    CloudRunIam,
    /// None: whatever reaches the address is let in, because what stands in front admits only known callers, as a
    /// composition's own network or a private network does. For the emulators, which send no token; on Google Cloud `verify`
    /// or `cloud-run-iam` belong here. Never for an address that the internet reaches.
    TrustedNetwork,
}

impl PushCallersMode {
    fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Verify => "verify",
            Self::CloudRunIam => "cloud-run-iam",
            Self::TrustedNetwork => "trusted-network",
        }
    }
}

/// By hand, because an operator who misspells a mode should read which there are.
impl TryFrom<String> for PushCallersMode {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let modes = [
            Self::None,
            Self::Verify,
            Self::CloudRunIam,
            Self::TrustedNetwork,
        ];
        modes
            .into_iter()
            .find(|mode| mode.name() == text)
            .ok_or_else(|| {
                format!("{text:?} is no mode: use none, verify, cloud-run-iam or trusted-network")
            })
    }
}

impl Default for PushCallers {
    fn default() -> Self {
        Self {
            mode: PushCallersMode::None,
            audience: Vec::new(),
            service_account: Vec::new(),
        }
    }
}

/// What a push says of its sender. Not printable, because it holds a token.
#[derive(Clone, Copy, Default)]
pub struct PushCredentials<'a> {
    /// The value of the header `Authorization`, if there is exactly one and it is text.
    pub authorization: Option<&'a str>,
    /// Whether `X-Serverless-Authorization` was sent. Cloud Run then checks that header and leaves `Authorization` as the
    /// caller wrote it.
    pub has_serverless_authorization: bool,
}

impl<'a> PushCredentials<'a> {
    /// What a request's head says.
    pub fn of(headers: &'a HeaderMap) -> Self {
        let mut values = headers.get_all(AUTHORIZATION);
        let authorization = match (values.next(), values.next()) {
            (Some(value), None) => value.to_str().ok(),
            _ => None,
        };
        Self {
            authorization,
            has_serverless_authorization: headers.contains_key("x-serverless-authorization"),
        }
    }
}

/// Tells pushes of the bus from those of strangers. Asked before a push's body is read.
#[async_trait]
pub trait PushVerifier: Send + Sync {
    /// `Ok` if the push may be taken. Says in the log, without the token, which check failed and what to do; of many that
    /// fail alike, once in a while.
    async fn verify(&self, credentials: PushCredentials<'_>) -> Result<(), PushRefusal>;
}

/// Why a push is not taken. Either way the bus keeps the message and sends it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PushRefusal {
    /// The push doesn't prove what it should. Answered 401, whatever was wrong: the sender learns no more.
    #[error("pushes to this address must prove who sent them")]
    Refused,
    /// Nobody can tell now. Answered 503.
    #[error("the sender can't be checked now; send it again")]
    Unavailable,
}

impl From<PushRefusal> for Problem {
    fn from(refusal: PushRefusal) -> Self {
        match refusal {
            PushRefusal::Refused => Self::new(StatusCode::UNAUTHORIZED, refusal.to_string()),
            PushRefusal::Unavailable => {
                Self::unavailable(refusal.to_string(), std::time::Duration::from_secs(1))
            }
        }
    }
}

/// Why a service must not take pushes with these settings. The text is for its operator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PushCallersError {
    /// There is no check, and others can reach the address.
    #[error(
        "the {service}'s push_callers.mode is none and it would listen on {address}, which others can reach: listen on \
         127.0.0.1, or set push_callers.mode to verify or cloud-run-iam where Google's Pub/Sub pushes, or for its emulator, \
         which sends no token, to {TRUSTED_NETWORK_WAY}"
    )]
    Reachable {
        /// The service.
        service: &'static str,
        /// Where it would listen.
        address: SocketAddr,
    },
    /// The check has nothing to compare with.
    #[error("the {service}'s push_callers.mode is {mode}, which needs {missing}")]
    Missing {
        /// The service.
        service: &'static str,
        /// The mode that was set.
        mode: &'static str,
        /// The settings that are empty, and what belongs there.
        missing: String,
    },
    /// The service was handed nothing that could check.
    #[error(
        "the {service}'s push_callers.mode is {mode}, and `talaria up` can't check Google's tokens: run the {service} by \
         itself, or set push_callers.mode to none and listen on 127.0.0.1"
    )]
    NoVerifier {
        /// The service.
        service: &'static str,
        /// The mode that was set.
        mode: &'static str,
    },
}

impl PushCallers {
    /// The check that pushes to `service` must pass, which listens on `address`. `handed` checks Google's tokens, where
    /// the service was given something that can.
    pub fn verifier(
        &self,
        service: &'static str,
        address: SocketAddr,
        handed: Option<Arc<dyn PushVerifier>>,
    ) -> Result<Arc<dyn PushVerifier>, PushCallersError> {
        let mode = self.mode.name();
        match self.mode {
            PushCallersMode::None if !address.ip().is_loopback() => {
                return Err(PushCallersError::Reachable { service, address });
            }
            PushCallersMode::None | PushCallersMode::TrustedNetwork => {
                return Ok(Arc::new(Anybody));
            }
            PushCallersMode::Verify | PushCallersMode::CloudRunIam => {}
        }
        let missing = self.missing();
        if !missing.is_empty() {
            let missing = missing.join(", and ");
            return Err(PushCallersError::Missing {
                service,
                mode,
                missing,
            });
        }
        handed.ok_or(PushCallersError::NoVerifier { service, mode })
    }

    /// Writes down that `service` takes whatever pushes reach `address`, if so.
    pub fn warn_if_trusted(&self, service: &str, address: SocketAddr) {
        if self.mode == PushCallersMode::TrustedNetwork {
            warn_of_trusted_network(&format!("the {service}'s push_callers.mode"), address);
        }
    }

    /// Under which names a service that takes pushes answers. Who proves nothing could be another site's page.
    pub fn hosts(&self) -> Hosts {
        match self.mode {
            PushCallersMode::None => Hosts::LoopbackNames,
            PushCallersMode::Verify
            | PushCallersMode::CloudRunIam
            | PushCallersMode::TrustedNetwork => Hosts::Any,
        }
    }

    fn missing(&self) -> Vec<&'static str> {
        let needed = [
            (
                &self.audience,
                "push_callers.audience (the subscription's audience; where it names none, its push endpoint with the path)",
            ),
            (
                &self.service_account,
                "push_callers.service_account (the e-mail address of the account that the subscription pushes as)",
            ),
        ];
        needed
            .into_iter()
            .filter(|(values, _)| values.is_empty())
            .map(|(_, what)| what)
            .collect()
    }
}

/// Takes every push that comes through.
struct Anybody;

#[async_trait]
impl PushVerifier for Anybody {
    async fn verify(&self, _credentials: PushCredentials<'_>) -> Result<(), PushRefusal> {
        Ok(())
    }
}
