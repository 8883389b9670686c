//! Where Google's clients connect to, and as whom.

use google_cloud_auth::credentials::{Builder as DefaultCredentials, Credentials, anonymous};

use super::{ConnectError, PubSubSettings};

/// What every client of Google's is built with. Shared, so that all use one cached token.
#[derive(Clone)]
pub(super) struct Access {
    /// `None` is Google's usual address.
    pub endpoint: Option<String>,
    pub credentials: Credentials,
    pub is_emulator: bool,
}

impl Access {
    /// To the emulator as nobody; else with the credentials of the environment that the process runs in.
    pub(super) fn new(settings: &PubSubSettings) -> Result<Self, ConnectError> {
        if let Some(host) = &settings.emulator_host {
            return Ok(Self {
                endpoint: Some(format!("http://{host}")),
                credentials: anonymous::Builder::new().build(),
                is_emulator: true,
            });
        }
        let credentials =
            DefaultCredentials::default()
                .build()
                .map_err(|error| ConnectError::Credentials {
                    reason: error.to_string(),
                })?;
        Ok(Self {
            endpoint: settings.endpoint.clone(),
            credentials,
            is_emulator: false,
        })
    }
}
