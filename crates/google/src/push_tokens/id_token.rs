//! A Google identity token taken apart, and what its claims must be whoever asks.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use events::Timestamp;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

/// Google's have a thousand.
const MAX_TOKEN_BYTES: usize = 8 << 10;
/// What stands in place of the signature once Cloud Run has checked it.
const SIGNATURE_REMOVED: &str = "SIGNATURE_REMOVED_BY_GOOGLE";
/// Google writes the first; its documents allow both.
const ISSUERS: [&str; 2] = ["https://accounts.google.com", "accounts.google.com"];
/// Clocks differ.
const LEEWAY: Duration = Duration::from_secs(30);

/// What a Google identity token says. Whoever has one knows who vouches for it: its signature or the platform.
#[derive(Deserialize)]
pub struct IdToken {
    /// Who made it out.
    #[serde(rename = "iss")]
    pub issuer: String,
    /// Whom it is made out for.
    #[serde(rename = "aud")]
    pub audience: String,
    /// Whose it is. Tokens of service accounts have one only if it was asked for.
    pub email: Option<String>,
    /// Whether Google knows that the address is his.
    pub email_verified: Option<bool>,
    /// When it ends: seconds since the epoch.
    #[serde(rename = "exp")]
    pub expires_s: i64,
    /// When it was made out: seconds since the epoch.
    #[serde(rename = "iat")]
    pub issued_s: Option<i64>,
    /// Before when it is worth nothing: seconds since the epoch.
    #[serde(rename = "nbf")]
    pub not_before_s: Option<i64>,
}

/// What became of a token's check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The token is worth nothing here.
    #[error(transparent)]
    Refused(#[from] TokenFault),
    /// Nobody can tell: there are no keys to check it with.
    #[error("Google's keys could not be fetched: let the service reach www.googleapis.com")]
    KeysUnavailable,
}

/// What is wrong with a token, and what an operator can do. Nothing of the token is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// There is none.
    #[error(
        "it has no Authorization header with one bearer token; if it is Pub/Sub's, give the subscription a service account"
    )]
    NoToken,
    /// It can't be read, or a claim is missing or of the wrong kind.
    #[error("its token is no Google identity token")]
    Malformed,
    /// It isn't signed as Google signs.
    #[error("its token is not signed with RS256 and a named key, as Google's are")]
    Algorithm,
    /// Nobody at Google has the key.
    #[error("its token is signed with none of Google's current keys")]
    UnknownKey,
    /// The signature is of another text or another key.
    #[error("the signature of its token is wrong")]
    Signature,
    /// There is no signature to check.
    #[error(
        "Cloud Run has checked its token and taken the signature off: set push_callers.mode to cloud-run-iam"
    )]
    SignatureRemoved,
    /// Nobody has checked the signature.
    #[error(
        "its token still has its signature, so Cloud Run has not checked it: require authentication on the Cloud Run \
         service, or set push_callers.mode to verify"
    )]
    SignatureLeft,
    /// The platform has checked another header.
    #[error(
        "it has the header X-Serverless-Authorization, which Cloud Run checks instead of Authorization; Pub/Sub never \
         sends it"
    )]
    NotChecked,
    /// Not Google's.
    #[error("its token was not made out by https://accounts.google.com")]
    Issuer,
    /// Too late.
    #[error("its token has ended; if it is Pub/Sub's, look at this machine's clock")]
    Expired,
    /// Too early.
    #[error("its token is made out for later; if it is Pub/Sub's, look at this machine's clock")]
    NotYetValid,
    /// For somebody else.
    #[error(
        "its token is made out for an audience that push_callers.audience doesn't name; if it is Pub/Sub's, put the \
         subscription's audience there, or where it has none its push endpoint with the path"
    )]
    Audience,
    /// Of nobody who is known.
    #[error("its token has no verified e-mail address")]
    Email,
    /// Of somebody else.
    #[error(
        "its token is of an account that push_callers.service_account doesn't name; if it is Pub/Sub's, put the \
         subscription's service account there"
    )]
    ServiceAccount,
}

impl TokenFault {
    /// Which check it was, for searching logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoToken => "token",
            Self::Malformed => "form",
            Self::Algorithm => "algorithm",
            Self::UnknownKey => "key",
            Self::Signature | Self::SignatureRemoved => "signature",
            Self::SignatureLeft | Self::NotChecked => "platform",
            Self::Issuer => "issuer",
            Self::Expired | Self::NotYetValid => "time",
            Self::Audience => "audience",
            Self::Email => "email",
            Self::ServiceAccount => "service-account",
        }
    }
}

impl IdToken {
    /// Reads a token whose signature the platform has checked and taken off. One that still has it was not checked.
    pub fn without_signature(token: &str) -> Result<Self, TokenFault> {
        let parts = Parts::of(token)?;
        match parts.signature {
            SIGNATURE_REMOVED => parts.claims(),
            _ => Err(TokenFault::SignatureLeft),
        }
    }

    /// Whether Google made it out, and `now` is within its life, give or take thirty seconds.
    pub fn check_issuer_and_times(&self, now: Timestamp) -> Result<(), TokenFault> {
        if !ISSUERS.contains(&self.issuer.as_str()) {
            return Err(TokenFault::Issuer);
        }
        if now >= self.ends() {
            return Err(TokenFault::Expired);
        }
        let begins = [self.issued_s, self.not_before_s];
        let early = |begin: i64| seconds(begin) > now.plus(LEEWAY);
        match begins.into_iter().flatten().any(early) {
            true => Err(TokenFault::NotYetValid),
            false => Ok(()),
        }
    }

    /// From when on it is worth nothing, thirty seconds after what it says.
    pub fn ends(&self) -> Timestamp {
        seconds(self.expires_s).plus(LEEWAY)
    }

    /// The address that Google vouches for.
    pub fn verified_email(&self) -> Option<&str> {
        self.email
            .as_deref()
            .filter(|_| self.email_verified == Some(true))
    }
}

fn seconds(since_epoch: i64) -> Timestamp {
    Timestamp::from_millis(since_epoch.saturating_mul(1000))
}

#[derive(Deserialize)]
pub(super) struct Header {
    alg: String,
    kid: Option<String>,
    /// Extensions that must be understood; none is.
    crit: Option<IgnoredAny>,
}

/// The three parts of a token. Nothing of it is proven.
pub(super) struct Parts<'a> {
    header: Header,
    payload: &'a str,
    /// What the signature is of.
    pub signed: &'a str,
    /// The signature, in base64.
    pub signature: &'a str,
}

impl<'a> Parts<'a> {
    pub(super) fn of(token: &'a str) -> Result<Self, TokenFault> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenFault::Malformed);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenFault::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(TokenFault::Malformed)?;
        let header: Header = decode(header)?;
        if payload.contains('.') || header.crit.is_some() {
            return Err(TokenFault::Malformed);
        }
        Ok(Self {
            header,
            payload,
            signed,
            signature,
        })
    }

    /// The name of the RS256 key that it says it is signed with.
    pub(super) fn key_id(&self) -> Result<&str, TokenFault> {
        if self.signature == SIGNATURE_REMOVED {
            return Err(TokenFault::SignatureRemoved);
        }
        match (self.header.alg.as_str(), &self.header.kid) {
            ("RS256", Some(key_id)) => Ok(key_id),
            _ => Err(TokenFault::Algorithm),
        }
    }

    pub(super) fn claims(&self) -> Result<IdToken, TokenFault> {
        decode(self.payload)
    }
}

fn decode<T: DeserializeOwned>(part: &str) -> Result<T, TokenFault> {
    let bytes = URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| TokenFault::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| TokenFault::Malformed)
}
