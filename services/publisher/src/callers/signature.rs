//! Requests signed as Standard Webhooks has it: HMAC-SHA256 over `id.timestamp.body`.
//!
//! The id is no more than a part of what is signed: a request that comes again within the tolerance is harmless, because its
//! event has the same id.

use std::fmt;
use std::time::Duration;

use actix_web::http::header::HeaderMap;
use aws_lc_rs::hmac::{self, HMAC_SHA256};
use base64::Engine;
use base64::alphabet;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use events::Timestamp;
use subtle::ConstantTimeEq;

use super::CallerFault;
use crate::settings::Secret;

const KEY_PREFIX: &str = "whsec_";
const SHORTEST_KEY: usize = 24;
/// Between the signer's clock and this one.
const TOLERANCE: Duration = Duration::from_secs(5 * 60);
/// Of one request. Two are sent while a key is changed.
const MOST_SIGNATURES: usize = 8;
const LONGEST_ID: usize = 256;
/// Digits of a timestamp, for some thousand years.
const LONGEST_TIMESTAMP: usize = 12;
/// How `openssl rand -base64` and key files of server containers write keys.
const KEY_BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A key that requests are signed with. Never shown.
pub struct SigningKey(hmac::Key);

/// The text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no key of at least {SHORTEST_KEY} bytes in base64, with or without whsec_ before it: use openssl rand -base64 32"
)]
pub struct SigningKeyError;

impl SigningKey {
    /// Reads `whsec_` and base64, or the base64 alone, as a server container's key file has it.
    pub fn read(secret: &Secret) -> Result<Self, SigningKeyError> {
        let text = secret.expose();
        let text = text.strip_prefix(KEY_PREFIX).unwrap_or(text);
        let bytes = KEY_BASE64.decode(text).map_err(|_| SigningKeyError)?;
        if bytes.len() < SHORTEST_KEY {
            return Err(SigningKeyError);
        }
        Ok(Self(hmac::Key::new(HMAC_SHA256, &bytes)))
    }

    /// What goes into `webhook-signature`: `v1,` and base64.
    pub fn sign(&self, id: &str, timestamp: &str, body: &[u8]) -> String {
        format!("v1,{}", STANDARD.encode(self.tag(id, timestamp, body)))
    }

    fn tag(&self, id: &str, timestamp: &str, body: &[u8]) -> hmac::Tag {
        let mut signing = hmac::Context::with_key(&self.0);
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
            signing.update(part);
        }
        signing.sign()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SigningKey(…)")
    }
}

/// The headers of a request that may be signed well.
#[derive(Debug)]
pub struct SignedHead<'a> {
    id: &'a str,
    timestamp: &'a str,
    signatures: &'a str,
}

impl<'a> SignedHead<'a> {
    /// Refuses what no body could make good.
    pub(super) fn read(headers: &'a HeaderMap, now: Timestamp) -> Result<Self, CallerFault> {
        let only = |name: &str| {
            let mut values = headers.get_all(name);
            match (values.next(), values.next()) {
                (Some(value), None) => value.to_str().map_err(|_| CallerFault::MalformedSignature),
                _ => Err(CallerFault::Unsigned),
            }
        };
        let head = Self {
            id: only("webhook-id")?,
            timestamp: only("webhook-timestamp")?,
            signatures: only("webhook-signature")?,
        };
        let parts = head.signatures.split(' ').count();
        let is_sound = (1..=LONGEST_ID).contains(&head.id.len())
            // It would be unclear where the id ends: a part of a signed body could pass for the time.
            && !head.id.contains('.')
            && parts <= MOST_SIGNATURES
            && head.tags().next().is_some();
        if !is_sound {
            return Err(CallerFault::MalformedSignature);
        }
        let signed = head.signed_at().ok_or(CallerFault::MalformedSignature)?;
        match signed.since(now).max(now.since(signed)) <= TOLERANCE {
            true => Ok(head),
            false => Err(CallerFault::Untimely),
        }
    }

    fn signed_at(&self) -> Option<Timestamp> {
        let is_number = self.timestamp.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number || self.timestamp.len() > LONGEST_TIMESTAMP {
            return None;
        }
        let seconds: i64 = self.timestamp.parse().ok()?;
        Some(Timestamp::from_millis(seconds * 1000))
    }

    /// The signatures of the version that is known here.
    fn tags(&self) -> impl Iterator<Item = [u8; 32]> {
        let parts = self.signatures.split(' ');
        parts.filter_map(|part| {
            let mut tag = [0; 32];
            let written = part.strip_prefix("v1,")?;
            let length = STANDARD.decode_slice(written, &mut tag).ok()?;
            (length == tag.len()).then_some(tag)
        })
    }

    /// The place of the key that the body was signed with. Every key is tried and every signature compared, each in constant
    /// time, so that the time taken tells nothing.
    pub(super) fn signer(&self, keys: &[SigningKey], body: &[u8]) -> Option<usize> {
        let mut signer = None;
        for (place, key) in keys.iter().enumerate() {
            let right = key.tag(self.id, self.timestamp, body);
            let is_right = self.tags().fold(subtle::Choice::from(0), |known, tag| {
                known | tag.ct_eq(right.as_ref())
            });
            if is_right.into() {
                signer = Some(place);
            }
        }
        signer
    }
}
