//! The check of callers that the settings name, or why there must be none.

use std::net::SocketAddr;
use std::sync::Arc;

use ::web::{TRUSTED_NETWORK_WAY, TokenVerifier};

use super::{CallerCheck, SigningKey, SigningKeyError, Way};
use crate::settings::{Callers, PublisherSettings, Secret};

const SHORTEST_SECRET: usize = 16;

/// Why the publisher refuses to start with these callers.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallerSetupError {
    /// The address can be reached from elsewhere and callers prove nothing.
    #[error(
        "publisher.callers is none and the publisher would listen on {0}, which others can reach: set \
         publisher.callers to google-id-token, hmac or shared-secret (and what config/local.yaml says of it), listen on \
         127.0.0.1, or set publisher.callers to {TRUSTED_NETWORK_WAY}"
    )]
    OpenToOthers(SocketAddr),
    /// `shared-secret` without one.
    #[error(
        "publisher.callers is shared-secret and there is none: set TALARIA_PUBLISHER__SHARED_SECRET, for example to \
         the output of openssl rand -hex 32"
    )]
    NoSecret,
    /// A secret that could be guessed.
    #[error(
        "publisher.shared_secret has fewer than {SHORTEST_SECRET} characters: use openssl rand -hex 32"
    )]
    WeakSecret,
    /// `hmac` without a key.
    #[error(
        "publisher.callers is hmac and there is no key: set TALARIA_PUBLISHER__HMAC_KEY to the key in the tag's key file, for \
         example the output of openssl rand -base64 32"
    )]
    NoKey,
    /// Something that is no key.
    #[error("publisher.{setting} is {fault}")]
    BadKey {
        /// The setting.
        setting: &'static str,
        /// What it is, and what would be right.
        fault: SigningKeyError,
    },
    /// A check of tokens that has nothing to compare with.
    #[error("publisher.callers is {mode}, which needs {missing}")]
    Incomplete {
        /// The mode that was set.
        mode: &'static str,
        /// The settings that are empty, and what belongs there.
        missing: String,
    },
    /// The publisher was handed nothing that could check tokens.
    #[error(
        "publisher.callers is {mode}, and `talaria up` can't check Google's tokens: run the publisher by itself, or set \
         publisher.callers to hmac or shared-secret"
    )]
    NoVerifier {
        /// The mode that was set.
        mode: &'static str,
    },
}

impl CallerCheck {
    /// The check that the settings name, for a publisher that listens on `address`. `handed` checks Google's tokens, where
    /// the publisher was given something that can.
    pub fn from_settings(
        settings: &PublisherSettings,
        address: SocketAddr,
        handed: Option<Arc<dyn TokenVerifier>>,
    ) -> Result<Self, CallerSetupError> {
        let way = match settings.callers {
            Callers::None if address.ip().is_loopback() => Way::Anybody,
            Callers::None => return Err(CallerSetupError::OpenToOthers(address)),
            Callers::TrustedNetwork => Way::TrustedNetwork,
            Callers::SharedSecret => Way::SharedSecret(secrets(settings)?),
            Callers::Hmac => Way::Hmac(keys(settings)?),
            Callers::GoogleIdToken | Callers::CloudRunIam => tokens(settings, handed)?,
        };
        Ok(Self::new(way))
    }
}

/// The settings that say something and that `callers` makes mean nothing. Whoever wrote them may think that they protect.
pub(crate) fn unused(settings: &PublisherSettings) -> Vec<&'static str> {
    let (callers, id_token) = (settings.callers, &settings.id_token);
    let by_secret = callers == Callers::SharedSecret;
    let by_signature = callers == Callers::Hmac;
    let by_token = matches!(callers, Callers::GoogleIdToken | Callers::CloudRunIam);
    let settings = [
        ("shared_secret", settings.shared_secret.is_some(), by_secret),
        (
            "shared_secret_previous",
            settings.shared_secret_previous.is_some(),
            by_secret,
        ),
        ("hmac_key", settings.hmac_key.is_some(), by_signature),
        (
            "hmac_key_previous",
            settings.hmac_key_previous.is_some(),
            by_signature,
        ),
        ("id_token.audience", !id_token.audience.is_empty(), by_token),
        (
            "id_token.service_account",
            !id_token.service_account.is_empty(),
            by_token,
        ),
    ];
    let idle = settings
        .into_iter()
        .filter(|(_, is_set, is_used)| *is_set && !is_used);
    idle.map(|(name, ..)| name).collect()
}

fn secrets(settings: &PublisherSettings) -> Result<Vec<Secret>, CallerSetupError> {
    let current = settings.shared_secret.clone();
    let current = current.ok_or(CallerSetupError::NoSecret)?;
    let secrets: Vec<Secret> = std::iter::once(current)
        .chain(settings.shared_secret_previous.clone())
        .collect();
    let is_weak = |secret: &Secret| secret.expose().len() < SHORTEST_SECRET;
    match secrets.iter().any(is_weak) {
        true => Err(CallerSetupError::WeakSecret),
        false => Ok(secrets),
    }
}

fn keys(settings: &PublisherSettings) -> Result<Vec<SigningKey>, CallerSetupError> {
    let current = settings.hmac_key.as_ref().ok_or(CallerSetupError::NoKey)?;
    let previous = settings.hmac_key_previous.as_ref();
    let read = |setting, secret| {
        SigningKey::read(secret).map_err(|fault| CallerSetupError::BadKey { setting, fault })
    };
    let mut keys = vec![read("hmac_key", current)?];
    if let Some(previous) = previous {
        keys.push(read("hmac_key_previous", previous)?);
    }
    Ok(keys)
}

fn tokens(
    settings: &PublisherSettings,
    handed: Option<Arc<dyn TokenVerifier>>,
) -> Result<Way, CallerSetupError> {
    let (mode, id_token) = (settings.callers.name(), &settings.id_token);
    let needed = [
        (
            &id_token.audience,
            "publisher.id_token.audience (the tag's audience: the publisher's address without a path)",
        ),
        (
            &id_token.service_account,
            "publisher.id_token.service_account (the e-mail address of the tag's service account)",
        ),
    ];
    let missing: Vec<&str> = needed
        .into_iter()
        .filter(|(values, _)| values.is_empty())
        .map(|(_, what)| what)
        .collect();
    if !missing.is_empty() {
        let missing = missing.join(", and ");
        return Err(CallerSetupError::Incomplete { mode, missing });
    }
    let verifier = handed.ok_or(CallerSetupError::NoVerifier { mode })?;
    Ok(Way::Token {
        verifier,
        accounts: id_token.service_account.clone(),
    })
}
