//! The check of pushes that a service which runs by itself is handed.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use events::Clock;
use reqwest::redirect::Policy;
use web::settings::Faults;
use web::{PushCallers, PushVerifier};

use crate::push_tokens::GooglePushTokens;

/// The check that `callers` names, for a service that listens on `address`; nothing for the mode `none`.
pub fn push_verifier(
    callers: &PushCallers,
    service: &'static str,
    address: SocketAddr,
    clock: &Arc<dyn Clock>,
) -> Result<Option<Arc<dyn PushVerifier>>, Faults> {
    let client = keys_client()?;
    let verifier = GooglePushTokens::from_settings(callers, client, Arc::clone(clock))
        .map(|tokens| Arc::new(tokens) as Arc<dyn PushVerifier>);
    callers
        .verifier(service, address, verifier.clone())
        .map_err(Faults::of)?;
    Ok(verifier)
}

/// What Google's keys are fetched with.
pub(super) fn keys_client() -> Result<reqwest::Client, Faults> {
    reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(3))
        .redirect(Policy::none())
        .build()
        .map_err(|error| {
            Faults::of(format!(
                "no client for Google's keys can be made ({error}): check the machine's certificates and proxy variables"
            ))
        })
}
