//! The check of pushes that a service which runs by itself is handed.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use events::Clock;
use reqwest::redirect::Policy;
use web::settings::Faults;
use web::{PushCallers, PushCallersMode, PushVerifier};

use super::UsualVariables;
use super::callers::keys_url;
use crate::push_tokens::GooglePushTokens;

/// What is known of a service that takes pushes.
pub struct PushCheck<'a> {
    /// Its name.
    pub service: &'static str,
    /// Where it listens.
    pub address: SocketAddr,
    /// How its pushes prove who sent them.
    pub callers: &'a PushCallers,
    /// Where Google's public keys come from; nothing takes Google's own address.
    pub google_keys_url: Option<&'a str>,
    /// What the platform says.
    pub usual: &'a UsualVariables,
}

/// The check of its pushes; nothing for the modes that ask nobody.
pub fn push_verifier(
    check: &PushCheck<'_>,
    clock: &Arc<dyn Clock>,
) -> Result<Option<Arc<dyn PushVerifier>>, Faults> {
    let (client, keys_url) = (keys_client()?, keys_url(check.google_keys_url)?);
    let callers = check.callers;
    let verifier = GooglePushTokens::from_settings(callers, keys_url, client, Arc::clone(clock))
        .map(|tokens| Arc::new(tokens) as Arc<dyn PushVerifier>);
    let complete = callers
        .verifier(check.service, check.address, verifier.clone())
        .map_err(Faults::of);
    let vouched = match callers.mode {
        PushCallersMode::CloudRunIam => {
            let usual = check.usual;
            usual.check_cloud_run_vouches("push_callers.mode", "verify", check.address)
        }
        _ => Ok(()),
    };
    Faults::join(complete, vouched).map(|_| verifier)
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
