//! The check of callers' tokens that a service which runs by itself is handed.

use std::sync::Arc;

use events::Clock;
use web::TokenVerifier;
use web::settings::Faults;

use super::push::keys_client;
use crate::caller_tokens::GoogleCallerTokens;
use crate::push_tokens::{GOOGLE_KEYS_URL, GoogleKeys, TokenProof};

/// Who vouches for the claims of callers' tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenVoucher<'a> {
    /// Google's signature, checked with the keys at this address; nothing takes Google's own.
    Signature(Option<&'a str>),
    /// Cloud Run's IAM check, which takes the signature off.
    CloudRunIam,
}

/// A check of tokens for one of `audiences` and of one of `service_accounts`.
pub fn token_verifier(
    voucher: TokenVoucher<'_>,
    audiences: &[String],
    service_accounts: &[String],
    clock: &Arc<dyn Clock>,
) -> Result<Arc<dyn TokenVerifier>, Faults> {
    let proof = match voucher {
        TokenVoucher::CloudRunIam => TokenProof::CloudRunIam,
        TokenVoucher::Signature(url) => {
            let url = keys_url(url)?;
            TokenProof::Signature(GoogleKeys::new(url, keys_client()?, Arc::clone(clock)))
        }
    };
    let (audiences, accounts) = (audiences.to_vec(), service_accounts.to_vec());
    let tokens = GoogleCallerTokens::new(proof, audiences, accounts, Arc::clone(clock));
    Ok(Arc::new(tokens))
}

/// Whoever can change what comes over plain HTTP could put a key of his own there.
pub(super) fn keys_url(named: Option<&str>) -> Result<&str, Faults> {
    let url = named.unwrap_or(GOOGLE_KEYS_URL);
    let is_safe = reqwest::Url::parse(url).is_ok_and(|url| match url.scheme() {
        "https" => true,
        "http" => matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]")),
        _ => false,
    });
    match is_safe {
        true => Ok(url),
        false => Err(Faults::of(format!(
            "google_keys_url is {url:?}, and must begin with https://, because whoever changes the keys on their way lets \
             himself in; leave it out to take Google's own"
        ))),
    }
}
